/* fault_test [STEP]: each call that the filter makes is made to fail, one at a time, while a source
 * is filtered, gets another size, and loses the filter. HIPFX_FORCE chooses the rungs.
 *
 * Whatever fails: each frame is right or passes through untouched, a frame that passes through has
 * its reason in the log, the report and the panel, a settings update brings the filter back, and
 * nothing is left behind. STEP: only every STEP-th call. */
#include "interop/fault.h"
#include "tests/plugin/fixture.h"

#include <stdlib.h>
#include <string.h>

static const char settings[] = "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 2}";

static const char *const api_names[] = {"HIP", "Vulkan", "GL", "libobs", "libc"};

static uint64_t step = 1;
static uint64_t injections[HIPFX_FAULT_API_COUNT];

struct scene {
    struct stage *stage;
    struct picture small, large;
    struct picture small_filtered, large_filtered;
    obs_source_t *filter;
};

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

static void expect_panel(obs_source_t *filter, const char *reason)
{
    obs_properties_t *panel = obs_source_properties(filter);
    obs_property_t *row = obs_properties_get(panel, "status");
    assert_int_equal(obs_property_text_info_type(row), OBS_TEXT_INFO_WARNING);
    assert_non_null(strstr(obs_property_description(row), reason));
    obs_properties_destroy(panel);
}

/* True if the frame was filtered. */
static bool draw(struct scene *scene, const struct picture *in, const struct picture *filtered)
{
    stage_draw(scene->stage);
    const struct picture drawn = stage_drawn(scene->stage);
    const struct stage_report report = stage_report(scene->filter);
    if (strcmp(report.state, "ready") == 0) {
        if (!same(&drawn, filtered))
            fail_msg("the filter says that it is ready, but the frame is %s",
                     same(&drawn, in) ? "not filtered" : "neither the source's nor the effect's");
        return true;
    }
    assert_string_equal(report.state, "passthrough");
    if (!same(&drawn, in))
        fail_msg("a frame that passes through is not the source's");
    assert_string_not_equal(report.reason, "");
    assert_true(hipfx_host_log_has(report.reason));
    expect_panel(scene->filter, report.reason);
    return false;
}

static bool draw_all(struct scene *scene)
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

static void expect_recovery(struct scene *scene)
{
    hipfx_fault_arm(&(struct hipfx_fault_plan){0});
    stage_update(scene->filter, "{}");
    if (!draw(scene, &scene->large, &scene->large_filtered))
        fail_msg("the next try fails: %s", stage_report(scene->filter).reason);
}

/* False if the plan's call was not reached: the run has fewer. */
static bool run(struct scene *scene, const struct hipfx_fault_plan *plan)
{
    hipfx_host_log_clear();
    scene->filter = NULL;
    hipfx_fault_arm(plan);
    scene->filter = stage_add(scene->stage, settings);
    const bool ok = draw_all(scene);
    struct hipfx_fault_seen seen = hipfx_fault_seen();
    if (!ok)
        expect_recovery(scene);
    stage_remove(scene->stage, scene->filter);
    if (!seen.failed)
        seen = hipfx_fault_seen();
    hipfx_fault_arm(&(struct hipfx_fault_plan){0});
    if (getenv("FAULT_VERBOSE"))
        print_message("%s %llu: %s, %s\n", api_names[plan->api], (unsigned long long)plan->call,
                  seen.name, ok ? "ok" : "passed through");
    if (hipfx_host_log_count(LOG_ERROR) + hipfx_host_log_count(LOG_WARNING) > 1) {
        char *text = hipfx_host_log_text();
        print_message("%s", text);
        free(text);
    }
    return seen.failed > 0;
}

static void count_calls(struct scene *scene, struct hipfx_fault_seen *seen)
{
    hipfx_fault_arm(&(struct hipfx_fault_plan){0});
    scene->filter = stage_add(scene->stage, settings);
    assert_true(draw_all(scene));
    stage_remove(scene->stage, scene->filter);
    *seen = hipfx_fault_seen();
}

/* Work of which the filter could not tell that it had ended is freed with the next one. */
static void expect_holdings(struct scene *scene, const struct stage_holdings *wanted,
                            const struct hipfx_fault_plan *plan)
{
    struct hipfx_fault_seen seen;
    struct stage_holdings now = stage_holdings();
    if (now.descriptors > wanted->descriptors || now.threads > wanted->threads ||
        now.blocks > wanted->blocks)
        count_calls(scene, &seen);
    now = stage_holdings();
    if (now.descriptors != wanted->descriptors || now.threads > wanted->threads || now.blocks != wanted->blocks)
        print_message("LEAK %s %llu: fds %d threads %d blocks %ld\n", api_names[plan->api], (unsigned long long)plan->call,
            now.descriptors - wanted->descriptors, now.threads - wanted->threads, now.blocks - wanted->blocks);
}

static void fail_each(struct scene *scene, enum hipfx_fault_api api, bool lasting)
{
    for (uint64_t call = 1;; call += step) {
        struct stage_holdings before = stage_holdings();
        const struct hipfx_fault_plan plan = {.api = api, .call = call, .lasting = lasting};
        if (!run(scene, &plan))
            return;
        injections[api]++;
        expect_holdings(scene, &before, &plan);
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
    struct hipfx_fault_seen seen;
    /* What is made once and kept: the pool's threads, libobs's tables. */
    for (int i = 0; i < 2; i++)
        count_calls(scene, &seen);
    for (int api = 0; api < HIPFX_FAULT_API_COUNT; api++)
        print_message("%s: %llu calls\n", api_names[api], (unsigned long long)seen.calls[api]);
}

static void close_scene(struct scene *scene)
{
    picture_destroy(&scene->small);
    picture_destroy(&scene->large);
    picture_destroy(&scene->small_filtered);
    picture_destroy(&scene->large_filtered);
}

static void a_call_that_fails_once_costs_no_more_than_the_filter(void **state)
{
    struct scene scene;
    open_scene(&scene, *state);
    for (int api = 0; api < HIPFX_FAULT_API_COUNT; api++)
        fail_each(&scene, (enum hipfx_fault_api)api, false);
    close_scene(&scene);
}

static void a_lost_device_is_dropped_and_opened_anew(void **state)
{
    struct scene scene;
    open_scene(&scene, *state);
    fail_each(&scene, HIPFX_FAULT_HIP, true);
    fail_each(&scene, HIPFX_FAULT_VULKAN, true);
    close_scene(&scene);
}

static int close_group(void **state)
{
    print_message("injections:");
    for (int api = 0; api < HIPFX_FAULT_API_COUNT; api++)
        print_message(" %s %llu", api_names[api], (unsigned long long)injections[api]);
    print_message("\n");
    return stage_group_close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(int argc, char **argv)
{
    if (argc > 1)
        step = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        TEST(a_call_that_fails_once_costs_no_more_than_the_filter),
        TEST(a_lost_device_is_dropped_and_opened_anew),
    };
    return cmocka_run_group_tests(tests, stage_group_open, close_group);
}
