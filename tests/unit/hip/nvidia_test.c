/* The `nvidia` provider with the real driver, on a machine with a card. It needs neither Vulkan nor
 * OpenGL: what is shared with them has tests of its own. Exits 77 with the reason where there is no
 * card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interop/hip/nvidia.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OK(call)     assert_true(HIP_OK(call))
#define HIP_OK(call) succeeded(#call, call)

enum { EXIT_SKIP = 77, COUNT = 100003, BLOCK = 256 };

static const struct hipfx_hip *hip;

static bool succeeded(const char *call, hipError_t err)
{
    struct hipfx_why why = {0};
    if (!hipfx_hip_check(hip, &why, call, err))
        print_error("%s\n", why.text);
    return err == hipSuccess;
}

/* void add(uint32_t *data, uint32_t count, uint32_t value): adds `value` to each number. */
static const char add_ptx[] = "//\n"
                              ".version 6.3\n"
                              ".target sm_75\n"
                              ".address_size 64\n"
                              ".visible .entry add(.param .u64 data, .param .u32 count,\n"
                              "                    .param .u32 value)\n"
                              "{\n"
                              "    .reg .pred %p;\n"
                              "    .reg .b32 %r<7>;\n"
                              "    .reg .b64 %d<3>;\n"
                              "    mov.u32 %r1, %ctaid.x;\n"
                              "    mov.u32 %r2, %ntid.x;\n"
                              "    mov.u32 %r3, %tid.x;\n"
                              "    mad.lo.u32 %r1, %r1, %r2, %r3;\n"
                              "    ld.param.u32 %r4, [count];\n"
                              "    setp.ge.u32 %p, %r1, %r4;\n"
                              "    @%p ret;\n"
                              "    ld.param.u64 %d1, [data];\n"
                              "    cvta.to.global.u64 %d1, %d1;\n"
                              "    mul.wide.u32 %d2, %r1, 4;\n"
                              "    add.u64 %d1, %d1, %d2;\n"
                              "    ld.param.u32 %r5, [value];\n"
                              "    ld.global.u32 %r6, [%d1];\n"
                              "    add.u32 %r6, %r6, %r5;\n"
                              "    st.global.u32 [%d1], %r6;\n"
                              "    ret;\n"
                              "}\n";

struct rig {
    hipStream_t stream;
    hipModule_t module;
    hipFunction_t add;
    uint32_t *device; /* COUNT numbers */
};

static int set_up(void **state)
{
    static struct rig rig;
    rig = (struct rig){0};
    *state = &rig;
    return HIP_OK(hip->hipStreamCreateWithFlags(&rig.stream, hipStreamNonBlocking)) &&
                   HIP_OK(hip->hipModuleLoadData(&rig.module, add_ptx)) &&
                   HIP_OK(hip->hipModuleGetFunction(&rig.add, rig.module, "add")) &&
                   HIP_OK(hip->hipMalloc((void **)&rig.device, COUNT * sizeof(uint32_t)))
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    return HIP_OK(hip->hipFree(rig->device)) && HIP_OK(hip->hipModuleUnload(rig->module)) &&
                   HIP_OK(hip->hipStreamDestroy(rig->stream))
               ? 0
               : -1;
}

static void launch_add(const struct rig *rig, uint32_t *device, uint32_t value)
{
    uint32_t count = COUNT;
    void *params[] = {&device, &count, &value};
    OK(hip->hipModuleLaunchKernel(rig->add, (COUNT + BLOCK - 1) / BLOCK, 1, 1, BLOCK, 1, 1, 0,
                                  rig->stream, params, NULL));
}

static CUcontext current_context(void)
{
    CUcontext context = NULL;
    assert_int_equal(hipfx_cuda.cuCtxGetCurrent(&context), CUDA_SUCCESS);
    return context;
}

static void the_device_says_what_it_is(void **state)
{
    (void)state;
    char name[128] = "", bus[32] = "";
    int major = 0, processors = 0, warp = 0;
    hipUUID uuid = {{0}}, none = {{0}};
    OK(hip->hipDeviceGetName(name, sizeof(name), 0));
    OK(hip->hipDeviceGetPCIBusId(bus, sizeof(bus), 0));
    OK(hip->hipDeviceGetUuid(&uuid, 0));
    OK(hip->hipDeviceGetAttribute(&major, hipDeviceAttributeComputeCapabilityMajor, 0));
    OK(hip->hipDeviceGetAttribute(&processors, hipDeviceAttributeMultiprocessorCount, 0));
    OK(hip->hipDeviceGetAttribute(&warp, hipDeviceAttributeWarpSize, 0));
    print_message("%s at %s, capability %d, %d multiprocessors, %s, CUDA %d.%d\n", name, bus, major,
                  processors, hip->library, hip->runtime_version / 10000000,
                  hip->runtime_version / 100000 % 100);
    assert_true(name[0] && strchr(bus, ':'));
    assert_memory_not_equal(&uuid, &none, sizeof(uuid));
    assert_true(major >= 5 && processors > 0);
    assert_int_equal(warp, 32);
}

