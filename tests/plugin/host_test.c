/* The host itself: libobs starts, draws frames on demand, takes a new canvas, and leaves nothing.
 */
#include "tools/grab.h"
#include "tools/host.h"
#include "tools/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 5 /* px: odd, so that rows are not aligned by chance */

struct frame {
    struct hipfx_grab grab;
    obs_source_t *source;
    const uint8_t *pixels; /* to show first, or NULL */
    int ticks, draws;
    bool ok;
};

static struct hipfx_host *start(bool in_step)
{
    const struct hipfx_host_params params = {
        .width = 64, .height = 64, .fps_num = 1000, .fps_den = 1, .in_step = in_step};
    struct hipfx_why why = {0};
    struct hipfx_host *host = hipfx_host_start(&params, &why);
    if (!host)
        fail_msg("%s", why.text);
    return host;
}

static void tick(void *param)
{
    struct frame *frame = param;
    frame->ticks++;
}

static void draw(void *param)
{
    struct frame *frame = param;
    frame->draws++;
    if (frame->pixels)
        hipfx_picture_show(frame->source, GS_CS_SRGB, frame->pixels, SIDE, SIDE);
    frame->ok = hipfx_grab_draw(&frame->grab, frame->source) && hipfx_grab_read(&frame->grab);
}

static void draw_once(struct hipfx_host *host, struct frame *frame)
{
    const struct hipfx_host_job job = {.tick = tick, .draw = draw, .param = frame};
    assert_true(hipfx_host_frame(host, &job));
    assert_true(frame->ok);
}

static void make_picture(uint8_t pixels[SIDE * SIDE * 4])
{
    for (int i = 0; i < SIDE * SIDE * 4; i++)
        pixels[i] = (uint8_t)(i * 37 + i / 4);
    for (int i = 0; i < SIDE * SIDE; i++)
        pixels[4 * i + 3] = 255;
    memset(pixels, 0, 4);
    /* Half alpha: a colour byte above 188 would be more than full colour. */
    memcpy(pixels + 4, (const uint8_t[4]){150, 73, 35, 128}, 4);
}

static void check_frames(bool in_step)
{
    uint8_t pixels[SIDE * SIDE * 4];
    make_picture(pixels);
    struct hipfx_host *host = start(in_step);
    hipfx_picture_register();
    struct frame frame = {.pixels = pixels};
    frame.source = obs_source_create_private(HIPFX_PICTURE_ID, "picture", NULL);
    assert_non_null(frame.source);

    for (int i = 1; i <= 20; i++) {
        draw_once(host, &frame);
        assert_int_equal(frame.ticks, i);
        assert_int_equal(frame.draws, i);
    }
    assert_int_equal(frame.grab.width, SIDE);
    assert_memory_equal(frame.grab.pixels, pixels, sizeof(pixels));

    hipfx_grab_free(&frame.grab);
    obs_source_release(frame.source);
    assert_int_equal(hipfx_host_stop(&host), 0);
    assert_null(host);
    assert_true(hipfx_host_log_has("Number of memory leaks: 0"));
}

static void each_job_is_done_in_one_frame(void **state)
{
    (void)state;
    check_frames(true);
}

static void jobs_are_done_while_libobs_runs_freely(void **state)
{
    (void)state;
    check_frames(false);
}

static void a_new_canvas_goes_on_drawing(void **state)
{
    (void)state;
    uint8_t pixels[SIDE * SIDE * 4];
    make_picture(pixels);
    struct hipfx_host *host = start(true);
    hipfx_picture_register();
    struct frame frame = {.pixels = pixels};
    frame.source = obs_source_create_private(HIPFX_PICTURE_ID, "picture", NULL);
    draw_once(host, &frame);

    struct hipfx_why why = {0};
    hipfx_grab_free(&frame.grab);
    assert_true(hipfx_host_reset_video(host, 128, 32, 500, 1, &why));
    draw_once(host, &frame);
    assert_memory_equal(frame.grab.pixels, pixels, sizeof(pixels));
    assert_int_equal(frame.ticks, 2);

    hipfx_grab_free(&frame.grab);
    obs_source_release(frame.source);
    assert_int_equal(hipfx_host_stop(&host), 0);
}

static void straight_sources_are_grabbed_premultiplied(void **state)
{
    (void)state;
    struct hipfx_host *host = start(true);
    struct hipfx_why why = {0};
    if (!hipfx_host_load(host, "image-source", &why))
        fail_msg("%s", why.text);
    obs_data_t *settings = obs_data_create();
    obs_data_set_int(settings, "color", 0x803366CC);
    obs_data_set_int(settings, "width", SIDE);
    obs_data_set_int(settings, "height", SIDE);
    struct frame frame = {.source = obs_source_create_private(
                              obs_get_latest_input_type_id("color_source"), "colour", settings)};
    obs_data_release(settings);
    draw_once(host, &frame);

    /* 204 102 51 at alpha 128, multiplied in linear light. */
    static const int wanted[4] = {150, 73, 35, 128};
    for (int i = 0; i < 4; i++)
        assert_in_range(frame.grab.pixels[i], wanted[i] - 1, wanted[i] + 1);

    hipfx_grab_free(&frame.grab);
    obs_source_release(frame.source);
    assert_int_equal(hipfx_host_stop(&host), 0);
}

static void the_log_is_kept_and_counted(void **state)
{
    (void)state;
    struct hipfx_host *host = start(true);
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 0);
    assert_true(hipfx_host_log_has("OpenGL loaded successfully"));
    hipfx_host_log_clear();
    assert_false(hipfx_host_log_has("OpenGL loaded successfully"));
    blog(LOG_ERROR, "a test's error: %d", 1);
    blog(LOG_INFO, "a test's line");
    assert_int_equal(hipfx_host_log_count(LOG_ERROR), 1);
    char *text = hipfx_host_log_text();
    assert_string_equal(text, "a test's error: 1\na test's line\n");
    free(text);
    hipfx_host_stop(&host);
}

static void a_missing_module_is_refused_with_the_reason(void **state)
{
    (void)state;
    struct hipfx_host *host = start(true);
    struct hipfx_why why = {0};
    assert_false(hipfx_host_load(host, "no-such-module", &why));
    assert_non_null(strstr(why.text, "no-such-module.so does not load"));
    assert_int_equal(hipfx_host_stop(&host), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_is_done_in_one_frame),
        cmocka_unit_test(jobs_are_done_while_libobs_runs_freely),
        cmocka_unit_test(a_new_canvas_goes_on_drawing),
        cmocka_unit_test(straight_sources_are_grabbed_premultiplied),
        cmocka_unit_test(the_log_is_kept_and_counted),
        cmocka_unit_test(a_missing_module_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
