/* The `nvidia` provider with a stand-in for the driver: what it takes for a driver, what becomes of
 * errors, and in which context calls run. */
#include "tests/unit/hip/fake_cuda.h"

#include <pthread.h>
#include <stdio.h>

static void without_a_driver_it_says_so(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    unsetenv("HIPFX_CUDA_LIBRARY");
    if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL))
        skip();
    assert_null(hipfx_hip_open_nvidia(&why));
    assert_string_equal(why.text, "libcuda.so.1 was not found: no NVIDIA driver");
}

static void a_file_that_is_no_library_is_named(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    assert_null(open_nvidia_from("/proc/self/cmdline", &why));
    assert_non_null(strstr(why.text, "HIPFX_CUDA_LIBRARY"));
    assert_non_null(strstr(why.text, "/proc/self/cmdline"));
}

static void a_missing_function_is_named_with_its_version(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    fake_cuda_at(FAKE_CUDA_INCOMPLETE_LIBRARY);
    assert_null(open_nvidia_from(FAKE_CUDA_INCOMPLETE_LIBRARY, &why));
    assert_non_null(strstr(why.text, "cuMemcpy2DAsync_v2"));
    assert_non_null(strstr(why.text, FAKE_CUDA_INCOMPLETE_LIBRARY));
}

static void a_driver_without_a_card_is_refused(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    fake_cuda_at(FAKE_CUDA_DEVICELESS_LIBRARY);
    assert_null(open_nvidia_from(FAKE_CUDA_DEVICELESS_LIBRARY, &why));
    assert_non_null(strstr(why.text, "hipInit (nvidia): hipErrorNoDevice"));
    assert_non_null(strstr(why.text, "CUDA_ERROR_100: the driver's text 100"));
}

static void a_card_that_gives_no_context_is_refused(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    fake_cuda_at(FAKE_CUDA_LIBRARY)->context_result = CUDA_ERROR_OUT_OF_MEMORY;
    assert_null(open_nvidia_from(FAKE_CUDA_LIBRARY, &why));
    assert_non_null(strstr(why.text, "hipErrorOutOfMemory"));
}

static void a_whole_driver_fills_the_table(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_fake_cuda(FAKE_CUDA_LIBRARY).hip;
    int version = 0;
    assert_int_equal(hip->kind, HIPFX_HIP_NVIDIA);
    assert_string_equal(hip->name, "nvidia");
    assert_string_equal(hip->library, FAKE_CUDA_LIBRARY);
    assert_true(hip->takes_fd);
    assert_true(hip->imports_semaphores);
    assert_int_equal(hip->runtime_version, 12 * 10000000 + 4 * 100000); /* FAKE_CUDA_VERSION */
    OK(hip->hipDriverGetVersion(&version));
    assert_int_equal(version, hip->runtime_version);
#define HAS(f) assert_non_null(hip->f);
    HIPFX_HIP_REQUIRED(HAS)
    HIPFX_HIP_OPTIONAL(HAS)
    HIPFX_HIP_SHARING(HAS)
    HAS(hipExternalMemoryGetMappedMipmappedArray)
#undef HAS
}

static void devices_are_cudas_by_their_ordinals(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_fake_cuda(FAKE_CUDA_LIBRARY).hip;
    char text[32];
    hipUUID uuid;
    hipDevice_t device = -1;
    int value = 0;
    OK(hip->hipGetDeviceCount(&value));
    assert_int_equal(value, FAKE_CUDA_DEVICES);
    OK(hip->hipDeviceGet(&device, 1));
    OK(hip->hipDeviceGetName(text, sizeof(text), device));
    assert_string_equal(text, "card 11");
    OK(hip->hipDeviceGetPCIBusId(text, sizeof(text), device));
    assert_string_equal(text, "0000:0b:00.0");
    OK(hip->hipDeviceGetUuid(&uuid, device));
    assert_int_equal(uuid.bytes[15], 11);
    OK(hip->hipDeviceGetAttribute(&value, hipDeviceAttributeComputeCapabilityMajor, device));
    assert_int_equal(value, 11075);
    OK(hip->hipDeviceGetAttribute(&value, hipDeviceAttributePciDomainID, device));
    assert_int_equal(value, 11050);

    assert_int_equal(hip->hipDeviceGet(&device, FAKE_CUDA_DEVICES), hipErrorInvalidDevice);
    assert_int_equal(hip->hipSetDevice(-1), hipErrorInvalidDevice);
    assert_int_equal(hip->hipDeviceGetUuid(&uuid, FAKE_CUDA_DEVICES), hipErrorInvalidDevice);
    assert_int_equal(hip->hipDeviceGetAttribute(&value, hipDeviceAttributeIsLargeBar, 0),
                     hipErrorNotSupported);
}