static void a_kernel_changes_every_number_once(void **state)
{
    const struct rig *rig = *state;
    uint32_t *numbers = test_malloc(COUNT * sizeof(uint32_t));
    for (uint32_t i = 0; i < COUNT; i++)
        numbers[i] = i * 2654435761u;
    OK(hip->hipMemcpyAsync(rig->device, numbers, COUNT * sizeof(uint32_t), hipMemcpyHostToDevice,
                           rig->stream));
    launch_add(rig, rig->device, 1);
    memset(numbers, 0, COUNT * sizeof(uint32_t));
    OK(hip->hipMemcpyAsync(numbers, rig->device, COUNT * sizeof(uint32_t), hipMemcpyDeviceToHost,
                           rig->stream));
    OK(hip->hipStreamSynchronize(rig->stream));
    OK(hip->hipStreamQuery(rig->stream));
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(numbers[i], i * 2654435761u + 1);
    test_free(numbers);
}

static void registered_memory_is_written_by_a_kernel(void **state)
{
    const struct rig *rig = *state;
    const size_t size = (COUNT * sizeof(uint32_t) + 4095) / 4096 * 4096;
    uint32_t *numbers = aligned_alloc(4096, size);
    void *device = NULL;
    assert_non_null(numbers);
    memset(numbers, 0, size);
    OK(hip->hipHostRegister(numbers, size, hipHostRegisterMapped));
    OK(hip->hipHostGetDevicePointer(&device, numbers, 0));
    launch_add(rig, device, 7);
    OK(hip->hipStreamSynchronize(rig->stream));
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(numbers[i], 7);
    OK(hip->hipHostUnregister(numbers));
    free(numbers);
}

/* An odd picture in rows of three different pitches. */
static void rows_are_copied_by_pitch(void **state)
{
    const struct rig *rig = *state;
    enum { WIDTH = 641 * 4, HEIGHT = 37, HOST_PITCH = 2600, A_PITCH = 3072, B_PITCH = 2816 };
    uint8_t *host = NULL, *a = NULL, *b = NULL;
    OK(hip->hipHostMalloc((void **)&host, HOST_PITCH * HEIGHT, hipHostMallocDefault));
    OK(hip->hipMalloc((void **)&a, A_PITCH * HEIGHT));
    OK(hip->hipMalloc((void **)&b, B_PITCH * HEIGHT));
    for (int i = 0; i < HOST_PITCH * HEIGHT; i++)
        host[i] = (uint8_t)(i * 31 + i / 251);
    OK(hip->hipMemsetAsync(b, 0xee, B_PITCH * HEIGHT, rig->stream));
    OK(hip->hipMemcpy2DAsync(a, A_PITCH, host, HOST_PITCH, WIDTH, HEIGHT, hipMemcpyHostToDevice,
                             rig->stream));
    OK(hip->hipMemcpy2DAsync(b, B_PITCH, a, A_PITCH, WIDTH, HEIGHT, hipMemcpyDeviceToDevice,
                             rig->stream));
    OK(hip->hipStreamSynchronize(rig->stream));
    memset(host, 0, HOST_PITCH * HEIGHT);
    OK(hip->hipMemcpy2DAsync(host, HOST_PITCH, b, B_PITCH, WIDTH, HEIGHT, hipMemcpyDefault,
                             rig->stream));
    OK(hip->hipStreamSynchronize(rig->stream));
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < HOST_PITCH; x++) {
            const int i = y * HOST_PITCH + x;
            assert_int_equal(host[i], x < WIDTH ? (uint8_t)(i * 31 + i / 251) : 0);
        }
    }
    uint8_t past_row[B_PITCH - WIDTH];
    OK(hip->hipMemcpyAsync(past_row, b + WIDTH, sizeof(past_row), hipMemcpyDeviceToHost,
                           rig->stream));
    OK(hip->hipStreamSynchronize(rig->stream));
    for (size_t i = 0; i < sizeof(past_row); i++)
        assert_int_equal(past_row[i], 0xee);
    OK(hip->hipFree(a));
    OK(hip->hipFree(b));
    OK(hip->hipHostFree(host));
}

/* A host function that a test holds back. It goes on by itself: a failing test must not hang. */
struct gate {
    atomic_bool open, reached;
};

static bool wait_for(atomic_bool *flag)
{
    for (int i = 0; i < 300000 && !atomic_load(flag); i++)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    return atomic_load(flag);
}

