/* The `nvidia` provider with a stand-in for the driver: what the driver is asked for each call. */
#include "tests/unit/hip/fake_cuda.h"

#include <fcntl.h>
#include <unistd.h>

/* hipExternalSemaphoreHandleTypeTimelineSemaphoreFd, which HIP 5 does not name. */
static const hipExternalSemaphoreHandleType timeline_fd = (hipExternalSemaphoreHandleType)9;
static int no_kind = 9; /* of copy */

/* A stream and two pointers, told apart by where they point. */
static int places[3];
static const hipStream_t stream_a = (hipStream_t)&places[0];
static void *const ptr_a = &places[1], *const ptr_b = &places[2];

static int set_up(void **state)
{
    static struct fake_rig rig;
    rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    *state = &rig;
    return 0;
}

static void assert_symbol(const struct fake_rig *rig, const char *symbol)
{
    assert_int_equal(rig->cuda->calls, 1);
    assert_string_equal(rig->cuda->symbol, symbol);
    rig->cuda->calls = 0;
}

/* The last call, since the check before the only one, was of this function with these arguments. */
#define ASSERT_CALLED(rig, name, ...)                                                              \
    do {                                                                                           \
        const uint64_t expected_args[12] = {__VA_ARGS__};                                          \
        assert_symbol(rig, name);                                                                  \
        assert_memory_equal((rig)->cuda->args, expected_args, sizeof(expected_args));              \
    } while (0)
#define U(x) ((uint64_t)(uintptr_t)(x))

static void memory_is_allocated_and_freed(void **state)
{
    const struct fake_rig *rig = *state;
    void *ptr = NULL;
    OK(rig->hip->hipMalloc(&ptr, 4096));
    ASSERT_CALLED(rig, "cuMemAlloc_v2", 4096);
    assert_int_equal(U(ptr), FAKE_CUDA_ADDRESS);
    OK(rig->hip->hipFree(ptr));
    ASSERT_CALLED(rig, "cuMemFree_v2", FAKE_CUDA_ADDRESS);
    OK(rig->hip->hipHostMalloc(&ptr, 8192, hipHostMallocMapped));
    ASSERT_CALLED(rig, "cuMemHostAlloc", 8192, 2);
    assert_ptr_equal(ptr, fake_cuda_handle);
    OK(rig->hip->hipHostFree(ptr));
    ASSERT_CALLED(rig, "cuMemFreeHost", U(fake_cuda_handle));
    OK(rig->hip->hipHostRegister(ptr_a, 64, hipHostRegisterMapped));
    ASSERT_CALLED(rig, "cuMemHostRegister_v2", U(ptr_a), 64, 2);
    OK(rig->hip->hipHostGetDevicePointer(&ptr, ptr_a, 0));
    ASSERT_CALLED(rig, "cuMemHostGetDevicePointer_v2", U(ptr_a), 0);
    assert_int_equal(U(ptr), FAKE_CUDA_ADDRESS);
    OK(rig->hip->hipHostUnregister(ptr_a));
    ASSERT_CALLED(rig, "cuMemHostUnregister", U(ptr_a));
}

static void a_failed_allocation_gives_no_pointer(void **state)
{
    const struct fake_rig *rig = *state;
    void *ptr = ptr_a;
    rig->cuda->result = CUDA_ERROR_OUT_OF_MEMORY;
    assert_int_equal(rig->hip->hipMalloc(&ptr, 1), hipErrorOutOfMemory);
    assert_null(ptr);
    ptr = ptr_a;
    assert_int_equal(rig->hip->hipHostMalloc(&ptr, 1, 0), hipErrorOutOfMemory);
    assert_null(ptr);
    assert_int_equal(rig->hip->hipMalloc(NULL, 1), hipErrorInvalidValue);
    assert_int_equal(rig->hip->hipHostMalloc(NULL, 1, 0), hipErrorInvalidValue);
}

