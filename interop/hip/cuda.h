/* The part of the CUDA driver API that the `nvidia` provider calls: types, constants and functions
 * with the names, values and memory layout of NVIDIA's cuda.h, which is not needed to build.
 *
 * Only what the driver's binary interface fixes stands here, so that one build works with every
 * driver that has the functions listed below. `reserved` members belong to the layout and must be
 * zero. Handles belong to the driver; a CUdeviceptr is an address in the GPU's address space, which
 * on 64-bit systems holds the host's addresses too.
 *
 * Reference: https://docs.nvidia.com/cuda/cuda-driver-api/ */
#pragma once

#include <assert.h>
#include <stddef.h>

typedef enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NOT_INITIALIZED = 3,
    CUDA_ERROR_DEINITIALIZED = 4,
    CUDA_ERROR_PROFILER_DISABLED = 5,
    CUDA_ERROR_PROFILER_NOT_INITIALIZED = 6,
    CUDA_ERROR_PROFILER_ALREADY_STARTED = 7,
    CUDA_ERROR_PROFILER_ALREADY_STOPPED = 8,
    CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER = 36,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_INVALID_DEVICE = 101,
    CUDA_ERROR_INVALID_IMAGE = 200,
    CUDA_ERROR_INVALID_CONTEXT = 201,
    CUDA_ERROR_CONTEXT_ALREADY_CURRENT = 202,
    CUDA_ERROR_MAP_FAILED = 205,
    CUDA_ERROR_UNMAP_FAILED = 206,
    CUDA_ERROR_ARRAY_IS_MAPPED = 207,
    CUDA_ERROR_ALREADY_MAPPED = 208,
    CUDA_ERROR_NO_BINARY_FOR_GPU = 209,
    CUDA_ERROR_ALREADY_ACQUIRED = 210,
    CUDA_ERROR_NOT_MAPPED = 211,
    CUDA_ERROR_NOT_MAPPED_AS_ARRAY = 212,
    CUDA_ERROR_NOT_MAPPED_AS_POINTER = 213,
    CUDA_ERROR_ECC_UNCORRECTABLE = 214,
    CUDA_ERROR_UNSUPPORTED_LIMIT = 215,
    CUDA_ERROR_CONTEXT_ALREADY_IN_USE = 216,
    CUDA_ERROR_PEER_ACCESS_UNSUPPORTED = 217,
    CUDA_ERROR_INVALID_PTX = 218,
    CUDA_ERROR_INVALID_GRAPHICS_CONTEXT = 219,
    CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
    CUDA_ERROR_INVALID_SOURCE = 300,
    CUDA_ERROR_FILE_NOT_FOUND = 301,
    CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND = 302,
    CUDA_ERROR_SHARED_OBJECT_INIT_FAILED = 303,
    CUDA_ERROR_OPERATING_SYSTEM = 304,
    CUDA_ERROR_INVALID_HANDLE = 400,
    CUDA_ERROR_ILLEGAL_STATE = 401,
    CUDA_ERROR_NOT_FOUND = 500,
    CUDA_ERROR_NOT_READY = 600,
    CUDA_ERROR_ILLEGAL_ADDRESS = 700,
    CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES = 701,
    CUDA_ERROR_LAUNCH_TIMEOUT = 702,
    CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED = 704,
    CUDA_ERROR_PEER_ACCESS_NOT_ENABLED = 705,
    CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE = 708,
    CUDA_ERROR_CONTEXT_IS_DESTROYED = 709,
    CUDA_ERROR_ASSERT = 710,
    CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED = 712,
    CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED = 713,
    CUDA_ERROR_HARDWARE_STACK_ERROR = 714,
    CUDA_ERROR_ILLEGAL_INSTRUCTION = 715,
    CUDA_ERROR_MISALIGNED_ADDRESS = 716,
    CUDA_ERROR_INVALID_ADDRESS_SPACE = 717,
    CUDA_ERROR_INVALID_PC = 718,
    CUDA_ERROR_LAUNCH_FAILED = 719,
    CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE = 720,
    CUDA_ERROR_NOT_SUPPORTED = 801,
    CUDA_ERROR_SYSTEM_DRIVER_MISMATCH = 803,
    CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE = 804,
    CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED = 900,
    CUDA_ERROR_STREAM_CAPTURE_INVALIDATED = 901,
    CUDA_ERROR_STREAM_CAPTURE_MERGE = 902,
    CUDA_ERROR_STREAM_CAPTURE_UNMATCHED = 903,
    CUDA_ERROR_STREAM_CAPTURE_UNJOINED = 904,
    CUDA_ERROR_STREAM_CAPTURE_ISOLATION = 905,
    CUDA_ERROR_STREAM_CAPTURE_IMPLICIT = 906,
    CUDA_ERROR_CAPTURED_EVENT = 907,
    CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD = 908,
    CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE = 910,
    CUDA_ERROR_UNKNOWN = 999,
} CUresult;

typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUarray_st *CUarray;
typedef struct CUmipmappedArray_st *CUmipmappedArray;
typedef struct CUextMemory_st *CUexternalMemory;
typedef struct CUextSemaphore_st *CUexternalSemaphore;

typedef void (*CUhostFn)(void *data);
typedef void (*CUstreamCallback)(CUstream stream, CUresult status, void *data);

typedef struct {
    char bytes[16];
} CUuuid;

typedef enum {
    CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK = 8,
    CU_DEVICE_ATTRIBUTE_WARP_SIZE = 10,
    CU_DEVICE_ATTRIBUTE_CLOCK_RATE = 13,
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
    CU_DEVICE_ATTRIBUTE_INTEGRATED = 18,
    CU_DEVICE_ATTRIBUTE_PCI_BUS_ID = 33,
    CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID = 34,
    CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE = 36,
    CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH = 37,
    CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38,
    CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR = 39,
    CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID = 50,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
    CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED = 114,
} CUdevice_attribute;

/* An option's value travels in a void *: a number is cast to it, not pointed to. */
typedef enum {
    CU_JIT_ERROR_LOG_BUFFER = 5,
    CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
} CUjit_option;

typedef enum {
    CU_MEMORYTYPE_HOST = 1,
    CU_MEMORYTYPE_DEVICE = 2,
    CU_MEMORYTYPE_ARRAY = 3,
    CU_MEMORYTYPE_UNIFIED = 4, /* the driver finds out from the address, given as xxxDevice */
} CUmemorytype;

typedef struct {
    size_t srcXInBytes, srcY;
    CUmemorytype srcMemoryType;
    const void *srcHost;
    CUdeviceptr srcDevice;
    CUarray srcArray;
    size_t srcPitch; /* bytes */

    size_t dstXInBytes, dstY;
    CUmemorytype dstMemoryType;
    void *dstHost;
    CUdeviceptr dstDevice;
    CUarray dstArray;
    size_t dstPitch; /* bytes */

    size_t WidthInBytes, Height;
} CUDA_MEMCPY2D;
static_assert(sizeof(CUDA_MEMCPY2D) == 128, "layout of the driver");
static_assert(offsetof(CUDA_MEMCPY2D, dstXInBytes) == 56, "layout of the driver");

typedef enum {
    CU_AD_FORMAT_UNSIGNED_INT8 = 0x01,
    CU_AD_FORMAT_HALF = 0x10,
} CUarray_format;

#define CUDA_ARRAY3D_SURFACE_LDST     0x02
#define CUDA_ARRAY3D_COLOR_ATTACHMENT 0x20

typedef struct {
    size_t Width, Height, Depth; /* elements; Depth 0: a 2-D array */
    CUarray_format Format;
    unsigned int NumChannels;
    unsigned int Flags;
} CUDA_ARRAY3D_DESCRIPTOR;
static_assert(sizeof(CUDA_ARRAY3D_DESCRIPTOR) == 40, "layout of the driver");
static_assert(offsetof(CUDA_ARRAY3D_DESCRIPTOR, Flags) == 32, "layout of the driver");

typedef unsigned long long CUsurfObject;