static void wait_at_gate(void *arg)
{
    struct gate *gate = arg;
    atomic_store(&gate->reached, true);
    wait_for(&gate->open);
}

static void work_waits_for_what_was_enqueued_before(void **state)
{
    const struct rig *rig = *state;
    struct gate gate = {false, false};
    hipStream_t second = NULL;
    hipEvent_t begin = NULL, end = NULL;
    uint32_t first = 0;
    float ms = -1.0f;
    OK(hip->hipStreamCreateWithFlags(&second, hipStreamNonBlocking));
    OK(hip->hipEventCreateWithFlags(&begin, hipEventDefault));
    OK(hip->hipEventCreateWithFlags(&end, hipEventDefault));
    OK(hip->hipMemsetAsync(rig->device, 0, COUNT * sizeof(uint32_t), rig->stream));
    OK(hip->hipEventRecord(begin, rig->stream));
    OK(hip->hipLaunchHostFunc(rig->stream, wait_at_gate, &gate));
    launch_add(rig, rig->device, 3);
    OK(hip->hipEventRecord(end, rig->stream));
    OK(hip->hipStreamWaitEvent(second, end, 0));
    assert_true(wait_for(&gate.reached));
    assert_int_equal(hip->hipStreamQuery(rig->stream), hipErrorNotReady);
    assert_int_equal(hip->hipStreamQuery(second), hipErrorNotReady);
    assert_int_equal(hip->hipEventQuery(end), hipErrorNotReady);
    OK(hip->hipEventQuery(begin));

    atomic_store(&gate.open, true);
    OK(hip->hipMemcpyAsync(&first, rig->device, sizeof(first), hipMemcpyDeviceToHost, second));
    OK(hip->hipStreamSynchronize(second));
    assert_int_equal(first, 3);
    OK(hip->hipEventSynchronize(end));
    OK(hip->hipEventElapsedTime(&ms, begin, end));
    assert_true(ms >= 0.0f);
    OK(hip->hipEventDestroy(begin));
    OK(hip->hipEventDestroy(end));
    OK(hip->hipStreamDestroy(second));
}

struct callback_report {
    hipStream_t stream;
    hipError_t status;
    atomic_bool done;
};

static void report_callback(hipStream_t stream, hipError_t status, void *data)
{
    struct callback_report *report = data;
    report->stream = stream;
    report->status = status;
    atomic_store(&report->done, true);
}

static void a_callback_learns_of_success(void **state)
{
    const struct rig *rig = *state;
    struct callback_report report = {NULL, hipErrorUnknown, false};
    OK(hip->hipStreamAddCallback(rig->stream, report_callback, &report, 0));
    OK(hip->hipStreamSynchronize(rig->stream));
    assert_true(wait_for(&report.done));
    assert_int_equal(report.status, hipSuccess);
    assert_ptr_equal(report.stream, rig->stream);
}

static void bad_ptx_is_refused_with_the_compilers_words(void **state)
{
    (void)state;
    static const char ptx[] = ".version 6.3\n.target sm_75\n.address_size 64\n"
                              ".visible .entry broken() { nonsense.u32 %r1; }\n";
    struct hipfx_why why = {0};
    hipModule_t module = NULL;
    assert_false(HIP(&why, hip, hipModuleLoadData, &module, ptx));
    assert_null(module);
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "hipErrorInvalidKernelFile"));
    assert_non_null(strstr(why.text, "CUDA_ERROR_INVALID_PTX"));
    assert_non_null(strstr(why.text, "line 4"));
}

static void errors_carry_the_drivers_words(void **state)
{
    const struct rig *rig = *state;
    struct hipfx_why why = {0};
    hipFunction_t function = NULL;
    assert_false(HIP(&why, hip, hipModuleGetFunction, &function, rig->module, "subtract"));
    print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, "hipErrorNotFound, CUDA_ERROR_NOT_FOUND: "));
}

static void *use_device(void *arg)
{
    struct rig *rig = arg;
    if (current_context())
        return "a new thread has a context";
    if (!HIP_OK(hip->hipMemsetAsync(rig->device, 0, 4, rig->stream)) ||
        !HIP_OK(hip->hipStreamSynchronize(rig->stream)))
        return "a call failed";
    return current_context() ? "a context stayed" : NULL;
}

static void no_thread_keeps_the_devices_context(void **state)
{
    struct rig *rig = *state;
    pthread_t thread;
    void *wrong = NULL;
    assert_null(current_context());
    assert_null(use_device(rig));
    assert_int_equal(pthread_create(&thread, NULL, use_device, rig), 0);
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_null(wrong);
}