/* The driver calls these errors. */
static void no_bytes_are_no_error(void **state)
{
    const struct fake_rig *rig = *state;
    void *ptr = ptr_a;
    rig->cuda->result = CUDA_ERROR_INVALID_VALUE;
    OK(rig->hip->hipMalloc(&ptr, 0));
    assert_null(ptr);
    OK(rig->hip->hipFree(NULL));
    ptr = ptr_a;
    OK(rig->hip->hipHostMalloc(&ptr, 0, 0));
    assert_null(ptr);
    OK(rig->hip->hipHostFree(NULL));
    OK(rig->hip->hipMemsetAsync(ptr_a, 0, 0, stream_a));
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 8, ptr_b, 8, 0, 3, hipMemcpyDefault, stream_a));
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 8, ptr_b, 8, 8, 0, hipMemcpyDefault, stream_a));
    assert_int_equal(rig->cuda->calls, 0);
}

static void flags_that_cuda_reads_otherwise_are_left_out(void **state)
{
    const struct fake_rig *rig = *state;
    void *ptr = NULL;
    hipEvent_t event = NULL;
    OK(rig->hip->hipHostMalloc(&ptr, 1,
                               hipHostMallocWriteCombined | hipHostMallocPortable |
                                   hipHostMallocCoherent | hipHostMallocNumaUser));
    ASSERT_CALLED(rig, "cuMemHostAlloc", 1, 1 | 4);
    OK(rig->hip->hipHostRegister(ptr_a, 1,
                                 hipHostRegisterPortable | hipExtHostRegisterCoarseGrained));
    ASSERT_CALLED(rig, "cuMemHostRegister_v2", U(ptr_a), 1, 1);
    OK(rig->hip->hipEventCreateWithFlags(&event, hipEventDisableTiming | hipEventReleaseToSystem));
    ASSERT_CALLED(rig, "cuEventCreate", 2);
    assert_ptr_equal(event, fake_cuda_handle);
}

static void copies_go_the_way_their_kind_says(void **state)
{
    const struct fake_rig *rig = *state;
    static const char *const symbols[] = {
        [hipMemcpyHostToHost] = "cuMemcpyAsync",
        [hipMemcpyHostToDevice] = "cuMemcpyHtoDAsync_v2",
        [hipMemcpyDeviceToHost] = "cuMemcpyDtoHAsync_v2",
        [hipMemcpyDeviceToDevice] = "cuMemcpyDtoDAsync_v2",
        [hipMemcpyDefault] = "cuMemcpyAsync",
    };
    for (int kind = hipMemcpyHostToHost; kind <= hipMemcpyDefault; kind++) {
        OK(rig->hip->hipMemcpyAsync(ptr_a, ptr_b, 77, (hipMemcpyKind)kind, stream_a));
        ASSERT_CALLED(rig, symbols[kind], U(ptr_a), U(ptr_b), 77, U(stream_a));
    }
    assert_int_equal(rig->hip->hipMemcpyAsync(ptr_a, ptr_b, 77, (hipMemcpyKind)no_kind, stream_a),
                     hipErrorInvalidMemcpyDirection);
    OK(rig->hip->hipMemsetAsync(ptr_a, 0x1ff, 99, stream_a));
    ASSERT_CALLED(rig, "cuMemsetD8Async", U(ptr_a), 0xff, 99, U(stream_a));
}

static void assert_copies_equal(const CUDA_MEMCPY2D *a, const CUDA_MEMCPY2D *b)
{
#define SAME(m) assert_int_equal((uint64_t)a->m, (uint64_t)b->m);
    SAME(srcXInBytes)
    SAME(srcY)
    SAME(srcMemoryType)
    SAME(srcHost)
    SAME(srcDevice)
    SAME(srcArray)
    SAME(srcPitch)
    SAME(dstXInBytes)
    SAME(dstY)
    SAME(dstMemoryType)
    SAME(dstHost)
    SAME(dstDevice)
    SAME(dstArray)
    SAME(dstPitch)
    SAME(WidthInBytes)
    SAME(Height)
#undef SAME
}

