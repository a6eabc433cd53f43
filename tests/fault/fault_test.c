/* fault_test [STEP [HANG_STEP]]: what the filter calls is made to fail, one call at a time, while a
 * source is filtered, gets another size, and loses the filter. HIPFX_FORCE chooses the rungs, and
 * FAULT_MODE=smooth the mode.
 *
 * Whatever fails: each frame is right or passes through untouched, the reason of a frame that
 * passes through is in the log, the report and the panel, a settings update brings the filter back,
 * and nothing is left behind. Only every STEP-th call is taken, and every HANG_STEP-th of those
 * that hang; HIPFX_FAULT_STEPS="STEP HANG_STEP" comes before the arguments. For all of them on
 * every rung, under the sanitizers: ./run build asan && tests/fault/all.sh build/asan */
#include "interop/fault.h"
#include "tests/plugin/fixture.h"

#include <obs/util/platform.h>
#include <stdlib.h>
#include <string.h>

#define EFFECT "\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 2"

static const char exact[] = "{" EFFECT "}";
static const char smooth[] = "{" EFFECT ", \"mode\": \"smooth\"}";
static const char *settings = exact;

static const char *const api_names[HIPFX_FAULT_API_COUNT] = {
    [HIPFX_FAULT_HIP] = "HIP",     [HIPFX_FAULT_VULKAN] = "Vulkan", [HIPFX_FAULT_GL] = "GL",
    [HIPFX_FAULT_EGL] = "EGL",     [HIPFX_FAULT_LIBOBS] = "libobs", [HIPFX_FAULT_LIBC] = "libc",
    [HIPFX_FAULT_STREAM] = "hang",
};

static const struct hipfx_fault_plan no_fault;

static uint64_t steps[] = {1, 1};
static uint64_t injections[HIPFX_FAULT_API_COUNT];

struct scene {
    struct stage *stage;
    struct picture small, large;
    struct picture small_filtered, large_filtered;
    obs_source_t *filter;
    struct hipfx_fault_plan plan;
};

#define WANT(scene, condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            tell(scene);                                                                           \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

static void tell(const struct scene *scene)
{
    char *log = hipfx_host_log_text();
    print_error("%s call %llu (%s)%s:\n%s", api_names[scene->plan.api],
                (unsigned long long)scene->plan.call, hipfx_fault_seen().name,
                scene->plan.lasting ? " and all after it" : "", log);
    free(log);
}

static bool same(const struct picture *a, const struct picture *b)
{
    if (a->width != b->width || a->height != b->height)
        return false;
    for (int y = 0; y < a->height; y++) {
        if (memcmp(a->bytes + (size_t)y * a->pitch, b->bytes + (size_t)y * b->pitch,
                   (size_t)a->width * 4) != 0)
            return false;
    }
    return true;
}

static void expect_reason(const struct scene *scene, const char *reason)
{
    const struct hipfx_fault_seen seen = hipfx_fault_seen();
    WANT(scene, reason[0], "a frame passes through without a reason");
    WANT(scene, hipfx_host_log_has(reason), "the log does not say: %s", reason);
    if (!scene->plan.lasting && seen.failed &&
        (scene->plan.api == HIPFX_FAULT_HIP || scene->plan.api == HIPFX_FAULT_VULKAN))
        WANT(scene, strstr(reason, seen.name), "the reason does not name %s: %s", seen.name,
             reason);

    obs_properties_t *panel = obs_source_properties(scene->filter);
    obs_property_t *row = obs_properties_get(panel, "status");
    const bool warns = obs_property_text_info_type(row) == OBS_TEXT_INFO_WARNING &&
                       strstr(obs_property_description(row), reason);
    obs_properties_destroy(panel);
    WANT(scene, warns, "the panel does not say: %s", reason);
}

