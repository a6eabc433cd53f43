/* Memory that HIP knows, and copies and fills in stream order. */
#define _GNU_SOURCE /* madvise */
#include "interop/hip/cpu.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As on a GPU. Pictures get huge pages: far fewer faults on first use, and fewer misses where a
 * kernel goes down a column. */
#define ALIGNMENT 256
#define HUGE_PAGE ((size_t)2 << 20)

/* Copies and fills are shared out in pieces of this size. Below it, waking a thread costs more than
 * it brings. */
#define PIECE_BYTES ((size_t)256 * 1024)

enum range_kind {
    RANGE_NONE = 0,
    RANGE_DEVICE,     /* hipMalloc */
    RANGE_HOST,       /* hipHostMalloc */
    RANGE_REGISTERED, /* hipHostRegister */
};

struct range {
    uintptr_t begin, end;
    enum range_kind kind;
};

/* Ranges do not overlap; a search for a range finds one that overlaps it. */
static struct {
    pthread_mutex_t lock;
    void *tree;
} ranges = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int compare_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    if (x->end <= y->begin)
        return -1;
    return x->begin >= y->end;
}

/* Takes the range up; hipErrorHostMemoryAlreadyRegistered if a part of it is known already. */
static hipError_t add_range(const void *begin, size_t size, enum range_kind kind)
{
    struct range *range = malloc(sizeof(*range));
    if (!range)
        return hipErrorOutOfMemory;
    *range = (struct range){(uintptr_t)begin, (uintptr_t)begin + size, kind};

    pthread_mutex_lock(&ranges.lock);
    struct range **node = tsearch(range, &ranges.tree, compare_ranges);
    pthread_mutex_unlock(&ranges.lock);
    if (node && *node == range)
        return hipSuccess;
    free(range);
    return node ? hipErrorHostMemoryAlreadyRegistered : hipErrorOutOfMemory;
}

/* The range that holds all of the bytes, RANGE_NONE if there is none. */
static struct range find_range(const void *begin, size_t size)
{
    struct range found = {0};
    const struct range key = {(uintptr_t)begin, (uintptr_t)begin + size, RANGE_NONE};
    if (size == 0 || key.end < key.begin)
        return found;
    pthread_mutex_lock(&ranges.lock);
    struct range **node = tfind(&key, &ranges.tree, compare_ranges);
    if (node && (*node)->begin <= key.begin && (*node)->end >= key.end)
        found = **node;
    pthread_mutex_unlock(&ranges.lock);
    return found;
}

/* Forgets the range of this kind that starts here; false if there is none. */
static bool remove_range(const void *begin, enum range_kind kind)
{
    const struct range key = {(uintptr_t)begin, (uintptr_t)begin + 1, kind};
    struct range *range = NULL;
    pthread_mutex_lock(&ranges.lock);
    struct range **node = tfind(&key, &ranges.tree, compare_ranges);
    if (node && (*node)->begin == key.begin && (*node)->kind == kind) {
        range = *node;
        tdelete(&key, &ranges.tree, compare_ranges);
    }
    pthread_mutex_unlock(&ranges.lock);
    free(range);
    return range != NULL;
}

static void *allocate_bytes(size_t size)
{
    void *memory = NULL;
    bool huge = size >= HUGE_PAGE;
    if (posix_memalign(&memory, huge ? HUGE_PAGE : ALIGNMENT, size) != 0)
        return NULL;
    if (huge)
        madvise(memory, size & ~(HUGE_PAGE - 1),
                MADV_HUGEPAGE); /* a wish: a refusal costs nothing */
    return memory;
}

static hipError_t allocate(void **ptr, size_t size, enum range_kind kind)
{
    *ptr = NULL;
    if (size == 0)
        return hipSuccess;
    void *memory = allocate_bytes(size);
    if (!memory)
        return hipErrorOutOfMemory;
    hipError_t err = add_range(memory, size, kind);
    if (err == hipSuccess)
        *ptr = memory;
    else
        free(memory);
    return err;
}