#define ASSERT_COPIED(rig, ...)                                                                    \
    do {                                                                                           \
        const CUDA_MEMCPY2D expected_copy = {__VA_ARGS__};                                         \
        ASSERT_CALLED(rig, "cuMemcpy2DAsync_v2", U(stream_a));                                     \
        assert_copies_equal(&(rig)->cuda->copy, &expected_copy);                                   \
    } while (0)

static void pitched_copies_say_where_each_side_lies(void **state)
{
    const struct fake_rig *rig = *state;
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 512, ptr_b, 256, 100, 7, hipMemcpyHostToDevice, stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 1, .srcHost = ptr_b, .srcPitch = 256, .dstMemoryType = 2,
                  .dstDevice = U(ptr_a), .dstPitch = 512, .WidthInBytes = 100, .Height = 7);
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 512, ptr_b, 256, 100, 7, hipMemcpyDeviceToHost, stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 2, .srcDevice = U(ptr_b), .srcPitch = 256,
                  .dstMemoryType = 1, .dstHost = ptr_a, .dstPitch = 512, .WidthInBytes = 100,
                  .Height = 7);
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 512, ptr_b, 256, 100, 7, hipMemcpyDeviceToDevice,
                                  stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 2, .srcDevice = U(ptr_b), .srcPitch = 256,
                  .dstMemoryType = 2, .dstDevice = U(ptr_a), .dstPitch = 512, .WidthInBytes = 100,
                  .Height = 7);
    OK(rig->hip->hipMemcpy2DAsync(ptr_a, 512, ptr_b, 256, 100, 7, hipMemcpyDefault, stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 4, .srcDevice = U(ptr_b), .srcPitch = 256,
                  .dstMemoryType = 4, .dstDevice = U(ptr_a), .dstPitch = 512, .WidthInBytes = 100,
                  .Height = 7);
    assert_int_equal(
        rig->hip->hipMemcpy2DAsync(ptr_a, 1, ptr_b, 1, 1, 1, (hipMemcpyKind)no_kind, stream_a),
        hipErrorInvalidMemcpyDirection);
}