typedef enum {
    CU_RESOURCE_TYPE_ARRAY = 0,
} CUresourcetype;

typedef struct {
    CUresourcetype resType;
    union {
        struct {
            CUarray hArray;
        } array;
        int reserved[32];
    } res;
    unsigned int flags; /* 0 */
} CUDA_RESOURCE_DESC;
static_assert(sizeof(CUDA_RESOURCE_DESC) == 144, "layout of the driver");
static_assert(offsetof(CUDA_RESOURCE_DESC, flags) == 136, "layout of the driver");

typedef enum {
    CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD = 1,
} CUexternalMemoryHandleType;

#define CUDA_EXTERNAL_MEMORY_DEDICATED 0x1

typedef struct {
    CUexternalMemoryHandleType type;
    union {
        int fd; /* the driver's once the import has succeeded */
        struct {
            void *handle;
            const void *name;
        } win32;
        const void *nvSciBufObject;
    } handle;
    unsigned long long size; /* bytes of the whole allocation */
    unsigned int flags;
    unsigned int reserved[16];
} CUDA_EXTERNAL_MEMORY_HANDLE_DESC;
static_assert(sizeof(CUDA_EXTERNAL_MEMORY_HANDLE_DESC) == 104, "layout of the driver");
static_assert(offsetof(CUDA_EXTERNAL_MEMORY_HANDLE_DESC, size) == 24, "layout of the driver");

typedef struct {
    unsigned long long offset, size; /* bytes */
    unsigned int flags;
    unsigned int reserved[16];
} CUDA_EXTERNAL_MEMORY_BUFFER_DESC;
static_assert(sizeof(CUDA_EXTERNAL_MEMORY_BUFFER_DESC) == 88, "layout of the driver");

typedef struct {
    unsigned long long offset; /* bytes */
    CUDA_ARRAY3D_DESCRIPTOR arrayDesc;
    unsigned int numLevels;
    unsigned int reserved[16];
} CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC;
static_assert(sizeof(CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC) == 120, "layout of the driver");
static_assert(offsetof(CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC, numLevels) == 48,
              "layout of the driver");

typedef enum {
    CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD = 1,             /* a binary semaphore of Vulkan */
    CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD = 9, /* a timeline of Vulkan */
} CUexternalSemaphoreHandleType;

typedef struct {
    CUexternalSemaphoreHandleType type;
    union {
        int fd; /* the driver's once the import has succeeded */
        struct {
            void *handle;
            const void *name;
        } win32;
        const void *nvSciSyncObj;
    } handle;
    unsigned int flags;
    unsigned int reserved[16];
} CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC;
static_assert(sizeof(CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC) == 96, "layout of the driver");

typedef struct {
    struct {
        struct {
            unsigned long long value; /* of a timeline */
        } fence;
        union {
            void *fence;
            unsigned long long reserved;
        } nvSciSync;
        struct {
            unsigned long long key;
        } keyedMutex;
        unsigned int reserved[12];
    } params;
    unsigned int flags;
    unsigned int reserved[16];
} CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS;
static_assert(sizeof(CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS) == 144, "layout of the driver");
static_assert(offsetof(CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS, flags) == 72, "layout of the driver");

typedef struct {
    struct {
        struct {
            unsigned long long value; /* of a timeline */
        } fence;
        union {
            void *fence;
            unsigned long long reserved;
        } nvSciSync;
        struct {
            unsigned long long key;
            unsigned int timeoutMs;
        } keyedMutex;
        unsigned int reserved[10];
    } params;
    unsigned int flags;
    unsigned int reserved[16];
} CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS;
static_assert(sizeof(CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS) == 144, "layout of the driver");
static_assert(offsetof(CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS, flags) == 72, "layout of the driver");

static_assert(sizeof(CUuuid) == 16 && sizeof(CUdeviceptr) == sizeof(void *), "a 64-bit driver");

/* F(name, symbol, parameters): every function returns a CUresult. cuda.h hides by macros that some
 * names have newer versions; a symbol without its version is another function. */