static hipError_t release(void *ptr, enum range_kind kind)
{
    if (!ptr)
        return hipSuccess;
    if (find_range(ptr, 1).kind != kind)
        return hipErrorInvalidValue;
    hipfx_cpu_sync_all();
    if (!remove_range(ptr, kind))
        return hipErrorInvalidValue;
    free(ptr);
    return hipSuccess;
}

hipError_t hipfx_cpu_hipMalloc(void **ptr, size_t size)
{
    return ptr ? allocate(ptr, size, RANGE_DEVICE) : hipErrorInvalidValue;
}

hipError_t hipfx_cpu_hipFree(void *ptr)
{
    return release(ptr, RANGE_DEVICE);
}

hipError_t hipfx_cpu_hipHostMalloc(void **ptr, size_t size, unsigned int flags)
{
    const unsigned int known = hipHostMallocPortable | hipHostMallocMapped |
                               hipHostMallocWriteCombined | hipHostMallocNumaUser |
                               hipHostMallocCoherent | hipHostMallocNonCoherent;
    const unsigned int coherence = hipHostMallocCoherent | hipHostMallocNonCoherent;
    if (!ptr || (flags & ~known) || (flags & coherence) == coherence)
        return hipErrorInvalidValue;
    return allocate(ptr, size, RANGE_HOST);
}

hipError_t hipfx_cpu_hipHostFree(void *ptr)
{
    return release(ptr, RANGE_HOST);
}

/* A GPU's runtime would pin the pages and fail there; here a kernel would crash later. */
static bool is_mapped(void *begin, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)begin & ~(page - 1);
    return msync((void *)first, (uintptr_t)begin + size - first, MS_ASYNC) == 0 || errno != ENOMEM;
}

hipError_t hipfx_cpu_hipHostRegister(void *ptr, size_t size, unsigned int flags)
{
    const unsigned int known = hipHostRegisterPortable | hipHostRegisterMapped |
                               hipHostRegisterIoMemory | hipExtHostRegisterCoarseGrained;
    if (!ptr || size == 0 || size > UINTPTR_MAX - (uintptr_t)ptr || (flags & ~known))
        return hipErrorInvalidValue;
    if (!is_mapped(ptr, size))
        return hipErrorInvalidValue;
    return add_range(ptr, size, RANGE_REGISTERED);
}

hipError_t hipfx_cpu_hipHostUnregister(void *ptr)
{
    if (!ptr)
        return hipErrorInvalidValue;
    if (find_range(ptr, 1).kind != RANGE_REGISTERED)
        return hipErrorHostMemoryNotRegistered;
    hipfx_cpu_sync_all();
    return remove_range(ptr, RANGE_REGISTERED) ? hipSuccess : hipErrorHostMemoryNotRegistered;
}

hipError_t hipfx_cpu_hipHostGetDevicePointer(void **device_ptr, void *host_ptr, unsigned int flags)
{
    if (!device_ptr)
        return hipErrorInvalidValue;
    *device_ptr = NULL;
    if (!host_ptr || flags != 0 || find_range(host_ptr, 1).kind == RANGE_NONE)
        return hipErrorInvalidValue;
    *device_ptr = host_ptr;
    return hipSuccess;
}

struct copy {
    char *dst;
    const char *src; /* NULL: fill with `value` */
    int value;
    size_t dst_pitch, src_pitch, width, height;
    size_t rows_per_piece;
    size_t tail; /* bytes after the last row */
};

static void copy_bytes(const struct copy *copy, size_t row, size_t size)
{
    char *dst = copy->dst + row * copy->dst_pitch;
    if (copy->src)
        memcpy(dst, copy->src + row * copy->src_pitch, size);
    else
        memset(dst, copy->value, size);
}

static void run_pieces(const void *args, int begin, int end)
{
    const struct copy *copy = args;
    size_t stop = (size_t)end * copy->rows_per_piece;
    if (stop > copy->height)
        stop = copy->height;
    for (size_t row = (size_t)begin * copy->rows_per_piece; row < stop; row++)
        copy_bytes(copy, row, copy->width);
}