static void arrays_are_copied_from_and_to(void **state)
{
    const struct fake_rig *rig = *state;
    OK(rig->hip->hipMemcpy2DFromArrayAsync(ptr_a, 512, ptr_b, 16, 3, 100, 7,
                                           hipMemcpyDeviceToDevice, stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 3, .srcArray = ptr_b, .srcXInBytes = 16, .srcY = 3,
                  .dstMemoryType = 2, .dstDevice = U(ptr_a), .dstPitch = 512, .WidthInBytes = 100,
                  .Height = 7);
    OK(rig->hip->hipMemcpy2DFromArrayAsync(ptr_a, 512, ptr_b, 0, 0, 100, 7, hipMemcpyDeviceToHost,
                                           stream_a));
    ASSERT_COPIED(rig, .srcMemoryType = 3, .srcArray = ptr_b, .dstMemoryType = 1, .dstHost = ptr_a,
                  .dstPitch = 512, .WidthInBytes = 100, .Height = 7);
    OK(rig->hip->hipMemcpy2DToArrayAsync(ptr_b, 16, 3, ptr_a, 512, 100, 7, hipMemcpyDeviceToDevice,
                                         stream_a));
    ASSERT_COPIED(rig, .dstMemoryType = 3, .dstArray = ptr_b, .dstXInBytes = 16, .dstY = 3,
                  .srcMemoryType = 2, .srcDevice = U(ptr_a), .srcPitch = 512, .WidthInBytes = 100,
                  .Height = 7);
    OK(rig->hip->hipMemcpy2DToArrayAsync(ptr_b, 0, 0, ptr_a, 512, 100, 7, hipMemcpyHostToDevice,
                                         stream_a));
    ASSERT_COPIED(rig, .dstMemoryType = 3, .dstArray = ptr_b, .srcMemoryType = 1, .srcHost = ptr_a,
                  .srcPitch = 512, .WidthInBytes = 100, .Height = 7);
    assert_int_equal(rig->hip->hipMemcpy2DToArrayAsync(ptr_b, 0, 0, ptr_a, 512, 100, 7,
                                                       hipMemcpyDeviceToHost, stream_a),
                     hipErrorInvalidMemcpyDirection);
    assert_int_equal(rig->hip->hipMemcpy2DFromArrayAsync(ptr_a, 512, ptr_b, 0, 0, 100, 7,
                                                         hipMemcpyHostToDevice, stream_a),
                     hipErrorInvalidMemcpyDirection);
}

static void streams_and_events_are_the_drivers(void **state)
{
    const struct fake_rig *rig = *state;
    hipStream_t stream = NULL;
    float ms = 0;
    OK(rig->hip->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    ASSERT_CALLED(rig, "cuStreamCreate", 1);
    assert_ptr_equal(stream, fake_cuda_handle);
    OK(rig->hip->hipStreamWaitEvent(stream_a, ptr_a, 0));
    ASSERT_CALLED(rig, "cuStreamWaitEvent", U(stream_a), U(ptr_a), 0);
    OK(rig->hip->hipEventRecord(ptr_a, stream_a));
    ASSERT_CALLED(rig, "cuEventRecord", U(ptr_a), U(stream_a));
    OK(rig->hip->hipEventElapsedTime(&ms, ptr_a, ptr_b));
    ASSERT_CALLED(rig, "cuEventElapsedTime", U(ptr_a), U(ptr_b));
    assert_true(ms == 2.5f);
    OK(rig->hip->hipEventDestroy(ptr_a));
    ASSERT_CALLED(rig, "cuEventDestroy_v2", U(ptr_a));
    OK(rig->hip->hipStreamDestroy(stream_a));
    ASSERT_CALLED(rig, "cuStreamDestroy_v2", U(stream_a));
    assert_int_equal(rig->hip->hipStreamDestroy(NULL), hipErrorInvalidHandle);
    rig->cuda->result = CUDA_ERROR_NOT_READY;
    assert_int_equal(rig->hip->hipStreamQuery(stream_a), hipErrorNotReady);
    ASSERT_CALLED(rig, "cuStreamQuery", U(stream_a));
    assert_int_equal(rig->hip->hipEventQuery(ptr_a), hipErrorNotReady);
    ASSERT_CALLED(rig, "cuEventQuery", U(ptr_a));
}

struct callback_report {
    hipStream_t stream;
    hipError_t status;
    int calls;
};

static void report_callback(hipStream_t stream, hipError_t status, void *data)
{
    struct callback_report *report = data;
    *report = (struct callback_report){stream, status, report->calls + 1};
}

static void host_functions_and_callbacks_are_enqueued(void **state)
{
    const struct fake_rig *rig = *state;
    struct callback_report report = {0};
    OK(rig->hip->hipLaunchHostFunc(stream_a, free, ptr_a));
    ASSERT_CALLED(rig, "cuLaunchHostFunc", U(stream_a), U(free), U(ptr_a));

    OK(rig->hip->hipStreamAddCallback(stream_a, report_callback, &report, 0));
    ASSERT_CALLED(rig, "cuStreamAddCallback", U(stream_a), 0);
    assert_int_equal(report.calls, 0);
    rig->cuda->callback((CUstream)stream_a, CUDA_ERROR_MISALIGNED_ADDRESS,
                        rig->cuda->callback_data);
    assert_int_equal(report.calls, 1);
    assert_ptr_equal(report.stream, stream_a);
    assert_int_equal(report.status, hipErrorLaunchFailure);

    rig->cuda->result = CUDA_ERROR_INVALID_HANDLE;
    assert_int_equal(rig->hip->hipStreamAddCallback(stream_a, report_callback, &report, 0),
                     hipErrorInvalidHandle);
    assert_int_equal(rig->hip->hipStreamAddCallback(stream_a, NULL, NULL, 0), hipErrorInvalidValue);
}

static void kernels_are_loaded_and_launched(void **state)
{
    const struct fake_rig *rig = *state;
    static const char image[] = "image", name[] = "kernel";
    hipModule_t module = NULL;
    hipFunction_t function = NULL;
    void *params[] = {ptr_a}, *extra[] = {NULL};
    OK(rig->hip->hipModuleLoadData(&module, image));
    ASSERT_CALLED(rig, "cuModuleLoadDataEx", U(image));
    assert_ptr_equal(module, fake_cuda_handle);
    OK(rig->hip->hipModuleGetFunction(&function, module, name));
    ASSERT_CALLED(rig, "cuModuleGetFunction", U(fake_cuda_handle), U(name));
    assert_ptr_equal(function, fake_cuda_handle);
    OK(rig->hip->hipModuleLaunchKernel(ptr_b, 1, 2, 3, 4, 5, 6, 7, stream_a, params, NULL));
    ASSERT_CALLED(rig, "cuLaunchKernel", U(ptr_b), 1, 2, 3, 4, 5, 6, 7, U(stream_a), U(params), 0);
    assert_int_equal(
        rig->hip->hipModuleLaunchKernel(ptr_b, 1, 1, 1, 1, 1, 1, 0, stream_a, NULL, extra),
        hipErrorNotSupported);
    OK(rig->hip->hipModuleUnload(module));
    ASSERT_CALLED(rig, "cuModuleUnload", U(fake_cuda_handle));
}

static void what_the_drivers_compiler_says_is_in_the_reason(void **state)
{
    const struct fake_rig *rig = *state;
    struct hipfx_why why = {0}, later = {0};
    hipModule_t module = ptr_a;
    rig->cuda->result = CUDA_ERROR_INVALID_PTX;
    rig->cuda->compiler_log = "ptxas application ptx input, line 7; error: no\nptxas fatal: stop\n";
    assert_false(HIP(&why, rig->hip, hipModuleLoadData, &module, "image"));
    assert_null(module);
    assert_string_equal(why.text,
                        "hipModuleLoadData (nvidia): hipErrorInvalidKernelFile, "
                        "CUDA_ERROR_218: the driver's text 218: "
                        "ptxas application ptx input, line 7; error: no; ptxas fatal: stop");
    assert_false(HIP(&later, rig->hip, hipModuleUnload, ptr_a));
    assert_null(strstr(later.text, "line 7"));
}

static void a_long_word_of_the_compiler_is_cut(void **state)
{
    const struct fake_rig *rig = *state;
    struct hipfx_why why = {0};
    hipModule_t module = NULL;
    char log[6000];
    memset(log, '\n', sizeof(log));
    log[sizeof(log) - 1] = '\0';
    rig->cuda->result = CUDA_ERROR_INVALID_PTX;
    rig->cuda->compiler_log = log;
    assert_false(HIP(&why, rig->hip, hipModuleLoadData, &module, "image"));
    memset(log, 'x', sizeof(log) - 1);
    why.text[0] = '\0';
    assert_false(HIP(&why, rig->hip, hipModuleLoadData, &module, "image"));
    assert_non_null(strstr(why.text, "xxx"));
}

/* A descriptor of our own, to see who closes it. */
static int open_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void memory_is_imported_and_mapped(void **state)
{
    const struct fake_rig *rig = *state;
    const int fd = open_descriptor();
    const hipExternalMemoryHandleDesc handle = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                                .handle.fd = fd,
                                                .size = 1 << 20,
                                                .flags = CUDA_EXTERNAL_MEMORY_DEDICATED};
    const CUDA_EXTERNAL_MEMORY_HANDLE_DESC import = {
        .type = 1, .handle.fd = fd, .size = 1 << 20, .flags = 1};
    const hipExternalMemoryBufferDesc buffer = {.offset = 256, .size = 4096};
    const CUDA_EXTERNAL_MEMORY_BUFFER_DESC map = {.offset = 256, .size = 4096};
    hipExternalMemory_t memory = NULL;
    void *ptr = NULL;

    OK(rig->hip->hipImportExternalMemory(&memory, &handle));
    assert_symbol(rig, "cuImportExternalMemory");
    assert_memory_equal(&rig->cuda->memory, &import, sizeof(import));
    assert_ptr_equal(memory, fake_cuda_handle);
    OK(rig->hip->hipExternalMemoryGetMappedBuffer(&ptr, memory, &buffer));
    ASSERT_CALLED(rig, "cuExternalMemoryGetMappedBuffer", U(fake_cuda_handle));
    assert_memory_equal(&rig->cuda->buffer, &map, sizeof(map));
    assert_int_equal(U(ptr), FAKE_CUDA_ADDRESS);
    OK(rig->hip->hipFree(ptr));
    ASSERT_CALLED(rig, "cuMemFree_v2", FAKE_CUDA_ADDRESS);
    OK(rig->hip->hipDestroyExternalMemory(memory));
    ASSERT_CALLED(rig, "cuDestroyExternalMemory", U(fake_cuda_handle));
}

static void a_refused_descriptor_stays_the_callers(void **state)
{
    const struct fake_rig *rig = *state;
    const int fd = open_descriptor();
    hipExternalMemoryHandleDesc memory = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                          .handle.fd = fd};
    hipExternalSemaphoreHandleDesc semaphore = {.type = hipExternalSemaphoreHandleTypeOpaqueFd,
                                                .handle.fd = fd};
    void *handle = ptr_a;
    rig->cuda->result = CUDA_ERROR_OPERATING_SYSTEM;
    assert_int_equal(rig->hip->hipImportExternalMemory(&handle, &memory), hipErrorOperatingSystem);
    assert_null(handle);
    handle = ptr_a;
    assert_int_equal(rig->hip->hipImportExternalSemaphore(&handle, &semaphore),
                     hipErrorOperatingSystem);
    assert_null(handle);
    assert_true(is_open(fd));

    /* Kinds of handle that Linux does not have. */
    rig->cuda->result = CUDA_SUCCESS;
    rig->cuda->calls = 0;
    memory.type = hipExternalMemoryHandleTypeOpaqueWin32;
    semaphore.type = hipExternalSemaphoreHandleTypeD3D12Fence;
    assert_int_equal(rig->hip->hipImportExternalMemory(&handle, &memory), hipErrorNotSupported);
    assert_int_equal(rig->hip->hipImportExternalSemaphore(&handle, &semaphore),
                     hipErrorNotSupported);
    assert_int_equal(rig->cuda->calls, 0);
    assert_true(is_open(fd));
    close(fd);
}

