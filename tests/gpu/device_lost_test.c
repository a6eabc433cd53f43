/* device_lost_test trapped|told: HIP's device is lost under the plugin, with filters on it
 * that are drawn within each other and one that is not drawn.
 *
 * `trapped`: for real, on an NVIDIA GPU, by a kernel that traps in the plugin's context; what is on
 * the GPU then, OpenGL's wait for it among that, is left to the plugin. CUDA's driver makes no
 * context in this process any more after that (seen with driver 580): the processor goes on.
 * `told`: HIP's calls give errors until it is reset, on any device.
 *
 * Frames pass through and each filter says why; nothing is tried again by itself; a new setting,
 * and a new size, give filtered frames again; and that again and again. */
#include "interop/fault.h"
#include "interop/hip/nvidia.h"
#include "tests/plugin/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS     3
#define FRAMES_MAX 300 /* until a loss is noticed: in smooth mode, and on a GPU, it takes some */

static const char exposed[] = "{\"effect\": \"color\", \"color.exposure_ev\": -1}";
static const char blurred[] = "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 3}";
static const char exact[] = "{\"mode\": \"exact\"}";
static const char smooth[] = "{\"mode\": \"smooth\"}";

/* What a source shows, and what the filters make of it. */
struct views {
    struct picture plain, exposed, both;
};

static struct views small, large;
static bool trapped, is_smooth;

/* Where in a frame it happens. */
static const char *const calls[ROUNDS] = {"hipModuleLaunchKernel", "hipModuleLaunchKernel",
                                          "hipEventRecord"};

static struct views make_views(int width, int height)
{
    struct views views = {.plain = stage_picture(PICTURE_OPAQUE, width, height)};
    views.exposed = stage_apply(&views.plain, exposed);
    views.both = stage_apply(&views.exposed, blurred);
    return views;
}

static void destroy_views(struct views *views)
{
    picture_destroy(&views->plain);
    picture_destroy(&views->exposed);
    picture_destroy(&views->both);
}

static const char trap[] = ".version 7.0\n"
                           ".target sm_52\n"
                           ".address_size 64\n"
                           ".visible .entry strike()\n"
                           "{\n"
                           "    trap;\n"
                           "    ret;\n"
                           "}\n";

/* In the primary context, which is the plugin's, too. Nothing here holds on to it. */
static void launch_trap(void *unused)
{
    (void)unused;
    CUdevice device = 0;
    CUcontext context = NULL, popped = NULL;
    CUmodule module = NULL;
    CUfunction function = NULL;
    const bool launched =
        hipfx_cuda.cuDeviceGet(&device, 0) == CUDA_SUCCESS &&
        hipfx_cuda.cuDevicePrimaryCtxRetain(&context, device) == CUDA_SUCCESS &&
        hipfx_cuda.cuCtxPushCurrent(context) == CUDA_SUCCESS &&
        hipfx_cuda.cuModuleLoadDataEx(&module, trap, 0, NULL, NULL) == CUDA_SUCCESS &&
        hipfx_cuda.cuModuleGetFunction(&function, module, "strike") == CUDA_SUCCESS &&
        hipfx_cuda.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL) == CUDA_SUCCESS;
    if (launched)
        printf("the context is lost: CUDA error %d\n", (int)hipfx_cuda.cuStreamSynchronize(NULL));
    else
        printf("the trap was not launched\n");
    hipfx_cuda.cuCtxPopCurrent(&popped);
    hipfx_cuda.cuDevicePrimaryCtxRelease(device);
}

static void lose(int round)
{
    const struct hipfx_fault_plan plan = {
        .api = HIPFX_FAULT_HIP,
        .call = 2,
        .name = calls[round],
        .lasting = !trapped,
        .to_reset = !trapped,
        .strike = trapped ? launch_trap : NULL,
    };
    hipfx_fault_arm(&plan);
}

static bool passes_through(obs_source_t *filter)
{
    return strcmp(stage_report(filter).state, "passthrough") == 0;
}

static void expect_reason(obs_source_t *filter)
{
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    assert_true(report.reason[0] != '\0');
    assert_true(hipfx_host_log_has(report.reason));
}

static bool same(const struct picture *a, const struct picture *b)
{
    bool is = a->width == b->width && a->height == b->height;
    for (int y = 0; is && y < a->height; y++)
        is = memcmp(a->bytes + (size_t)y * a->pitch, b->bytes + (size_t)y * b->pitch,
                    (size_t)a->width * 4) == 0;
    return is;
}

/* Smooth shows the result of a frame before, in which another filter may not have been ready yet.
 */
static void expect_frame(struct stage *stage, const struct picture *wanted)
{
    for (int i = 0; i < (is_smooth ? FRAMES_MAX : 1); i++) {
        stage_draw(stage);
        const struct picture drawn = stage_drawn(stage);
        if (same(&drawn, wanted))
            return;
    }
    stage_expect(stage, wanted);
}

static void expect_frame_of(struct stage *stage, obs_source_t *source, const struct picture *wanted)
{
    stage_draw_source(stage, source);
    stage_expect(stage, wanted);
}

struct cast {
    obs_source_t *first, *second; /* of the stage's source, in the order of the frame */
    obs_source_t *other, *third;  /* another source, and its filter */
};

/* What frames show between the loss and its discovery is nobody's: the GPU was in the middle of
 * them. */
static void wait_for_loss(struct stage *stage, const struct cast *cast)
{
    for (int i = 0; i < FRAMES_MAX; i++) {
        stage_draw(stage);
        if (passes_through(cast->first) && passes_through(cast->second))
            return;
    }
    fail_msg("the loss was not noticed");
}

