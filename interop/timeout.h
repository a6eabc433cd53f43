/* How long the host waits before it gives up. */
#pragma once

#include <stdint.h>
#include <time.h>

/* A frame that takes longer than this is given up. Long beside any frame, short beside a user's
 * patience with a frozen program. Tests that wait for it to pass define a shorter one. */
#ifndef HIPFX_FRAME_TIMEOUT_NS
#define HIPFX_FRAME_TIMEOUT_NS UINT64_C(5000000000)
#endif

/* A device that takes longer to open than this hangs. Waking a GPU and compiling kernels for it
 * have been seen to take seconds. */
#ifndef HIPFX_OPEN_TIMEOUT_NS
#define HIPFX_OPEN_TIMEOUT_NS UINT64_C(30000000000)
#endif

/* When a wait that begins now is over, by the clock that nobody sets: CLOCK_MONOTONIC. */
static inline struct timespec hipfx_deadline(uint64_t timeout_ns)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const uint64_t nsec = (uint64_t)t.tv_nsec + timeout_ns;
    t.tv_sec += (time_t)(nsec / UINT64_C(1000000000));
    t.tv_nsec = (long)(nsec % UINT64_C(1000000000));
    return t;
}