static void images_are_mapped_as_arrays_of_four_channels(void **state)
{
    const struct fake_rig *rig = *state;
    struct hipfx_external_array_desc desc = {
        .offset = 512,
        .formatDesc = {8, 8, 8, 8, hipChannelFormatKindUnsigned},
        .extent = {.width = 641, .height = 361},
        .flags = CUDA_ARRAY3D_SURFACE_LDST | CUDA_ARRAY3D_COLOR_ATTACHMENT,
        .numLevels = 1,
    };
    hipMipmappedArray_t levels = NULL;
    hipArray_t level = NULL;
    OK(rig->hip->hipExternalMemoryGetMappedMipmappedArray(&levels, ptr_a, &desc));
    ASSERT_CALLED(rig, "cuExternalMemoryGetMappedMipmappedArray", U(ptr_a));
    assert_ptr_equal(levels, fake_cuda_handle);
    const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC *cuda = &rig->cuda->array;
    assert_int_equal(cuda->offset, 512);
    assert_int_equal(cuda->arrayDesc.Width, 641);
    assert_int_equal(cuda->arrayDesc.Height, 361);
    assert_int_equal(cuda->arrayDesc.Depth, 0);
    assert_int_equal(cuda->arrayDesc.Format, 0x01);
    assert_int_equal(cuda->arrayDesc.NumChannels, 4);
    assert_int_equal(cuda->arrayDesc.Flags, 0x22);
    assert_int_equal(cuda->numLevels, 1);

    desc.formatDesc = (hipChannelFormatDesc){16, 16, 16, 16, hipChannelFormatKindFloat};
    OK(rig->hip->hipExternalMemoryGetMappedMipmappedArray(&levels, ptr_a, &desc));
    ASSERT_CALLED(rig, "cuExternalMemoryGetMappedMipmappedArray", U(ptr_a));
    assert_int_equal(cuda->arrayDesc.Format, 0x10);

    OK(rig->hip->hipGetMipmappedArrayLevel(&level, levels, 0));
    ASSERT_CALLED(rig, "cuMipmappedArrayGetLevel", U(fake_cuda_handle), 0);
    assert_ptr_equal(level, fake_cuda_handle);
    OK(rig->hip->hipFreeMipmappedArray(levels));
    ASSERT_CALLED(rig, "cuMipmappedArrayDestroy", U(fake_cuda_handle));

    static const hipChannelFormatDesc others[] = {
        {8, 8, 8, 0, hipChannelFormatKindUnsigned},
        {8, 8, 8, 8, hipChannelFormatKindSigned},
        {16, 16, 16, 16, hipChannelFormatKindUnsigned},
        {32, 32, 32, 32, hipChannelFormatKindFloat},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        desc.formatDesc = others[i];
        assert_int_equal(rig->hip->hipExternalMemoryGetMappedMipmappedArray(&levels, ptr_a, &desc),
                         hipErrorNotSupported);
        assert_null(levels);
    }
    assert_int_equal(rig->cuda->calls, 0);
}