/* As beside NVENC, which keeps a context of its own current. */
static void anothers_context_stays_current(void **state)
{
    struct rig *rig = *state;
    CUresult (*create)(CUcontext *, unsigned int, CUdevice) = NULL;
    CUresult (*destroy)(CUcontext) = NULL;
    CUcontext foreign = NULL, popped = NULL;
    CUdevice device = 0;
    void *library = dlopen(hip->library, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    void *symbols[] = {dlsym(library, "cuCtxCreate_v2"), dlsym(library, "cuCtxDestroy_v2")};
    memcpy(&create, &symbols[0], sizeof(create));
    memcpy(&destroy, &symbols[1], sizeof(destroy));
    assert_true(create && destroy);

    assert_int_equal(hipfx_cuda.cuDeviceGet(&device, 0), CUDA_SUCCESS);
    assert_int_equal(create(&foreign, 0, device), CUDA_SUCCESS);
    assert_ptr_equal(current_context(), foreign);
    launch_add(rig, rig->device, 1);
    OK(hip->hipStreamSynchronize(rig->stream));
    assert_ptr_equal(current_context(), foreign);
    assert_int_equal(hipfx_cuda.cuCtxPopCurrent(&popped), CUDA_SUCCESS);
    assert_ptr_equal(popped, foreign);
    assert_int_equal(destroy(foreign), CUDA_SUCCESS);
    assert_null(current_context());
}

/* What interop/map.c relies on: whoever closed it too could close another's. */
static void a_descriptor_that_is_refused_is_the_drivers_all_the_same(void **state)
{
    (void)state;
    hipExternalMemory_t memory = NULL;
    hipExternalMemoryHandleDesc handle = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                          .size = 1 << 20};
    handle.handle.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(handle.handle.fd >= 0);
    assert_int_not_equal(hip->hipImportExternalMemory(&memory, &handle), hipSuccess);
    assert_null(memory);
    assert_int_equal(fcntl(handle.handle.fd, F_GETFD), -1);
}

static double nanoseconds_of(const struct rig *rig, int calls)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < calls; i++)
        hip->hipStreamQuery(rig->stream);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
           calls;
}

/* Says what it costs to bring one's own context along; nothing is asserted of a time. */
static void the_price_of_a_context_is_told(void **state)
{
    const struct rig *rig = *state;
    CUcontext context = NULL, popped = NULL;
    CUdevice device = 0;
    const int calls = 100000;
    OK(hip->hipStreamSynchronize(rig->stream));
    const double apart_ns = nanoseconds_of(rig, calls);
    assert_int_equal(hipfx_cuda.cuDeviceGet(&device, 0), CUDA_SUCCESS);
    assert_int_equal(hipfx_cuda.cuDevicePrimaryCtxRetain(&context, device), CUDA_SUCCESS);
    assert_int_equal(hipfx_cuda.cuCtxPushCurrent(context), CUDA_SUCCESS);
    const double current_ns = nanoseconds_of(rig, calls);
    assert_int_equal(hipfx_cuda.cuCtxPopCurrent(&popped), CUDA_SUCCESS);
    assert_int_equal(hipfx_cuda.cuDevicePrimaryCtxRelease(device), CUDA_SUCCESS);
    print_message("hipStreamQuery: %.0f ns with the context current, %.0f ns without\n", current_ns,
                  apart_ns);
}

/* The last: nothing that was made before survives it. */
static void after_a_reset_everything_works_again(void **state)
{
    OK(hip->hipDeviceReset());
    assert_null(current_context());
    assert_int_equal(set_up(state), 0);
    a_kernel_changes_every_number_once(state);
    assert_int_equal(tear_down(state), 0);
}

int main(void)
{
    struct hipfx_why why = {0};
    hip = hipfx_hip_open(HIPFX_HIP_NVIDIA, &why);
    if (!hip) {
        printf("skipped: %s\n", why.text);
        return EXIT_SKIP;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_says_what_it_is),
        cmocka_unit_test_setup_teardown(a_kernel_changes_every_number_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(registered_memory_is_written_by_a_kernel, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_are_copied_by_pitch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(work_waits_for_what_was_enqueued_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callback_learns_of_success, set_up, tear_down),
        cmocka_unit_test(bad_ptx_is_refused_with_the_compilers_words),
        cmocka_unit_test_setup_teardown(errors_carry_the_drivers_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_thread_keeps_the_devices_context, set_up, tear_down),
        cmocka_unit_test_setup_teardown(anothers_context_stays_current, set_up, tear_down),
        cmocka_unit_test(a_descriptor_that_is_refused_is_the_drivers_all_the_same),
        cmocka_unit_test_setup_teardown(the_price_of_a_context_is_told, set_up, tear_down),
        cmocka_unit_test(after_a_reset_everything_works_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