static void lose_and_recover(struct stage *stage, const struct cast *cast, int round)
{
    expect_frame(stage, &small.both);
    expect_frame_of(stage, cast->other, &small.exposed);
    hipfx_host_log_clear();

    lose(round);
    wait_for_loss(stage, cast);
    for (int i = 0; i < 5; i++)
        expect_frame(stage, &small.plain);
    expect_reason(cast->first);
    expect_reason(cast->second);
    expect_frame_of(stage, cast->other, &small.plain);
    expect_reason(cast->third);
    /* One for each filter, and nothing beside them of what was freed. */
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 3);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
    assert_int_equal(hipfx_fault_seen().resets, 1);

    stage_update(cast->first, "{}");
    expect_frame(stage, &small.exposed);
    assert_true(passes_through(cast->second));
    stage_show(stage, &large.plain);
    expect_frame(stage, &large.both);
    stage_update(cast->third, "{}");
    expect_frame_of(stage, cast->other, &small.exposed);
    stage_show(stage, &small.plain);
    for (int i = 0; i < 5; i++)
        expect_frame(stage, &small.both);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 3);
}

static void play(struct stage *stage, bool smoothly)
{
    const char *mode = smoothly ? smooth : exact;
    struct hipfx_why why = {0};
    struct cast cast = {0};
    struct stage_holdings before = {0};
    is_smooth = smoothly;
    stage_show(stage, &small.plain);
    cast.first = stage_add(stage, exposed);
    cast.second = stage_add(stage, blurred);
    stage_update(cast.second, mode);
    cast.other = stage_new_source("other");
    cast.third = hipfx_filter_add(cast.other, exposed, &why);
    stage_show_on(stage, cast.other, &small.plain);
    for (int round = 0; round < ROUNDS; round++) {
        lose_and_recover(stage, &cast, round);
        stage_settle(stage);
        if (round == 0)
            before = stage_holdings();
    }
    stage_expect_holdings(&before);
    const struct stage_holdings after = stage_holdings();
    print_message("descriptors %d -> %d, threads %d -> %d\n", before.descriptors, after.descriptors,
                  before.threads, after.threads);
    hipfx_filter_remove(&cast.third);
    obs_source_release(cast.other);
    stage_settle(stage);
}

static void a_lost_device_is_let_go_and_opened_anew(void **state)
{
    play(*state, false);
}

static void so_it_is_by_a_worker(void **state)
{
    play(*state, true);
}

/* The processor's light, rounded from nearly the same. */
static bool nearly_same(const struct picture *a, const struct picture *b)
{
    bool is = a->width == b->width && a->height == b->height;
    for (int y = 0; is && y < a->height; y++) {
        for (int i = 0; is && i < a->width * 4; i++)
            is = abs(a->bytes[(size_t)y * a->pitch + (size_t)i] -
                     b->bytes[(size_t)y * b->pitch + (size_t)i]) <= 1;
    }
    return is;
}

static void after_a_trap_the_processor_goes_on(void **state)
{
    struct stage *stage = *state;
    is_smooth = false;
    stage_show(stage, &small.plain);
    obs_source_t *filter = stage_add(stage, exposed);
    expect_frame(stage, &small.exposed);
    lose(0);
    for (int i = 0; i < FRAMES_MAX && !passes_through(filter); i++)
        stage_draw(stage);
    for (int i = 0; i < 5; i++)
        expect_frame(stage, &small.plain);
    expect_reason(filter);

    stage_update(filter, "{}");
    struct picture drawn = {0};
    for (int i = 0; i < FRAMES_MAX && !nearly_same(&drawn, &small.exposed); i++) {
        stage_draw(stage);
        drawn = stage_drawn(stage);
    }
    assert_true(nearly_same(&drawn, &small.exposed));
    assert_string_equal(stage_report(filter).device, "cpu");
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

/* What is to be seen, before anything is lost: of what this program itself has on the device
 * nothing may be left then. */
static int open_group(void **state)
{
    if (stage_group_open(state) != 0)
        return -1;
    small = make_views(64, 48);
    large = make_views(67, 51);
    stage_group_close(state);
    if (!trapped)
        return 0;
    struct hipfx_why why = {0};
    const struct hipfx_hip *hip = hipfx_hip_open(HIPFX_HIP_NVIDIA, &why);
    return hip && HIP(&why, hip, hipDeviceReset) ? 0 : -1;
}

static int close_group(void **state)
{
    (void)state;
    destroy_views(&small);
    destroy_views(&large);
    return 0;
}

static int disarm_and_close(void **state)
{
    static const struct hipfx_fault_plan none;
    hipfx_fault_arm(&none);
    return stage_close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, disarm_and_close)

int main(int argc, char **argv)
{
    struct hipfx_why why = {0};
    trapped = argc == 2 && strcmp(argv[1], "trapped") == 0;
    if (!trapped && (argc != 2 || strcmp(argv[1], "told") != 0)) {
        fprintf(stderr, "usage: %s trapped|told\n", argv[0]);
        return 2;
    }
    if (trapped && !hipfx_hip_open(HIPFX_HIP_NVIDIA, &why)) {
        printf("skipped: %s\n", why.text);
        return 77;
    }
    const struct CMUnitTest trap_tests[] = {TEST(after_a_trap_the_processor_goes_on)};
    const struct CMUnitTest tests[] = {
        TEST(a_lost_device_is_let_go_and_opened_anew),
        TEST(so_it_is_by_a_worker),
    };
    if (trapped)
        return cmocka_run_group_tests(trap_tests, open_group, close_group);
    return cmocka_run_group_tests(tests, open_group, close_group);
}
