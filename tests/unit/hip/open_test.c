/* Opening providers, and the `cpu` provider's account of its device. */
#include "tests/unit/hip/hip_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void kinds_have_names(void **state)
{
    (void)state;
    for (int kind = HIPFX_HIP_AMD; kind <= HIPFX_HIP_CPU; kind++)
        assert_int_equal(hipfx_hip_kind_from_name(hipfx_hip_kind_name(kind)), kind);
    assert_string_equal(hipfx_hip_kind_name(HIPFX_HIP_CPU), "cpu");
    assert_int_equal(hipfx_hip_kind_from_name("CPU"), HIPFX_HIP_NONE);
    assert_int_equal(hipfx_hip_kind_from_name(""), HIPFX_HIP_NONE);
    assert_int_equal(hipfx_hip_kind_from_name(NULL), HIPFX_HIP_NONE);
    assert_int_equal(hipfx_hip_kind_from_name("none"), HIPFX_HIP_NONE);
}

static void cpu_opens_once(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    assert_ptr_equal(hipfx_hip_open(HIPFX_HIP_CPU, NULL), hip);
    assert_int_equal(hip->kind, HIPFX_HIP_CPU);
    assert_string_equal(hip->name, "cpu");
    int version = 0;
    OK(hip->hipRuntimeGetVersion(&version));
    assert_int_equal(hip->runtime_version, version);
#define HAS(f) assert_non_null(hip->f);
    HIPFX_HIP_REQUIRED(HAS)
    HIPFX_HIP_OPTIONAL(HAS)
#undef HAS
}

static void refusal_has_a_reason_each_time(void **state)
{
    (void)state;
    setenv("HIPFX_CUDA_LIBRARY", "/nowhere/libcuda.so.1", 1);
    for (int i = 0; i < 2; i++) {
        struct hipfx_why why = {0};
        assert_null(hipfx_hip_open(HIPFX_HIP_NVIDIA, &why));
        assert_non_null(strstr(why.text, "/nowhere/libcuda.so.1"));
    }
    unsetenv("HIPFX_CUDA_LIBRARY");
    struct hipfx_why why = {0};
    assert_null(hipfx_hip_open(HIPFX_HIP_NONE, &why));
    assert_true(why.text[0] != '\0');

    enum hipfx_hip_kind no_kind;
    memset(&no_kind, 0x7f, sizeof(no_kind));
    assert_null(hipfx_hip_open(no_kind, NULL));
}

static void check_names_call_and_error(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    struct hipfx_why why = {0};
    assert_true(HIP(&why, hip, hipInit, 0));
    assert_int_equal(why.text[0], '\0');
    assert_false(HIP(&why, hip, hipSetDevice, 7));
    assert_non_null(strstr(why.text, "hipSetDevice"));
    assert_non_null(strstr(why.text, "hipErrorInvalidDevice"));
    assert_non_null(strstr(why.text, "invalid device ordinal"));
}

static void errors_have_hips_own_names(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    assert_string_equal(hip->hipGetErrorName(hipSuccess), "hipSuccess");
    assert_string_equal(hip->hipGetErrorName(hipErrorNotReady), "hipErrorNotReady");
    assert_string_equal(hip->hipGetErrorName(hipErrorOutOfMemory), "hipErrorOutOfMemory");
    assert_string_equal(hip->hipGetErrorString(hipErrorInvalidValue), "invalid argument");
    assert_string_equal(hip->hipGetErrorName(hipErrorTbd), "hipErrorUnknown");
    assert_string_equal(hip->hipGetErrorString(hipErrorTbd), "unknown error");
}

