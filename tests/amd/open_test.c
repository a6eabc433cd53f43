/* Opening AMD's runtime: which library is taken, what is tried apart, what is kept of it.
 *
 * The helper is watched by a script in its place, which notes each of its runs. */
#include "interop/hip/hip.h"
#include "interop/hip/probe.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_NS UINT64_C(2000000000)

static char folder[64], watcher[96], runs[96];

static const char *const variables[] = {
    "HIPFX_HIP_LIBRARY", "HIPFX_STANDIN_INIT", "HIPFX_STANDIN_USE",     "HIPFX_STANDIN_PCI",
    "HIPFX_TEST_KFD",    "HIPFX_STANDIN_GFX",  "HIPFX_TEST_KFD_DENIED",
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        fail_msg("%s cannot be written", path);
}

static int set_up(void **state)
{
    (void)state;
    char script[512];
    snprintf(folder, sizeof(folder), "/tmp/hipfx-open-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(watcher, sizeof(watcher), "%s/watcher", folder);
    snprintf(runs, sizeof(runs), "%s/runs", folder);
    snprintf(script, sizeof(script), "#!/bin/sh\necho run >>%s\nexec %s \"$@\"\n", runs,
             PROBE_PROGRAM);
    write_file(watcher, script);
    write_file(runs, "");
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    setenv("XDG_CACHE_HOME", folder, 1);
    setenv("HIPFX_TEST_KFD", KFD_FOLDER, 1);
    return chmod(watcher, 0700);
}

static int tear_down(void **state)
{
    (void)state;
    char command[96];
    hipfx_probe_set(NULL);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static int count_runs(void)
{
    struct stat info;
    assert_int_equal(stat(runs, &info), 0);
    return (int)(info.st_size / 4);
}

static const struct hipfx_hip *open_with(const struct hipfx_pci *device, struct hipfx_why *why)
{
    *why = (struct hipfx_why){0};
    hipfx_probe_set(&(struct hipfx_probe_params){
        .program = watcher, .device = device, .timeout_ns = TIMEOUT_NS});
    return hipfx_hip_open_amd(why);
}

static void expect_refused(const struct hipfx_pci *device, const char *reason)
{
    struct hipfx_why why;
    assert_null(open_with(device, &why));
    if (!strstr(why.text, reason))
        fail_msg("it says: %s", why.text);
}

static void expect_taken(const struct hipfx_pci *device, const char *library, int version)
{
    struct hipfx_why why;
    const struct hipfx_hip *hip = open_with(device, &why);
    if (!hip) {
        fail_msg("%s", why.text);
        return;
    }
    assert_string_equal(hip->library, library);
    assert_int_equal(hip->runtime_version, version);
    assert_false(hip->imports_semaphores);
    assert_false(hip->takes_fd);
    assert_null(hip->hipImportExternalSemaphore);
}

static const struct hipfx_pci gpu = {0, 3, 0}, apu = {0, 0x0c, 0}, another = {0, 4, 0};

/* LD_LIBRARY_PATH is set for this test: it holds stand-ins of versions 5, 6 and 7. */
static void the_newest_version_that_is_installed_is_taken(void **state)
{
    (void)state;
    expect_taken(&gpu, STANDIN_7, 70051831);
    assert_int_equal(count_runs(), 1);
}

static void the_users_choice_goes_before(void **state)
{
    (void)state;
    setenv("HIPFX_HIP_LIBRARY", STANDIN_6, 1);
    setenv("HIPFX_TEST_KFD", "/nonexistent", 1); /* then nobody asks for it */
    expect_taken(NULL, STANDIN_6, 60443484);
}

static void version_5_is_refused_with_the_reason(void **state)
{
    (void)state;
    setenv("HIPFX_HIP_LIBRARY", STANDIN_5, 1);
    expect_refused(&gpu, "HIP 5.2");
    expect_refused(&gpu, "known to crash");
    hipfx_probe_set(NULL);
    struct hipfx_why why = {0};
    assert_null(hipfx_hip_open_amd(&why));
    assert_non_null(strstr(why.text, "HIP 5.2"));
}

static void a_good_trial_is_not_repeated(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        expect_taken(&gpu, STANDIN_7, 70051831);
    assert_int_equal(count_runs(), 1);
    expect_taken(&apu, STANDIN_7, 70051831); /* another GPU is another trial */
    assert_int_equal(count_runs(), 2);
}

static void a_changed_library_is_tried_again(void **state)
{
    (void)state;
    char copy[96], command[512];
    snprintf(copy, sizeof(copy), "%s/libamdhip64.so.6", folder);
    snprintf(command, sizeof(command), "cp %s %s", STANDIN_6, copy);
    assert_int_equal(system(command), 0);
    setenv("HIPFX_HIP_LIBRARY", copy, 1);
    expect_taken(&gpu, copy, 60443484);
    expect_taken(&gpu, copy, 60443484);
    assert_int_equal(count_runs(), 1);
    snprintf(command, sizeof(command), "touch -d 2001-01-01 %s", copy);
    assert_int_equal(system(command), 0);
    expect_taken(&gpu, copy, 60443484);
    assert_int_equal(count_runs(), 2);
}

static void a_crash_is_survived_named_and_remembered(void **state)
{
    (void)state;
    setenv("HIPFX_STANDIN_INIT", "crash", 1);
    expect_refused(&gpu, STANDIN_7 " crashed (SIGABRT)");
    expect_refused(&gpu, "crashed (SIGABRT)");
    expect_refused(&gpu, "amd-runtime"); /* the file to delete */
    assert_int_equal(count_runs(), 1);
}

static void a_crash_at_the_devices_first_use_is_survived(void **state)
{
    (void)state;
    setenv("HIPFX_STANDIN_USE", "crash", 1);
    expect_refused(&gpu, "crashed (SIGABRT)");
}

static void a_crash_is_believed_for_a_day_only(void **state)
{
    (void)state;
    char path[128], command[256];
    snprintf(path, sizeof(path), "%s/obs-hipfx/amd-runtime", folder);
    setenv("HIPFX_STANDIN_INIT", "crash", 1);
    expect_refused(&gpu, "crashed");
    snprintf(command, sizeof(command), "sed -i 's/^time .*/time %lld/' %s",
             (long long)time(NULL) - 86401, path);
    assert_int_equal(system(command), 0);
    unsetenv("HIPFX_STANDIN_INIT");
    expect_taken(&gpu, STANDIN_7, 70051831);
    assert_int_equal(count_runs(), 2);
}

static void a_hang_is_bounded_and_named(void **state)
{
    (void)state;
    setenv("HIPFX_STANDIN_INIT", "hang", 1);
    expect_refused(&gpu, STANDIN_7 " hung");
    expect_refused(&gpu, "hung");
    assert_int_equal(count_runs(), 1);
}

static void a_plain_refusal_is_asked_for_each_time(void **state)
{
    (void)state;
    setenv("HIPFX_STANDIN_INIT", "none", 1);
    expect_refused(&gpu, "hipErrorNoDevice");
    expect_refused(&gpu, "hipErrorNoDevice");
    assert_int_equal(count_runs(), 2);
    unsetenv("HIPFX_STANDIN_INIT");
    expect_taken(&gpu, STANDIN_7, 70051831);
}

static void without_the_driver_or_the_gpu_nothing_is_tried(void **state)
{
    (void)state;
    expect_refused(&another, "no GPU at 0000:04:00");
    setenv("HIPFX_TEST_KFD_DENIED", "1", 1);
    expect_refused(&gpu, "group render");
    unsetenv("HIPFX_TEST_KFD_DENIED");
    setenv("HIPFX_TEST_KFD", "/nonexistent", 1);
    expect_refused(&gpu, "/dev/kfd is missing");
    assert_int_equal(count_runs(), 0);
}

static void a_runtime_that_does_not_know_the_gpu_is_refused(void **state)
{
    (void)state;
    setenv("HIPFX_STANDIN_PCI", "0000:05:00.0", 1);
    expect_refused(&gpu, "does not know the GPU at 0000:03:00");
}

static void a_missing_helper_is_named(void **state)
{
    (void)state;
    assert_int_equal(unlink(watcher), 0);
    expect_refused(&gpu, "install the plugin again");
    write_file(watcher, "");
    expect_refused(&gpu, watcher); /* not executable */
}

static void a_helper_that_says_something_else_is_a_crash(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "#!/bin/sh\n",
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho ok\n",
        "#!/bin/sh\necho okay\n",
        "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\n",
        "#!/bin/sh\nhead -c 100000 /dev/urandom\n",
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        write_file(watcher, scripts[i]);
        expect_refused(&gpu, "crashed (no signal)");
    }
}

/* Whatever stands in the file: the trial is made again, and its verdict is the one that counts. */
static void a_damaged_verdict_is_not_believed(void **state)
{
    (void)state;
    char path[128], kept[16384];
    snprintf(path, sizeof(path), "%s/obs-hipfx/amd-runtime", folder);
    expect_taken(&gpu, STANDIN_7, 70051831);
    FILE *file = fopen(path, "re");
    const size_t size = file ? fread(kept, 1, sizeof(kept), file) : 0;
    assert_true(size > 0);
    if (file)
        fclose(file);
    int wanted = 1;
    for (size_t cut = 0; cut < size; cut += 53, wanted++) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        expect_taken(&gpu, STANDIN_7, 70051831);
        assert_int_equal(count_runs(), wanted + 1);
    }
    static const char *const lines[] = {"outcome 0", "outcome 5", "outcome -1", "outcome x",
                                        "library x"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++, wanted++) {
        char command[256];
        snprintf(command, sizeof(command), "sed -i 's/^%.7s .*/%s/' %s", lines[i], lines[i], path);
        assert_int_equal(system(command), 0);
        expect_taken(&gpu, STANDIN_7, 70051831);
        assert_int_equal(count_runs(), wanted + 1);
    }
}

static void without_a_place_to_keep_it_the_trial_is_made_each_time(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", "/dev/null", 1);
    expect_taken(&gpu, STANDIN_7, 70051831);
    expect_taken(&gpu, STANDIN_7, 70051831);
    assert_int_equal(count_runs(), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_version_that_is_installed_is_taken),
        TEST(the_users_choice_goes_before),
        TEST(version_5_is_refused_with_the_reason),
        TEST(a_good_trial_is_not_repeated),
        TEST(a_changed_library_is_tried_again),
        TEST(a_crash_is_survived_named_and_remembered),
        TEST(a_crash_at_the_devices_first_use_is_survived),
        TEST(a_crash_is_believed_for_a_day_only),
        TEST(a_hang_is_bounded_and_named),
        TEST(a_plain_refusal_is_asked_for_each_time),
        TEST(without_the_driver_or_the_gpu_nothing_is_tried),
        TEST(a_runtime_that_does_not_know_the_gpu_is_refused),
        TEST(a_missing_helper_is_named),
        TEST(a_helper_that_says_something_else_is_a_crash),
        TEST(a_damaged_verdict_is_not_believed),
        TEST(without_a_place_to_keep_it_the_trial_is_made_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