static void a_surface_is_made_over_an_array(void **state)
{
    const struct fake_rig *rig = *state;
    hipResourceDesc resource = {.resType = hipResourceTypeArray, .res.array.array = ptr_a};
    hipSurfaceObject_t surface = NULL;
    OK(rig->hip->hipCreateSurfaceObject(&surface, &resource));
    ASSERT_CALLED(rig, "cuSurfObjectCreate", 0);
    assert_true(surface == (hipSurfaceObject_t)FAKE_CUDA_ADDRESS);
    assert_int_equal(rig->cuda->resource.resType, 0);
    assert_ptr_equal(rig->cuda->resource.res.array.hArray, ptr_a);
    assert_int_equal(rig->cuda->resource.flags, 0);
    OK(rig->hip->hipDestroySurfaceObject(surface));
    ASSERT_CALLED(rig, "cuSurfObjectDestroy", FAKE_CUDA_ADDRESS);

    resource.resType = hipResourceTypeLinear;
    assert_int_equal(rig->hip->hipCreateSurfaceObject(&surface, &resource), hipErrorInvalidValue);
}

static void semaphores_are_imported_by_their_type(void **state)
{
    const struct fake_rig *rig = *state;
    const hipExternalSemaphoreHandleType types[] = {hipExternalSemaphoreHandleTypeOpaqueFd,
                                                    timeline_fd};
    for (int i = 0; i < 2; i++) {
        const int fd = open_descriptor();
        const hipExternalSemaphoreHandleDesc handle = {.type = types[i], .handle.fd = fd};
        const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC import = {
            .type = i == 0 ? CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_OPAQUE_FD
                           : CU_EXTERNAL_SEMAPHORE_HANDLE_TYPE_TIMELINE_SEMAPHORE_FD,
            .handle.fd = fd};
        hipExternalSemaphore_t semaphore = NULL;
        OK(rig->hip->hipImportExternalSemaphore(&semaphore, &handle));
        assert_symbol(rig, "cuImportExternalSemaphore");
        assert_memory_equal(&rig->cuda->semaphore, &import, sizeof(import));
        assert_ptr_equal(semaphore, fake_cuda_handle);
        OK(rig->hip->hipDestroyExternalSemaphore(semaphore));
        ASSERT_CALLED(rig, "cuDestroyExternalSemaphore", U(fake_cuda_handle));
    }
}

