/* What the files of the order ladder share; nobody else includes this. */
#pragma once

#include "interop/order.h"
#include "interop/timeout.h"

/* order_semaphore.c */
bool hipfx_order_binary_create(struct hipfx_order_state *state,
                               struct hipfx_order_semaphore *semaphore, bool hip,
                               struct hipfx_why *why);
bool hipfx_order_timeline_create(struct hipfx_order_state *state, bool gl, struct hipfx_why *why);
void hipfx_order_semaphore_destroy(struct hipfx_order_state *state,
                                   struct hipfx_order_semaphore *semaphore);

/* HIP's end: the stream waits for, or signals, an imported semaphore. A binary one ignores `value`.
 */
bool hipfx_order_hip_wait(struct hipfx_order_state *state, hipExternalSemaphore_t semaphore,
                          uint64_t value, struct hipfx_why *why);
bool hipfx_order_hip_signal(struct hipfx_order_state *state, hipExternalSemaphore_t semaphore,
                            uint64_t value, struct hipfx_why *why);

/* order_watch.c: looks from now on until `stop` whether HIP's device is lost; false with the reason
 * if no thread could be started. The stream must outlive it. */
bool hipfx_order_watch_start(struct hipfx_order_state *state, struct hipfx_why *why);
/* False if HIP is being asked about the stream and does not answer in time, now or when it was
 * tried before: the stream is in use, and is watched as before. */
bool hipfx_order_watch_stop(struct hipfx_order_state *state);
/* HIP was told to signal: the timeline's `value`, or a binary semaphore. */
void hipfx_order_watch_told(struct hipfx_order_state *state, uint64_t value);

/* order_relay.c */
bool hipfx_order_relay_create(struct hipfx_order_state *state, struct hipfx_why *why);
bool hipfx_order_relay_to_hip(struct hipfx_order_state *state, struct hipfx_why *why);
bool hipfx_order_relay_to_gl(struct hipfx_order_state *state, struct hipfx_why *why);

/* Waits on the host until the timeline has reached its last enqueued value. */
bool hipfx_order_wait_timeline(struct hipfx_order_state *state, struct hipfx_why *why);