static void cpu_is_one_device(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    int count = 0, cores = 0;
    hipDevice_t device = -1;
    char name[128] = "", threads[32], bus[32] = "?", tiny[4];
    hipUUID uuid = {{0}};

    OK(hip->hipInit(0));
    assert_int_equal(hip->hipInit(1), hipErrorInvalidValue);
    OK(hip->hipGetDeviceCount(&count));
    assert_int_equal(count, 1);
    OK(hip->hipDeviceGet(&device, 0));
    assert_int_equal(device, 0);
    assert_int_equal(hip->hipDeviceGet(&device, 1), hipErrorInvalidDevice);
    assert_int_equal(hip->hipSetDevice(-1), hipErrorInvalidDevice);

    OK(hip->hipDeviceGetAttribute(&cores, hipDeviceAttributeMultiprocessorCount, 0));
    assert_in_range(cores, 1, sysconf(_SC_NPROCESSORS_CONF));
    snprintf(threads, sizeof(threads), "(%d thread", cores);
    OK(hip->hipDeviceGetName(name, sizeof(name), 0));
    assert_non_null(strstr(name, threads));
    OK(hip->hipDeviceGetName(tiny, sizeof(tiny), 0));
    assert_int_equal(strlen(tiny), 3);
    assert_int_equal(hip->hipDeviceGetName(name, 0, 0), hipErrorInvalidValue);

    OK(hip->hipDeviceGetUuid(&uuid, 0));
    assert_memory_equal(uuid.bytes, "hipfx-cpu-device", 16);
    assert_int_equal(hip->hipDeviceGetPCIBusId(bus, sizeof(bus), 0), hipErrorNotSupported);
    assert_string_equal(bus, "");
    assert_int_equal(hip->hipDeviceGetAttribute(&count, hipDeviceAttributePciBusId, 0),
                     hipErrorNotSupported);
    assert_int_equal(hip->hipDeviceGetAttribute(&count, hipDeviceAttributeCudaCompatibleEnd, 0),
                     hipErrorInvalidValue);
}

static void external_memory_is_refused(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipExternalMemory_t memory = (hipExternalMemory_t)1;
    hipExternalMemoryHandleDesc handle = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                          .size = 4096};
    handle.handle.fd = dup(STDERR_FILENO);
    assert_int_equal(hip->hipImportExternalMemory(&memory, &handle), hipErrorNotSupported);
    assert_null(memory);
    assert_int_equal(close(handle.handle.fd), 0); /* a refused fd is still the caller's */
    assert_int_equal(hip->hipDestroyExternalMemory(memory), hipErrorInvalidHandle);
}

static void amd_without_its_driver_names_kfd(void **state)
{
    (void)state;
    if (access("/dev/kfd", F_OK) == 0)
        skip();
    struct hipfx_why why = {0};
    unsetenv("HIPFX_HIP_LIBRARY");
    assert_null(hipfx_hip_open_amd(&why));
    assert_non_null(strstr(why.text, "/dev/kfd"));
}

static const struct hipfx_hip *open_amd_from(const char *library, struct hipfx_why *why)
{
    setenv("HIPFX_HIP_LIBRARY", library, 1);
    const struct hipfx_hip *hip = hipfx_hip_open_amd(why);
    unsetenv("HIPFX_HIP_LIBRARY");
    return hip;
}

static void amd_names_what_it_cannot_load(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    assert_null(open_amd_from("/nowhere/libamdhip64.so", &why));
    assert_non_null(strstr(why.text, "HIPFX_HIP_LIBRARY"));
    assert_non_null(strstr(why.text, "/nowhere/libamdhip64.so"));

    why.text[0] = '\0';
    assert_null(open_amd_from("/proc/self/cmdline", &why));
    assert_non_null(strstr(why.text, "/proc/self/cmdline"));
}

static void amd_names_the_function_that_is_missing(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    assert_null(open_amd_from(FAKE_HIP_INCOMPLETE, &why));
    assert_non_null(strstr(why.text, "hipEventQuery"));
    assert_non_null(strstr(why.text, FAKE_HIP_INCOMPLETE));
}

static void amd_without_a_device_is_refused(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    assert_null(open_amd_from(FAKE_HIP_DEVICELESS, &why));
    assert_non_null(strstr(why.text, "hipGetDeviceCount"));
    assert_non_null(strstr(why.text, "hipErrorNoDevice"));
}

static void amd_takes_a_whole_library(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    const struct hipfx_hip *hip = open_amd_from(FAKE_HIP_WHOLE, &why);
    assert_string_equal(why.text, "");
    assert_non_null(hip);
    assert_int_equal(hip->kind, HIPFX_HIP_AMD);
    assert_string_equal(hip->library, FAKE_HIP_WHOLE);
    assert_int_equal(hip->runtime_version, 60443484);
    assert_non_null(hip->hipStreamAddCallback);
    assert_null(hip->hipLaunchHostFunc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(cpu_opens_once),
        cmocka_unit_test(refusal_has_a_reason_each_time),
        cmocka_unit_test(check_names_call_and_error),
        cmocka_unit_test(errors_have_hips_own_names),
        cmocka_unit_test(cpu_is_one_device),
        cmocka_unit_test(external_memory_is_refused),
        cmocka_unit_test(amd_without_its_driver_names_kfd),
        cmocka_unit_test(amd_names_what_it_cannot_load),
        cmocka_unit_test(amd_names_the_function_that_is_missing),
        cmocka_unit_test(amd_without_a_device_is_refused),
        cmocka_unit_test(amd_takes_a_whole_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