static void an_old_driver_gives_the_uuid_by_its_old_name(void **state)
{
    (void)state;
    hipUUID uuid;
    OK(open_fake_cuda(FAKE_CUDA_OLD_LIBRARY).hip->hipDeviceGetUuid(&uuid, 0));
    assert_int_equal(uuid.bytes[0], 110);
}

/* HIP's errors that have CUDA's numbers, by HIP's header. */
static const hipError_t same_numbers[] = {
    hipSuccess,
    hipErrorInvalidValue,
    hipErrorOutOfMemory,
    hipErrorNotInitialized,
    hipErrorDeinitialized,
    hipErrorProfilerDisabled,
    hipErrorProfilerNotInitialized,
    hipErrorProfilerAlreadyStarted,
    hipErrorProfilerAlreadyStopped,
    hipErrorNoDevice,
    hipErrorInvalidDevice,
    hipErrorInvalidImage,
    hipErrorInvalidContext,
    hipErrorContextAlreadyCurrent,
    hipErrorMapFailed,
    hipErrorUnmapFailed,
    hipErrorArrayIsMapped,
    hipErrorAlreadyMapped,
    hipErrorNoBinaryForGpu,
    hipErrorAlreadyAcquired,
    hipErrorNotMapped,
    hipErrorNotMappedAsArray,
    hipErrorNotMappedAsPointer,
    hipErrorECCNotCorrectable,
    hipErrorUnsupportedLimit,
    hipErrorContextAlreadyInUse,
    hipErrorPeerAccessUnsupported,
    hipErrorInvalidKernelFile,
    hipErrorInvalidGraphicsContext,
    hipErrorInvalidSource,
    hipErrorFileNotFound,
    hipErrorSharedObjectSymbolNotFound,
    hipErrorSharedObjectInitFailed,
    hipErrorOperatingSystem,
    hipErrorInvalidHandle,
    hipErrorIllegalState,
    hipErrorNotFound,
    hipErrorNotReady,
    hipErrorIllegalAddress,
    hipErrorLaunchOutOfResources,
    hipErrorLaunchTimeOut,
    hipErrorPeerAccessAlreadyEnabled,
    hipErrorPeerAccessNotEnabled,
    hipErrorSetOnActiveProcess,
    hipErrorContextIsDestroyed,
    hipErrorAssert,
    hipErrorHostMemoryAlreadyRegistered,
    hipErrorHostMemoryNotRegistered,
    hipErrorLaunchFailure,
    hipErrorCooperativeLaunchTooLarge,
    hipErrorNotSupported,
    hipErrorStreamCaptureUnsupported,
    hipErrorStreamCaptureInvalidated,
    hipErrorStreamCaptureMerge,
    hipErrorStreamCaptureUnmatched,
    hipErrorStreamCaptureUnjoined,
    hipErrorStreamCaptureIsolation,
    hipErrorStreamCaptureImplicit,
    hipErrorCapturedEvent,
    hipErrorStreamCaptureWrongThread,
    hipErrorGraphExecUpdateFailure,
};

static hipError_t expected_error(int cuda)
{
    for (size_t i = 0; i < sizeof(same_numbers) / sizeof(same_numbers[0]); i++) {
        if ((int)same_numbers[i] == cuda)
            return same_numbers[i];
    }
    switch (cuda) {
    case 36: /* the library is newer than the kernel's module, and the like */
    case 803:
    case 804:
        return hipErrorInsufficientDriver;
    case 222: /* PTX of a version that the driver does not know */
        return hipErrorInvalidKernelFile;
    case 714: /* five ways in which a kernel can go wrong */
    case 715:
    case 716:
    case 717:
    case 718:
        return hipErrorLaunchFailure;
    default:
        return hipErrorUnknown;
    }
}

static void every_result_of_the_driver_is_an_error_of_hip(void **state)
{
    (void)state;
    const struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    for (int cuda = 0; cuda < 1000; cuda++) {
        char words[64];
        rig.cuda->result = cuda;
        hipError_t err = rig.hip->hipStreamSynchronize(NULL);
        assert_int_equal(err, expected_error(cuda));
        snprintf(words, sizeof(words), "CUDA_ERROR_%d: the driver's text %d", cuda, cuda);
        assert_string_equal(rig.hip->hipGetErrorString(err), words);
    }
}

