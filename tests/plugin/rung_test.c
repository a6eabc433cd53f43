/* rung_test [gpu]: one choice of rungs, taken from HIPFX_FORCE: each effect gives the bytes that
 * its kernels give with no link around them, so that no rung differs from another. `gpu`: of a GPU,
 * where there is one that has this rung. */
#include "tests/plugin/fixture.h"

#include "interop/gl/gl.h"
#include "interop/ladder.h"

#include <stdlib.h>
#include <string.h>

static const char *const settings[] = {
    "{\"effect\": \"sine_wave\", \"sine_wave.thickness_px\": 9}",
    "{\"effect\": \"color\", \"color.exposure_ev\": -1, \"color.saturation\": 1.5}",
    "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 4}",
};

static struct hipfx_force forced(void)
{
    struct hipfx_force force;
    assert_true(hipfx_force_parse(getenv("HIPFX_FORCE"), &force, NULL));
    return force;
}

static void check_report(obs_source_t *filter, const struct picture *in)
{
    const struct hipfx_force force = forced();
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "ready");
    assert_string_equal(report.reason, "");
    if (force.device)
        assert_string_equal(report.device, hipfx_hip_kind_name(force.device));
    if (force.memory)
        assert_string_equal(report.memory, hipfx_memory_name(force.memory));
    if (force.order)
        assert_string_equal(report.order, hipfx_order_name(force.order));
    /* Down and up again; nothing of it but there. */
    const bool staged = !strcmp(report.memory, "staged");
    assert_int_equal(report.host_bytes_per_frame, staged ? 2 * 4 * in->width * in->height : 0);
}

static void each_effect_gives_the_bytes_of_its_kernels(void **state)
{
    struct stage *stage = *state;
    static const int sizes[][2] = {{61, 43}, {1, 1}, {256, 64}};
    obs_source_t *filter = stage_add(stage, settings[0]);
    for (int i = 0; i < 3 * 3; i++) {
        const int *size = sizes[i / 3];
        const char *chosen = settings[i % 3];
        struct picture in =
            stage_picture(i % 2 ? PICTURE_OPAQUE : PICTURE_TRANSLUCENT, size[0], size[1]);
        struct picture wanted = stage_apply(&in, chosen);
        stage_show(stage, &in);
        stage_update(filter, chosen);
        for (int frame = 0; frame < 3; frame++) {
            stage_draw(stage);
            stage_expect(stage, &wanted);
        }
        check_report(filter, &in);
        picture_destroy(&wanted);
        picture_destroy(&in);
    }
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
}

/* The frame that OBS draws is this frame's, not the last one's. */
static void each_frame_is_shown_at_once(void **state)
{
    struct stage *stage = *state;
    stage_add(stage, settings[1]);
    for (int i = 0; i < 50; i++) {
        struct picture in = picture_create(19, 23, HIPFX_PIXEL_RGBA8_SRGB, 0);
        for (size_t b = 0; b < in.pitch * 23; b++)
            in.bytes[b] = b % 4 == 3 ? 255 : (unsigned char)(5 * i);
        struct picture wanted = stage_apply(&in, settings[1]);
        stage_show(stage, &in);
        stage_draw(stage);
        stage_expect(stage, &wanted);
        picture_destroy(&wanted);
        picture_destroy(&in);
    }
}

static bool takes_linear(void)
{
    return hipfx_gl_has_tiling(HIPFX_PIXEL_RGBA8_SRGB, VK_IMAGE_TILING_LINEAR);
}

/* False, and the report has the reason, if the device lacks what the rung needs. One that is there
 * and fails with its test frame is the tests' business. */
static bool device_has_rung(struct stage_report *report)
{
    void *state = NULL;
    if (stage_open(&state) == 0) {
        struct stage *stage = state;
        struct picture in = stage_picture(PICTURE_OPAQUE, 8, 8);
        stage_show(stage, &in);
        obs_source_t *filter = stage_add(stage, settings[1]);
        stage_draw(stage);
        *report = stage_report(filter);
        picture_destroy(&in);
    }
    stage_close(&state);
    return !strstr(report->reason, "was forced, but") ||
           strstr(report->reason, "its test frame failed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(int argc, char **argv)
{
    const bool wants_gpu = argc == 2 && !strcmp(argv[1], "gpu");
    struct stage_report report = {0};
    struct hipfx_force force = {0};
    if (wants_gpu && !stage_has_gpu()) {
        puts("skipped: no GPU runs HIP here");
        return 77;
    }
    if (wants_gpu && !device_has_rung(&report)) {
        printf("skipped: %s\n", report.reason);
        return 77;
    }
    hipfx_force_parse(getenv("HIPFX_FORCE"), &force, NULL);
    if (force.memory == HIPFX_MEMORY_LINEAR && !stage_gl_has(takes_linear)) {
        puts("skipped: OpenGL takes no LINEAR images here");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        TEST(each_effect_gives_the_bytes_of_its_kernels),
        TEST(each_frame_is_shown_at_once),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