#define HIPFX_CUDA_FUNCTIONS(F)                                                                    \
    F(cuInit, "cuInit", (unsigned int flags))                                                      \
    F(cuDriverGetVersion, "cuDriverGetVersion", (int *version))                                    \
    F(cuGetErrorName, "cuGetErrorName", (CUresult error, const char **name))                       \
    F(cuGetErrorString, "cuGetErrorString", (CUresult error, const char **text))                   \
    F(cuDeviceGetCount, "cuDeviceGetCount", (int *count))                                          \
    F(cuDeviceGet, "cuDeviceGet", (CUdevice * device, int ordinal))                                \
    F(cuDeviceGetName, "cuDeviceGetName", (char *name, int length, CUdevice device))               \
    F(cuDeviceGetUuid, "cuDeviceGetUuid_v2", (CUuuid * uuid, CUdevice device))                     \
    F(cuDeviceGetPCIBusId, "cuDeviceGetPCIBusId", (char *id, int length, CUdevice device))         \
    F(cuDeviceGetAttribute, "cuDeviceGetAttribute",                                                \
      (int *value, CUdevice_attribute attribute, CUdevice device))                                 \
    F(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain",                                        \
      (CUcontext * context, CUdevice device))                                                      \
    F(cuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", (CUdevice device))                \
    F(cuDevicePrimaryCtxReset, "cuDevicePrimaryCtxReset_v2", (CUdevice device))                    \
    F(cuCtxGetCurrent, "cuCtxGetCurrent", (CUcontext * context))                                   \
    F(cuCtxPushCurrent, "cuCtxPushCurrent_v2", (CUcontext context))                                \
    F(cuCtxPopCurrent, "cuCtxPopCurrent_v2", (CUcontext * context))                                \
    F(cuMemAlloc, "cuMemAlloc_v2", (CUdeviceptr * ptr, size_t size))                               \
    F(cuMemFree, "cuMemFree_v2", (CUdeviceptr ptr))                                                \
    F(cuMemHostAlloc, "cuMemHostAlloc", (void **ptr, size_t size, unsigned int flags))             \
    F(cuMemFreeHost, "cuMemFreeHost", (void *ptr))                                                 \
    F(cuMemHostRegister, "cuMemHostRegister_v2", (void *ptr, size_t size, unsigned int flags))     \
    F(cuMemHostUnregister, "cuMemHostUnregister", (void *ptr))                                     \
    F(cuMemHostGetDevicePointer, "cuMemHostGetDevicePointer_v2",                                   \
      (CUdeviceptr * device, void *host, unsigned int flags))                                      \
    F(cuMemcpyAsync, "cuMemcpyAsync",                                                              \
      (CUdeviceptr dst, CUdeviceptr src, size_t size, CUstream stream))                            \
    F(cuMemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2",                                                   \
      (CUdeviceptr dst, const void *src, size_t size, CUstream stream))                            \
    F(cuMemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2",                                                   \
      (void *dst, CUdeviceptr src, size_t size, CUstream stream))                                  \
    F(cuMemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2",                                                   \
      (CUdeviceptr dst, CUdeviceptr src, size_t size, CUstream stream))                            \
    F(cuMemcpy2DAsync, "cuMemcpy2DAsync_v2", (const CUDA_MEMCPY2D *copy, CUstream stream))         \
    F(cuMemsetD8Async, "cuMemsetD8Async",                                                          \
      (CUdeviceptr dst, unsigned char value, size_t count, CUstream stream))                       \
    F(cuMipmappedArrayGetLevel, "cuMipmappedArrayGetLevel",                                        \
      (CUarray * level_array, CUmipmappedArray array, unsigned int level))                         \
    F(cuMipmappedArrayDestroy, "cuMipmappedArrayDestroy", (CUmipmappedArray array))                \
    F(cuSurfObjectCreate, "cuSurfObjectCreate",                                                    \
      (CUsurfObject * surface, const CUDA_RESOURCE_DESC *resource))                                \
    F(cuSurfObjectDestroy, "cuSurfObjectDestroy", (CUsurfObject surface))                          \
    F(cuStreamCreate, "cuStreamCreate", (CUstream * stream, unsigned int flags))                   \
    F(cuStreamDestroy, "cuStreamDestroy_v2", (CUstream stream))                                    \
    F(cuStreamSynchronize, "cuStreamSynchronize", (CUstream stream))                               \
    F(cuStreamQuery, "cuStreamQuery", (CUstream stream))                                           \
    F(cuStreamWaitEvent, "cuStreamWaitEvent",                                                      \
      (CUstream stream, CUevent event, unsigned int flags))                                        \
    F(cuStreamAddCallback, "cuStreamAddCallback",                                                  \
      (CUstream stream, CUstreamCallback callback, void *data, unsigned int flags))                \
    F(cuLaunchHostFunc, "cuLaunchHostFunc", (CUstream stream, CUhostFn function, void *data))      \
    F(cuEventCreate, "cuEventCreate", (CUevent * event, unsigned int flags))                       \
    F(cuEventDestroy, "cuEventDestroy_v2", (CUevent event))                                        \
    F(cuEventRecord, "cuEventRecord", (CUevent event, CUstream stream))                            \
    F(cuEventQuery, "cuEventQuery", (CUevent event))                                               \
    F(cuEventSynchronize, "cuEventSynchronize", (CUevent event))                                   \
    F(cuEventElapsedTime, "cuEventElapsedTime", (float *ms, CUevent start, CUevent stop))          \
    F(cuModuleLoadDataEx, "cuModuleLoadDataEx",                                                    \
      (CUmodule * module, const void *image, unsigned int count, CUjit_option *options,            \
       void **values))                                                                             \
    F(cuModuleUnload, "cuModuleUnload", (CUmodule module))                                         \
    F(cuModuleGetFunction, "cuModuleGetFunction",                                                  \
      (CUfunction * function, CUmodule module, const char *name))                                  \
    F(cuLaunchKernel, "cuLaunchKernel",                                                            \
      (CUfunction function, unsigned int grid_x, unsigned int grid_y, unsigned int grid_z,         \
       unsigned int block_x, unsigned int block_y, unsigned int block_z,                           \
       unsigned int shared_bytes, CUstream stream, void **params, void **extra))                   \
    F(cuImportExternalMemory, "cuImportExternalMemory",                                            \
      (CUexternalMemory * memory, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC *handle))                 \
    F(cuExternalMemoryGetMappedBuffer, "cuExternalMemoryGetMappedBuffer",                          \
      (CUdeviceptr * ptr, CUexternalMemory memory,                                                 \
       const CUDA_EXTERNAL_MEMORY_BUFFER_DESC *buffer))                                            \
    F(cuExternalMemoryGetMappedMipmappedArray, "cuExternalMemoryGetMappedMipmappedArray",          \
      (CUmipmappedArray * array, CUexternalMemory memory,                                          \
       const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC *desc))                                     \
    F(cuDestroyExternalMemory, "cuDestroyExternalMemory", (CUexternalMemory memory))               \
    F(cuImportExternalSemaphore, "cuImportExternalSemaphore",                                      \
      (CUexternalSemaphore * semaphore, const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC *handle))        \
    F(cuSignalExternalSemaphoresAsync, "cuSignalExternalSemaphoresAsync",                          \
      (const CUexternalSemaphore *semaphores, const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS *params, \
       unsigned int count, CUstream stream))                                                       \
    F(cuWaitExternalSemaphoresAsync, "cuWaitExternalSemaphoresAsync",                              \
      (const CUexternalSemaphore *semaphores, const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS *params,   \
       unsigned int count, CUstream stream))                                                       \
    F(cuDestroyExternalSemaphore, "cuDestroyExternalSemaphore", (CUexternalSemaphore semaphore))

struct hipfx_cuda {
#define HIPFX_CUDA_MEMBER(name, symbol, params) CUresult(*name) params;
    HIPFX_CUDA_FUNCTIONS(HIPFX_CUDA_MEMBER)
#undef HIPFX_CUDA_MEMBER
};
