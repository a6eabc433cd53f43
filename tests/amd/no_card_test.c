/* no_card_test REASON...: AMD's real runtime is installed and cannot be used. The filter takes the
 * CPU, and the log says why not AMD, with each REASON's words. Frames are filtered. */
#include "tests/plugin/fixture.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char **reasons;

static void expect_nothing_of_rocm_here(void)
{
    char line[1024];
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (maps && fgets(line, sizeof(line), maps))
        assert_null(strstr(line, "libamdhip64"));
    if (maps)
        fclose(maps);
}

static void the_cpu_is_taken_and_the_log_says_why(void **state)
{
    static const char settings[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1}";
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    struct picture wanted = stage_apply(&in, settings);
    stage_show(stage, &in);
    obs_source_t *filter = stage_add(stage, settings);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "ready");
    assert_string_equal(report.device, "cpu");
    for (char **reason = reasons; *reason; reason++) {
        if (!hipfx_host_log_has(*reason)) {
            char *log = hipfx_host_log_text();
            print_error("%s", log);
            free(log);
            fail_msg("the log does not say: %s", *reason);
        }
    }
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
    expect_nothing_of_rocm_here();
    picture_destroy(&wanted);
    picture_destroy(&in);
}

/* Tried in a process of its own: this one must not have it, as the test finds. */
static bool is_installed(void)
{
    int status = -1;
    const pid_t child = fork();
    if (child == 0)
        _exit(dlopen("libamdhip64.so.5", RTLD_LAZY | RTLD_LOCAL) ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_cpu_is_taken_and_the_log_says_why, stage_open,
                                        stage_close),
    };
    if (!getenv("HIPFX_TEST_KFD") && access("/dev/kfd", F_OK) == 0) {
        printf("skipped: this machine has AMD's driver\n");
        return 77;
    }
    if (!is_installed()) {
        printf("skipped: libamdhip64.so.5 is not installed (Debian: libamdhip64-5)\n");
        return 77;
    }
    reasons = argv + 1;
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