static void run_copy(void *args)
{
    const struct copy *copy = args;
    size_t pieces = (copy->height + copy->rows_per_piece - 1) / copy->rows_per_piece;
    hipfx_cpu_pool_run(run_pieces, copy, (int)pieces);
    if (copy->tail > 0)
        copy_bytes(copy, copy->height, copy->tail);
}

static struct copy linear_copy(void *dst, const void *src, int value, size_t size)
{
    return (struct copy){
        .dst = dst,
        .src = src,
        .value = value,
        .dst_pitch = PIECE_BYTES,
        .src_pitch = PIECE_BYTES,
        .width = PIECE_BYTES,
        .height = size / PIECE_BYTES,
        .rows_per_piece = 1,
        .tail = size % PIECE_BYTES,
    };
}

/* HIP promises that the call has finished when it returns if either side is memory that HIP does
 * not know: the caller may use or free it at once. */
static hipError_t enqueue_copy(hipStream_t stream, const struct copy *copy, bool finish)
{
    struct hipfx_cpu_op *op = hipfx_cpu_op_create(run_copy, sizeof(*copy));
    struct hipfx_cpu_place place = {0};
    if (op)
        *(struct copy *)hipfx_cpu_op_args(op) = *copy;
    hipError_t err = hipfx_cpu_enqueue(stream, op, finish ? &place : NULL);
    hipfx_cpu_place_wait(&place);
    hipfx_cpu_place_drop(&place);
    return err;
}

static bool is_known(const void *begin, size_t size)
{
    return find_range(begin, size).kind != RANGE_NONE;
}

static bool is_copy_kind(hipMemcpyKind kind)
{
    return (int)kind >= hipMemcpyHostToHost && (int)kind <= hipMemcpyDefault;
}

hipError_t hipfx_cpu_hipMemcpyAsync(void *dst, const void *src, size_t size, hipMemcpyKind kind,
                                    hipStream_t stream)
{
    if (!is_copy_kind(kind))
        return hipErrorInvalidMemcpyDirection;
    if (size == 0)
        return hipSuccess;
    if (!dst || !src)
        return hipErrorInvalidValue;
    struct copy copy = linear_copy(dst, src, 0, size);
    return enqueue_copy(stream, &copy, !is_known(dst, size) || !is_known(src, size));
}

hipError_t hipfx_cpu_hipMemcpy2DAsync(void *dst, size_t dst_pitch, const void *src,
                                      size_t src_pitch, size_t width, size_t height,
                                      hipMemcpyKind kind, hipStream_t stream)
{
    if (!is_copy_kind(kind))
        return hipErrorInvalidMemcpyDirection;
    if (width == 0 || height == 0)
        return hipSuccess;
    if (!dst || !src)
        return hipErrorInvalidValue;
    if (width > dst_pitch || width > src_pitch)
        return hipErrorInvalidPitchValue;

    size_t dst_size, src_size;
    if (__builtin_mul_overflow(dst_pitch, height - 1, &dst_size) ||
        __builtin_mul_overflow(src_pitch, height - 1, &src_size) ||
        __builtin_add_overflow(dst_size, width, &dst_size) ||
        __builtin_add_overflow(src_size, width, &src_size))
        return hipErrorInvalidValue;

    struct copy copy = {
        .dst = dst,
        .src = src,
        .dst_pitch = dst_pitch,
        .src_pitch = src_pitch,
        .width = width,
        .height = height,
        .rows_per_piece = width < PIECE_BYTES ? PIECE_BYTES / width : 1,
    };
    if (width == dst_pitch && width == src_pitch)
        copy = linear_copy(dst, src, 0, dst_size);
    return enqueue_copy(stream, &copy, !is_known(dst, dst_size) || !is_known(src, src_size));
}

hipError_t hipfx_cpu_hipMemsetAsync(void *dst, int value, size_t size, hipStream_t stream)
{
    if (size == 0)
        return hipSuccess;
    if (!dst || !is_known(dst, size))
        return hipErrorInvalidValue;
    struct copy copy = linear_copy(dst, NULL, value, size);
    return enqueue_copy(stream, &copy, false);
}