/* True if the frame was filtered. */
static bool draw(const struct scene *scene, const struct picture *in,
                 const struct picture *filtered)
{
    stage_draw(scene->stage);
    const struct picture drawn = stage_drawn(scene->stage);
    const struct stage_report report = stage_report(scene->filter);
    const bool ready = strcmp(report.state, "ready") == 0;
    if (ready) {
        WANT(scene, same(&drawn, filtered), "the filter is ready, but the frame is %s",
             same(&drawn, in) ? "not filtered" : "neither the source's nor the effect's");
    } else {
        WANT(scene, strcmp(report.state, "passthrough") == 0, "the filter is %s", report.state);
        WANT(scene, same(&drawn, in), "a frame that passes through is not the source's");
        expect_reason(scene, report.reason);
    }
    return ready;
}

static bool draw_all(const struct scene *scene)
{
    bool ok = true;
    stage_show(scene->stage, &scene->small);
    for (int i = 0; i < 5; i++)
        ok = draw(scene, &scene->small, &scene->small_filtered) && ok;
    stage_show(scene->stage, &scene->large);
    for (int i = 0; i < 2; i++)
        ok = draw(scene, &scene->large, &scene->large_filtered) && ok;
    return ok;
}

/* What hung may take a moment to end. */
static void expect_recovery(struct scene *scene)
{
    const uint64_t deadline_ns = os_gettime_ns() + UINT64_C(10000000000);
    const bool hung = scene->plan.api == HIPFX_FAULT_STREAM;
    bool ok;
    hipfx_fault_arm(&no_fault);
    do {
        stage_update(scene->filter, "{}");
        ok = draw(scene, &scene->large, &scene->large_filtered);
    } while (!ok && hung && os_gettime_ns() < deadline_ns);
    WANT(scene, ok, "the next try fails");
}

static void run_clean(struct scene *scene)
{
    hipfx_fault_arm(&no_fault);
    scene->plan = no_fault;
    scene->filter = stage_add(scene->stage, settings);
    WANT(scene, draw_all(scene), "frames pass through with no fault");
    stage_remove(scene->stage, scene->filter);
}

/* One line for a failure, and no more if trying again after a new size gives the same. */
static void expect_lines(const struct scene *scene)
{
    const int lines = hipfx_host_log_count(LOG_ERROR) + hipfx_host_log_count(LOG_WARNING);
    WANT(scene, scene->plan.lasting || scene->plan.api == HIPFX_FAULT_STREAM || lines <= 1,
         "%d lines for one failure", lines);
}

/* False if the plan's call was not reached: the run has fewer. */
static bool run(struct scene *scene, const struct hipfx_fault_plan *plan)
{
    hipfx_host_log_clear();
    scene->plan = *plan;
    hipfx_fault_arm(plan);
    scene->filter = stage_add(scene->stage, settings);
    const bool ok = draw_all(scene);
    bool failed = hipfx_fault_seen().failed;
    expect_lines(scene);
    if (!ok)
        expect_recovery(scene);
    stage_remove(scene->stage, scene->filter);
    failed = failed || hipfx_fault_seen().failed;
    expect_lines(scene);
    hipfx_fault_arm(&no_fault);
    return failed;
}

static bool is_more(const struct stage_holdings *now, const struct stage_holdings *than)
{
    return now->descriptors > than->descriptors || now->threads > than->threads ||
           now->blocks > than->blocks;
}

/* What the filter could not be sure of that it had ended is freed with the next one. */
static void expect_holdings(struct scene *scene, const struct stage_holdings *wanted)
{
    const struct hipfx_fault_plan plan = scene->plan;
    struct stage_holdings now = stage_holdings();
    if (is_more(&now, wanted))
        run_clean(scene);
    for (int i = 0; i < 1000; i++) {
        now = stage_holdings();
        if (now.threads <= wanted->threads)
            break;
        os_sleep_ms(5); /* a thread that has done its work is there for another moment */
    }
    scene->plan = plan;
    WANT(scene, !is_more(&now, wanted), "%d descriptors, %d threads and %ld blocks are left",
         now.descriptors - wanted->descriptors, now.threads - wanted->threads,
         now.blocks - wanted->blocks);
}