static void a_device_without_timelines_is_not_asked_for_one(void **state)
{
    const struct fake_rig *rig = *state;
    const int fd = open_descriptor();
    const hipExternalSemaphoreHandleDesc handle = {.type = timeline_fd, .handle.fd = fd};
    hipExternalSemaphore_t semaphore = NULL;
    rig->cuda->no_timelines = 1;
    assert_int_equal(rig->hip->hipImportExternalSemaphore(&semaphore, &handle),
                     hipErrorNotSupported);
    assert_int_equal(rig->cuda->calls, 0);
    assert_true(is_open(fd));
    close(fd);
}

static void semaphores_are_signalled_and_waited_for_by_value(void **state)
{
    const struct fake_rig *rig = *state;
    const hipExternalSemaphore_t semaphores[] = {ptr_a, ptr_b};
    hipExternalSemaphoreSignalParams signals[2] = {0};
    hipExternalSemaphoreWaitParams waits[2] = {0};
    const hipExternalSemaphore_t many[FAKE_CUDA_MAX_SEMAPHORES + 1] = {NULL};
    const hipExternalSemaphoreSignalParams many_signals[FAKE_CUDA_MAX_SEMAPHORES + 1] = {0};
    CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS signal = {0};
    CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS wait = {0};
    for (unsigned i = 0; i < 2; i++) {
        signals[i].params.fence.value = UINT64_C(0x100000005) + i;
        waits[i].params.fence.value = UINT64_C(0x100000005) + i;
    }
    signal.params.fence.value = UINT64_C(0x100000006);
    wait.params.fence.value = UINT64_C(0x100000006);

    OK(rig->hip->hipSignalExternalSemaphoresAsync(semaphores, signals, 2, stream_a));
    ASSERT_CALLED(rig, "cuSignalExternalSemaphoresAsync", 2, U(stream_a));
    assert_memory_equal(rig->cuda->semaphores, semaphores, sizeof(semaphores));
    assert_memory_equal(&rig->cuda->signals[1], &signal, sizeof(signal));
    OK(rig->hip->hipWaitExternalSemaphoresAsync(semaphores, waits, 2, stream_a));
    ASSERT_CALLED(rig, "cuWaitExternalSemaphoresAsync", 2, U(stream_a));
    assert_memory_equal(&rig->cuda->waits[1], &wait, sizeof(wait));

    assert_int_equal(rig->hip->hipSignalExternalSemaphoresAsync(
                         many, many_signals, FAKE_CUDA_MAX_SEMAPHORES + 1, stream_a),
                     hipErrorInvalidValue);
    assert_int_equal(rig->cuda->calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_is_allocated_and_freed, set_up),
        cmocka_unit_test_setup(a_failed_allocation_gives_no_pointer, set_up),
        cmocka_unit_test_setup(no_bytes_are_no_error, set_up),
        cmocka_unit_test_setup(flags_that_cuda_reads_otherwise_are_left_out, set_up),
        cmocka_unit_test_setup(copies_go_the_way_their_kind_says, set_up),
        cmocka_unit_test_setup(pitched_copies_say_where_each_side_lies, set_up),
        cmocka_unit_test_setup(arrays_are_copied_from_and_to, set_up),
        cmocka_unit_test_setup(streams_and_events_are_the_drivers, set_up),
        cmocka_unit_test_setup(host_functions_and_callbacks_are_enqueued, set_up),
        cmocka_unit_test_setup(kernels_are_loaded_and_launched, set_up),
        cmocka_unit_test_setup(what_the_drivers_compiler_says_is_in_the_reason, set_up),
        cmocka_unit_test_setup(a_long_word_of_the_compiler_is_cut, set_up),
        cmocka_unit_test_setup(memory_is_imported_and_mapped, set_up),
        cmocka_unit_test_setup(a_refused_descriptor_stays_the_callers, set_up),
        cmocka_unit_test_setup(images_are_mapped_as_arrays_of_four_channels, set_up),
        cmocka_unit_test_setup(a_surface_is_made_over_an_array, set_up),
        cmocka_unit_test_setup(semaphores_are_imported_by_their_type, set_up),
        cmocka_unit_test_setup(a_device_without_timelines_is_not_asked_for_one, set_up),
        cmocka_unit_test_setup(semaphores_are_signalled_and_waited_for_by_value, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
