/* Inside of the `cpu` provider: what its files give each other.
 *
 * HIP's functions are carried out here by threads of this process.
 *  - A stream is a queue with one thread that runs its operations in order (cpu_stream.c).
 *  - Kernels, copies and fills are split into rows and shared out to one pool of threads, of the
 *    size of the cores that the process may use (cpu_pool.c). The stream's thread takes part.
 *  - Device memory is host memory, and a device pointer is a host pointer (cpu_memory.c).
 *  - An event is a place in a stream's queue (cpu_event.c).
 *  - A module is a struct hipfx_cpu_image (cpu_module.c).
 *
 * Where a caller could see a difference from HIP on a GPU:
 *  - A kernel is launched over rows (cpu_image.h): gridDim.z and blockDim.z must be 1, `extra` is
 *    refused, and dynamic shared memory is accepted and not given.
 *  - hipImportExternalMemory refuses with hipErrorNotSupported. The one kind of handle that HIP has
 *    on Linux, the opaque fd, has a meaning only to the driver that exported it (lavapipe's begins
 *    with a header of its own). Map host-visible memory with vkMapMemory and give it to
 *    hipHostRegister: then kernels work in the very bytes that Vulkan sees.
 *  - hipDeviceGetUuid gives a constant that names the provider. It is no device's UUID in Vulkan.
 *  - hipDeviceGetPCIBusId and the PCI attributes give hipErrorNotSupported: there is no address.
 *  - hipDeviceReset waits for all work, and leaves callers what they have.
 *  - Interprocess events, hipStreamPerThread, stream capture and priorities are not there.
 * As on a GPU: a host function must not call HIP, and one that blocks holds up its own stream only;
 * hipFree, hipHostFree, hipHostUnregister and hipStreamDestroy wait for the work before them; the
 * NULL stream waits for the streams made without hipStreamNonBlocking, and they wait for it. */
#pragma once

#include "interop/hip/cpu_image.h"
#include "interop/hip/hip.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/* hipError_t hipfx_cpu_hipMalloc(void **, size_t) and so on, with HIP's own signatures. */
#define HIPFX_CPU_DECLARE(f) __typeof__(f) hipfx_cpu_##f;
HIPFX_HIP_REQUIRED(HIPFX_CPU_DECLARE)
HIPFX_HIP_OPTIONAL(HIPFX_CPU_DECLARE)
#undef HIPFX_CPU_DECLARE

enum {
    HIPFX_CPU_MAX_BLOCK = 1024, /* threads of a block */
    HIPFX_CPU_MAX_SHARED_BYTES = 64 * 1024,
};

/* Cores that the process may use: its affinity mask, cut to its cgroup's quota. At least 1. */
int hipfx_cpu_core_count(void);

/* pthread_create's result. The thread takes no signals: they belong to the program's own threads.
 * `name` has at most 15 characters. */
int hipfx_cpu_thread_create(pthread_t *thread, const char *name, void *(*main)(void *), void *arg);

/* Starts the threads beside the stream's own; once. With fewer than asked for it goes on. */
void hipfx_cpu_pool_start(int core_count);

/* Threads that can work on one launch, the caller's included. */
int hipfx_cpu_pool_width(void);

/* Calls run(args, begin, end) for ranges that cover 0..count once, on several threads at once, the
 * caller's among them. Returns when all are done. Any thread; callers run side by side. */
void hipfx_cpu_pool_run(hipfx_cpu_kernel_fn run, const void *args, int count);

struct hipfx_cpu_op;

/* An operation whose `size` bytes of arguments start as zero; NULL if there is no memory for it.
 * `run` is called once with them, on the stream's thread, after all that was enqueued before. */
struct hipfx_cpu_op *hipfx_cpu_op_create(void (*run)(void *args), size_t size);
void *hipfx_cpu_op_args(struct hipfx_cpu_op *op);
void hipfx_cpu_op_destroy(struct hipfx_cpu_op *op); /* one that was not enqueued; may be NULL */

/* A place in a stream's queue. Holds a reference to the stream, which outlives hipStreamDestroy. */
struct hipfx_cpu_place {
    struct ihipStream_t *stream; /* NULL: no place, and nothing to wait for */
    uint64_t seq;                /* of the operation; reached once it has finished */
};

bool hipfx_cpu_place_reached(const struct hipfx_cpu_place *place);
void hipfx_cpu_place_wait(const struct hipfx_cpu_place *place);
struct hipfx_cpu_place hipfx_cpu_place_copy(const struct hipfx_cpu_place *place);
void hipfx_cpu_place_drop(struct hipfx_cpu_place *place);

/* Takes the operation over, whatever comes back. `place`, if given, gets the operation's place in
 * the queue; the caller drops it. */
hipError_t hipfx_cpu_enqueue(hipStream_t stream, struct hipfx_cpu_op *op,
                             struct hipfx_cpu_place *place);

/* Makes the stream's later operations wait for the place. */
hipError_t hipfx_cpu_enqueue_wait(hipStream_t stream, const struct hipfx_cpu_place *place);

/* Waits for all that was enqueued on any stream before the call. */
void hipfx_cpu_sync_all(void);

/* Where the event was last recorded, no stream if never. The caller drops it. */
hipError_t hipfx_cpu_event_place(hipEvent_t event, struct hipfx_cpu_place *place);