static void fail_each(struct scene *scene, enum hipfx_fault_api api, bool lasting)
{
    const uint64_t step = steps[api == HIPFX_FAULT_STREAM];
    for (uint64_t call = 1;; call += step) {
        const struct hipfx_fault_plan plan = {.api = api, .call = call, .lasting = lasting};
        const struct stage_holdings before = stage_holdings();
        if (!run(scene, &plan))
            return;
        injections[api]++;
        expect_holdings(scene, &before);
    }
}

static void open_scene(struct scene *scene, struct stage *stage)
{
    *scene = (struct scene){
        .stage = stage,
        .small = stage_picture(PICTURE_TRANSLUCENT, 64, 48),
        .large = stage_picture(PICTURE_OPAQUE, 67, 51),
    };
    scene->small_filtered = stage_apply(&scene->small, settings);
    scene->large_filtered = stage_apply(&scene->large, settings);
    /* What is made once and kept: the pool's threads, libobs's tables. */
    run_clean(scene);
    run_clean(scene);
}

static void close_scene(struct scene *scene)
{
    picture_destroy(&scene->small);
    picture_destroy(&scene->large);
    picture_destroy(&scene->small_filtered);
    picture_destroy(&scene->large_filtered);
}

static void a_call_that_fails_costs_no_more_than_the_filter(void **state)
{
    struct scene scene;
    open_scene(&scene, *state);
    for (int api = 0; api < HIPFX_FAULT_STREAM; api++)
        fail_each(&scene, (enum hipfx_fault_api)api, false);
    close_scene(&scene);
}

static void a_device_that_is_lost_is_dropped_and_opened_anew(void **state)
{
    struct scene scene;
    open_scene(&scene, *state);
    fail_each(&scene, HIPFX_FAULT_HIP, true);
    fail_each(&scene, HIPFX_FAULT_VULKAN, true);
    close_scene(&scene);
}

static void work_that_hangs_is_given_up_until_it_ends(void **state)
{
    struct scene scene;
    open_scene(&scene, *state);
    fail_each(&scene, HIPFX_FAULT_STREAM, false);
    close_scene(&scene);
}

static int close_group(void **state)
{
    uint64_t total = 0;
    print_message("injections:");
    for (int api = 0; api < HIPFX_FAULT_API_COUNT; api++) {
        total += injections[api];
        print_message(" %s %llu", api_names[api], (unsigned long long)injections[api]);
    }
    print_message(" total %llu\n", (unsigned long long)total);
    return stage_group_close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

static void choose_steps(int argc, char **argv)
{
    const char *wanted = getenv("HIPFX_FAULT_STEPS");
    char *end = NULL;
    if (wanted) {
        steps[0] = strtoull(wanted, &end, 10);
        steps[1] = strtoull(end, NULL, 10);
        return;
    }
    for (int i = 1; i < argc && i <= 2; i++)
        steps[i - 1] = strtoull(argv[i], NULL, 10);
}

int main(int argc, char **argv)
{
    choose_steps(argc, argv);
    if (!steps[0] || !steps[1]) {
        fprintf(stderr, "usage: %s [STEP [HANG_STEP]]\n", argv[0]);
        return 2;
    }
    const char *mode = getenv("FAULT_MODE");
    if (mode && strcmp(mode, "smooth") == 0)
        settings = smooth;
    const struct CMUnitTest tests[] = {
        TEST(a_call_that_fails_costs_no_more_than_the_filter),
        TEST(a_device_that_is_lost_is_dropped_and_opened_anew),
        TEST(work_that_hangs_is_given_up_until_it_ends),
    };
    return cmocka_run_group_tests(tests, stage_group_open, close_group);
}