static void errors_have_hips_names(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_fake_cuda(FAKE_CUDA_LIBRARY).hip;
    assert_string_equal(hip->hipGetErrorName(hipSuccess), "hipSuccess");
    assert_string_equal(hip->hipGetErrorName(hipErrorNotReady), "hipErrorNotReady");
    assert_string_equal(hip->hipGetErrorName(hipErrorInvalidKernelFile),
                        "hipErrorInvalidKernelFile");
    assert_string_equal(hip->hipGetErrorName(hipErrorInvalidMemcpyDirection),
                        "hipErrorInvalidMemcpyDirection");
    assert_string_equal(hip->hipGetErrorName(hipErrorTbd), "hipErrorUnknown");
}

static void an_unknown_result_keeps_its_number(void **state)
{
    (void)state;
    const struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    struct hipfx_why why = {0};
    rig.cuda->result = 4711;
    assert_false(HIP(&why, rig.hip, hipStreamSynchronize, NULL));
    assert_non_null(strstr(why.text, "hipErrorUnknown, CUDA error 4711"));
}

static void *fail_out_of_memory(void *arg)
{
    const struct fake_rig *rig = arg;
    void *ptr = NULL;
    rig->cuda->result = CUDA_ERROR_OUT_OF_MEMORY;
    assert_int_equal(rig->hip->hipMalloc(&ptr, 1), hipErrorOutOfMemory);
    return NULL;
}

static void a_text_is_of_the_threads_own_error(void **state)
{
    (void)state;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    pthread_t other;
    rig.cuda->result = 46; /* the device is busy or unavailable: HIP has no number */
    assert_int_equal(rig.hip->hipStreamSynchronize(NULL), hipErrorUnknown);
    assert_int_equal(pthread_create(&other, NULL, fail_out_of_memory, &rig), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_non_null(strstr(rig.hip->hipGetErrorString(hipErrorUnknown), "CUDA_ERROR_46"));
}

static void ignore_callback(hipStream_t stream, hipError_t status, void *data)
{
    (void)stream;
    (void)status;
    (void)data;
}

/* One call of every function of the table that needs a context; of hipMemcpyAsync one a kind. */
static void call_all(const struct fake_rig *rig)
{
    const struct hipfx_hip *hip = rig->hip;
    static const char image[] = "image";
    static const hipExternalMemoryHandleDesc memory = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                                       .handle.fd = -1};
    static const hipExternalSemaphoreHandleDesc semaphore = {
        .type = hipExternalSemaphoreHandleTypeOpaqueFd, .handle.fd = -1};
    static const hipExternalMemoryBufferDesc buffer;
    static const struct hipfx_external_array_desc array = {
        .formatDesc = {8, 8, 8, 8, hipChannelFormatKindUnsigned}};
    static const hipExternalSemaphoreSignalParams signal;
    static const hipExternalSemaphoreWaitParams wait;
    void *ptr = NULL, *handle = NULL;
    hipStream_t stream = NULL;
    hipEvent_t event = NULL;
    hipModule_t module = NULL;
    hipFunction_t function = NULL;
    hipMipmappedArray_t levels = NULL;
    hipArray_t level = NULL;
    float ms = 0;

    hip->hipMalloc(&ptr, 1);
    hip->hipFree(fake_cuda_handle);
    hip->hipHostMalloc(&ptr, 1, 0);
    hip->hipHostFree(fake_cuda_handle);
    hip->hipHostRegister(fake_cuda_handle, 1, 0);
    hip->hipHostUnregister(fake_cuda_handle);
    hip->hipHostGetDevicePointer(&ptr, fake_cuda_handle, 0);
    for (int kind = hipMemcpyHostToHost; kind <= hipMemcpyDefault; kind++)
        hip->hipMemcpyAsync(fake_cuda_handle, fake_cuda_handle, 1, (hipMemcpyKind)kind, NULL);
    hip->hipMemcpy2DAsync(fake_cuda_handle, 4, fake_cuda_handle, 4, 4, 1, hipMemcpyDefault, NULL);
    hip->hipMemcpy2DFromArrayAsync(fake_cuda_handle, 4, fake_cuda_handle, 0, 0, 4, 1,
                                   hipMemcpyDefault, NULL);
    hip->hipMemcpy2DToArrayAsync(fake_cuda_handle, 0, 0, fake_cuda_handle, 4, 4, 1,
                                 hipMemcpyDefault, NULL);
    hip->hipMemsetAsync(fake_cuda_handle, 0, 1, NULL);
    hip->hipStreamCreateWithFlags(&stream, 0);
    hip->hipStreamDestroy(fake_cuda_handle);
    hip->hipStreamSynchronize(NULL);
    hip->hipStreamQuery(NULL);
    hip->hipStreamWaitEvent(NULL, fake_cuda_handle, 0);
    hip->hipLaunchHostFunc(NULL, free, NULL);
    if (hip->hipStreamAddCallback(NULL, ignore_callback, NULL, 0) == hipSuccess)
        rig->cuda->callback(NULL, CUDA_SUCCESS, rig->cuda->callback_data);
    hip->hipEventCreateWithFlags(&event, 0);
    hip->hipEventDestroy(fake_cuda_handle);
    hip->hipEventRecord(fake_cuda_handle, NULL);
    hip->hipEventQuery(fake_cuda_handle);
    hip->hipEventSynchronize(fake_cuda_handle);
    hip->hipEventElapsedTime(&ms, fake_cuda_handle, fake_cuda_handle);
    hip->hipModuleLoadData(&module, image);
    hip->hipModuleUnload(fake_cuda_handle);
    hip->hipModuleGetFunction(&function, fake_cuda_handle, "name");
    hip->hipModuleLaunchKernel(fake_cuda_handle, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
    hip->hipImportExternalMemory(&handle, &memory);
    hip->hipExternalMemoryGetMappedBuffer(&ptr, fake_cuda_handle, &buffer);
    hip->hipExternalMemoryGetMappedMipmappedArray(&levels, fake_cuda_handle, &array);
    hip->hipGetMipmappedArrayLevel(&level, fake_cuda_handle, 0);
    hip->hipFreeMipmappedArray(fake_cuda_handle);
    hip->hipDestroyExternalMemory(fake_cuda_handle);
    handle = fake_cuda_handle;
    hip->hipSignalExternalSemaphoresAsync(&handle, &signal, 1, NULL);
    hip->hipWaitExternalSemaphoresAsync(&handle, &wait, 1, NULL);
    hip->hipImportExternalSemaphore(&handle, &semaphore);
    hip->hipDestroyExternalSemaphore(fake_cuda_handle);
}

enum { CALLS_OF_ALL = 43 };

static CUcontext current(void)
{
    CUcontext context = NULL;
    assert_int_equal(hipfx_cuda.cuCtxGetCurrent(&context), CUDA_SUCCESS);
    return context;
}

/* What the calling thread has is what it has afterwards, whether or not the calls succeed. */
static void check_all_calls(const struct fake_rig *rig)
{
    const CUcontext before = current();
    static const CUresult results[] = {CUDA_SUCCESS, CUDA_ERROR_LAUNCH_FAILED};
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        rig->cuda->calls = 0;
        rig->cuda->result = results[i];
        call_all(rig);
        assert_int_equal(rig->cuda->calls, CALLS_OF_ALL);
        assert_int_equal(rig->cuda->outside, 0);
        assert_ptr_equal(current(), before);
    }
    rig->cuda->result = CUDA_SUCCESS;
}

static void calls_run_in_the_devices_context_and_give_the_threads_own_back(void **state)
{
    (void)state;
    static int foreign;
    CUcontext popped;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);

    check_all_calls(&rig);
    assert_null(current());

    hipfx_cuda.cuCtxPushCurrent((CUcontext)&foreign);
    check_all_calls(&rig);
    hipfx_cuda.cuCtxPopCurrent(&popped);
    assert_ptr_equal(popped, &foreign);
    assert_null(current());

    const CUcontext ours = rig.cuda->context;
    hipfx_cuda.cuCtxPushCurrent(ours);
    check_all_calls(&rig);
    hipfx_cuda.cuCtxPopCurrent(&popped);
    assert_ptr_equal(popped, ours);
    assert_null(current());
    assert_int_equal(rig.cuda->retains, 1);
}

static void a_context_that_cannot_be_entered_is_an_error(void **state)
{
    (void)state;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    rig.cuda->context_result = CUDA_ERROR_CONTEXT_IS_DESTROYED;
    assert_int_equal(rig.hip->hipStreamSynchronize(NULL), hipErrorContextIsDestroyed);
    assert_int_equal(rig.cuda->calls, 0);
    assert_null(current());
}

struct thread_report {
    const struct fake_rig *rig;
    int device;
    CUcontext context;
};

static void *call_on_device(void *arg)
{
    struct thread_report *report = arg;
    check_all_calls(report->rig);
    report->context = report->rig->cuda->context;
    if (report->device) {
        OK(report->rig->hip->hipSetDevice(report->device));
        check_all_calls(report->rig);
        assert_ptr_not_equal(report->rig->cuda->context, report->context);
    }
    return NULL;
}

static void each_thread_has_its_own_device(void **state)
{
    (void)state;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    struct thread_report reports[] = {{&rig, 1, NULL}, {&rig, 0, NULL}};
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, call_on_device, &reports[i]), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    assert_ptr_equal(reports[0].context, reports[1].context);
    check_all_calls(&rig);
    assert_ptr_equal(rig.cuda->context, reports[1].context);
    assert_int_equal(rig.cuda->retains, FAKE_CUDA_DEVICES);
}

static void after_a_reset_the_next_call_starts_anew(void **state)
{
    (void)state;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    OK(rig.hip->hipStreamSynchronize(NULL));
    assert_int_equal(rig.cuda->retains, 1);
    OK(rig.hip->hipDeviceReset());
    OK(rig.hip->hipDeviceReset());
    assert_int_equal(rig.cuda->resets, 1);
    assert_int_equal(rig.cuda->releases, 1);
    assert_int_equal(rig.cuda->retains, 1);
    OK(rig.hip->hipStreamSynchronize(NULL));
    assert_int_equal(rig.cuda->retains, 2);
    check_all_calls(&rig);
}

static int lines;

static void count_line(enum hipfx_log_level level, const char *line)
{
    (void)level;
    (void)line;
    lines++;
}

static void a_lost_device_is_lost_until_its_reset(void **state)
{
    static const CUresult losses[] = {CUDA_ERROR_ILLEGAL_ADDRESS, CUDA_ERROR_LAUNCH_FAILED,
                                      CUDA_ERROR_LAUNCH_TIMEOUT, CUDA_ERROR_ECC_UNCORRECTABLE,
                                      CUDA_ERROR_CONTEXT_IS_DESTROYED};
    (void)state;
    struct fake_rig rig = open_fake_cuda(FAKE_CUDA_LIBRARY);
    void *const memory = (void *)(uintptr_t)FAKE_CUDA_ADDRESS;
    hipStream_t stream = NULL;
    OK(rig.hip->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    hipfx_log_set_sink(count_line);
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
        lines = 0;
        rig.cuda->result = CUDA_ERROR_NOT_READY;
        assert_false(hipfx_hip_is_lost(rig.hip, stream));
        rig.cuda->result = losses[i];
        assert_true(hipfx_hip_is_lost(rig.hip, stream));
        assert_true(hipfx_hip_is_lost(rig.hip, NULL));
        HIP_FREE(rig.hip, hipFree, memory); /* nothing of it is left */
        assert_int_equal(lines, 0);
        OK(rig.hip->hipDeviceReset());
        assert_false(hipfx_hip_is_lost(rig.hip, NULL));
        rig.cuda->result = CUDA_ERROR_INVALID_VALUE;
        HIP_FREE(rig.hip, hipFree, memory);
        assert_int_equal(lines, 1);
        rig.cuda->result = CUDA_SUCCESS;
    }
    hipfx_log_set_sink(NULL);
    check_all_calls(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_driver_it_says_so),
        cmocka_unit_test(a_file_that_is_no_library_is_named),
        cmocka_unit_test(a_missing_function_is_named_with_its_version),
        cmocka_unit_test(a_driver_without_a_card_is_refused),
        cmocka_unit_test(a_card_that_gives_no_context_is_refused),
        cmocka_unit_test(a_whole_driver_fills_the_table),
        cmocka_unit_test(devices_are_cudas_by_their_ordinals),
        cmocka_unit_test(an_old_driver_gives_the_uuid_by_its_old_name),
        cmocka_unit_test(every_result_of_the_driver_is_an_error_of_hip),
        cmocka_unit_test(errors_have_hips_names),
        cmocka_unit_test(an_unknown_result_keeps_its_number),
        cmocka_unit_test(a_text_is_of_the_threads_own_error),
        cmocka_unit_test(calls_run_in_the_devices_context_and_give_the_threads_own_back),
        cmocka_unit_test(a_context_that_cannot_be_entered_is_an_error),
        cmocka_unit_test(each_thread_has_its_own_device),
        cmocka_unit_test(after_a_reset_the_next_call_starts_anew),
        cmocka_unit_test(a_lost_device_is_lost_until_its_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
