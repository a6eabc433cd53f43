#include "tests/plugin/fixture.h"

#include "tests/unit/kernels/fixture.h"
#include "tools/picture.h"

#include <dirent.h>
#include <obs/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT_NS UINT64_C(60000000000)

static int open_stage(void **state, bool in_step)
{
    /* A rate that frames do not reach, so that nothing waits for it. Without audio libobs does not
     * wait for what it destroys. */
    const struct hipfx_host_params params = {
        .width = 128,
        .height = 64,
        .fps_num = 1000,
        .fps_den = 1,
        .in_step = in_step,
        .audio = true,
    };
    struct hipfx_why why = {0};
    struct stage *stage = calloc(1, sizeof(*stage));
    *state = stage;
    if (stage)
        stage->host = hipfx_host_start(&params, &why);
    if (!stage || !stage->host || !hipfx_host_load_plugin(stage->host, &why)) {
        print_error("%s\n", why.text);
        return -1;
    }
    hipfx_picture_register();
    stage->source = stage_new_source("stage");
    return stage->source ? 0 : -1;
}

int stage_open(void **state)
{
    return open_stage(state, true);
}

int stage_open_free_running(void **state)
{
    return open_stage(state, false);
}

int stage_close(void **state)
{
    struct stage *stage = *state;
    if (!stage)
        return 0;
    for (int i = 0; i < STAGE_FILTERS; i++)
        hipfx_filter_remove(&stage->filters[i]);
    hipfx_grab_free(&stage->grab);
    obs_source_release(stage->source);
    const long leaks = hipfx_host_stop(&stage->host);
    free(stage);
    if (leaks)
        print_error("libobs counts %ld blocks that were not freed\n", leaks);
    return leaks ? -1 : 0;
}

bool stage_has_gpu(void)
{
    const char *force = getenv("HIPFX_FORCE");
    if (force && strstr(force, "device=cpu"))
        return false;
    return hipfx_hip_open(HIPFX_HIP_NVIDIA, NULL) ||
           (!getenv("HIPFX_TEST_KFD") && hipfx_hip_open(HIPFX_HIP_AMD, NULL));
}

/* The bytes to expect come from the device that draws them: a GPU's kernels round exact ties
 * otherwise than the processor's. */
int stage_group_open(void **state)
{
    char name[] = "", option[] = "--gpu";
    if (stage_has_gpu())
        fixture_options(2, (char *[]){name, option});
    return fixture_open(state);
}

int stage_group_close(void **state)
{
    return fixture_close(state);
}

struct question {
    bool (*ask)(void);
    bool yes;
};

static void answer(void *param)
{
    struct question *question = param;
    question->yes = question->ask();
}

bool stage_gl_has(bool (*ask)(void))
{
    struct question question = {.ask = ask};
    void *state = NULL;
    if (stage_open(&state) == 0) {
        struct stage *stage = state;
        hipfx_host_frame(stage->host, &(struct hipfx_host_job){.draw = answer, .param = &question});
    }
    stage_close(&state);
    return question.yes;
}

obs_source_t *stage_new_source(const char *name)
{
    return obs_source_create_private(HIPFX_PICTURE_ID, name, NULL);
}

/* What one frame does; runs on the graphics thread. */
struct frame {
    struct stage *stage;
    obs_source_t *source;
    enum gs_color_space space;
    const struct picture *picture;
    int times;
    bool read, ok;
};

static void show(void *param)
{
    struct frame *frame = param;
    hipfx_picture_show(frame->source, frame->space, frame->picture->bytes,
                       (uint32_t)frame->picture->width, (uint32_t)frame->picture->height);
    frame->ok = true;
}

static void draw(void *param)
{
    struct frame *frame = param;
    struct hipfx_grab *grab = &frame->stage->grab;
    frame->ok = true;
    for (int i = 0; i < frame->times && frame->ok; i++)
        frame->ok = hipfx_grab_draw(grab, frame->source);
    if (frame->read && frame->ok)
        frame->ok = hipfx_grab_read(grab);
}

static void run(struct frame *frame, void (*what)(void *))
{
    const struct hipfx_host_job job = {.draw = what, .param = frame};
    assert_true(hipfx_host_frame(frame->stage->host, &job));
    assert_true(frame->ok);
}

void stage_show_on(struct stage *stage, obs_source_t *source, const struct picture *picture)
{
    stage_show_in(stage, source, GS_CS_SRGB, picture);
}

void stage_show_in(struct stage *stage, obs_source_t *source, enum gs_color_space space,
                   const struct picture *picture)
{
    run(&(struct frame){.stage = stage, .source = source, .space = space, .picture = picture},
        show);
}

void stage_show(struct stage *stage, const struct picture *picture)
{
    stage_show_on(stage, stage->source, picture);
}

static void look_at_filter(obs_source_t *source, obs_source_t *filter, void *starting)
{
    (void)source;
    if (obs_source_enabled(filter) && hipfx_filter_is_starting(filter))
        *(bool *)starting = true;
}

/* The device is opened beside the graphics thread, and frames pass through until it is there. */
void stage_draw_source(struct stage *stage, obs_source_t *source)
{
    const uint64_t deadline_ns = os_gettime_ns() + START_TIMEOUT_NS;
    bool starting = true;
    while (starting) {
        assert_true(os_gettime_ns() < deadline_ns);
        run(&(struct frame){.stage = stage, .source = source, .times = 1, .read = true}, draw);
        starting = false;
        obs_source_enum_filters(source, look_at_filter, &starting);
    }
}

void stage_draw(struct stage *stage)
{
    stage_draw_source(stage, stage->source);
}

void stage_draw_times(struct stage *stage, int times)
{
    run(&(struct frame){.stage = stage, .source = stage->source, .times = times}, draw);
}

enum hipfx_pixel stage_format(enum gs_color_space space)
{
    return space == GS_CS_SRGB ? HIPFX_PIXEL_RGBA8_SRGB : HIPFX_PIXEL_RGBA16F;
}

struct picture stage_drawn(const struct stage *stage)
{
    const enum hipfx_pixel format = stage_format(stage->grab.space);
    return (struct picture){
        .bytes = stage->grab.pixels,
        .pitch = (size_t)stage->grab.width * (format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8),
        .width = (int)stage->grab.width,
        .height = (int)stage->grab.height,
        .format = format,
    };
}

static const char *describe(const struct picture *picture, int x, int y, char *out, size_t size)
{
    if (picture->format == HIPFX_PIXEL_RGBA8_SRGB) {
        const uint8_t *p = picture->bytes + (size_t)y * picture->pitch + (size_t)x * 4;
        snprintf(out, size, "%d %d %d %d", p[0], p[1], p[2], p[3]);
    } else {
        const struct light light = picture_at(picture, x, y);
        snprintf(out, size, "%g %g %g %g", light.v[0], light.v[1], light.v[2], light.v[3]);
    }
    return out;
}

void stage_expect(const struct stage *stage, const struct picture *wanted)
{
    const struct picture got = stage_drawn(stage);
    assert_int_equal(got.width, wanted->width);
    assert_int_equal(got.height, wanted->height);
    assert_int_equal(got.format, wanted->format);
    const size_t size = got.format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    for (int y = 0; y < got.height; y++) {
        for (int x = 0; x < got.width; x++) {
            char is[64], should[64];
            if (memcmp(got.bytes + (size_t)y * got.pitch + (size_t)x * size,
                       wanted->bytes + (size_t)y * wanted->pitch + (size_t)x * size, size) != 0)
                fail_msg("at %d,%d of %dx%d: %s instead of %s", x, y, got.width, got.height,
                         describe(&got, x, y, is, sizeof(is)),
                         describe(wanted, x, y, should, sizeof(should)));
        }
    }
}

obs_source_t *stage_add(struct stage *stage, const char *settings)
{
    struct hipfx_why why = {0};
    for (int i = 0; i < STAGE_FILTERS; i++) {
        if (stage->filters[i])
            continue;
        stage->filters[i] = hipfx_filter_add(stage->source, settings, &why);
        if (!stage->filters[i])
            fail_msg("%s", why.text);
        hipfx_filter_set_time(stage->filters[i], 0.0);
        return stage->filters[i];
    }
    fail_msg("more than %d filters", STAGE_FILTERS);
    return NULL;
}

void stage_update(obs_source_t *filter, const char *settings)
{
    obs_data_t *data = obs_data_create_from_json(settings);
    assert_non_null(data);
    obs_source_update(filter, data);
    obs_data_release(data);
}

void stage_remove(struct stage *stage, obs_source_t *filter)
{
    for (int i = 0; i < STAGE_FILTERS; i++) {
        if (stage->filters[i] == filter)
            hipfx_filter_remove(&stage->filters[i]);
    }
    stage_settle(stage);
}

void stage_pass_frame(struct stage *stage)
{
    assert_true(hipfx_host_frame(stage->host, NULL));
}

/* libobs destroys a source on a thread of its own, and may hold it until a frame has passed. */
void stage_settle(struct stage *stage)
{
    stage_pass_frame(stage);
    obs_wait_for_destroy_queue();
}

void stage_reset_video(struct stage *stage)
{
    struct hipfx_why why = {0};
    struct obs_video_info info;
    assert_true(obs_get_video_info(&info));
    hipfx_grab_free(&stage->grab);
    if (!hipfx_host_reset_video(stage->host, info.base_width + 2, info.base_height + 2, 1000, 1,
                                &why))
        fail_msg("%s", why.text);
}

static double value_of(const struct hipfx_param *param, const json_t *json)
{
    if (json_is_string(json))
        return hipfx_choice_find(param, json_string_value(json));
    if (json_is_boolean(json))
        return json_is_true(json);
    return hipfx_param_clamp(param, json_number_value(json));
}

struct picture stage_apply(const struct picture *in, const char *settings)
{
    json_t *json = json_loads(settings, 0, NULL);
    const json_t *id = json_object_get(json, "effect");
    const struct hipfx_effect *effect =
        id ? hipfx_effect_find(json_string_value(id)) : hipfx_effects[0];
    assert_non_null(effect);

    struct hipfx_values values = hipfx_values_default(effect);
    for (int i = 0; i < effect->param_count; i++) {
        char key[96];
        snprintf(key, sizeof(key), "%s.%s", effect->id, effect->params[i].key);
        const json_t *value = json_object_get(json, key);
        if (value)
            values.v[i] = value_of(&effect->params[i], value);
    }
    struct hipfx_values common = {0};
    for (int i = 0; i < hipfx_region_param_count; i++) {
        const struct hipfx_param *param = &hipfx_region_params[i];
        const json_t *value = json_object_get(json, param->key);
        common.v[i] = value ? value_of(param, value) : param->def;
    }
    json_decref(json);
    const struct hipfx_region region = hipfx_region_from(&common);
    return fixture_apply_region(&region, NULL, effect->id, &values, 0.0, in);
}

static void copy_text(const json_t *report, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(report, key));
    if (!text)
        fail_msg("the report has no \"%s\"", key);
    snprintf(out, size, "%s", text);
}

static long long number(const json_t *report, const char *key)
{
    const json_t *value = json_object_get(report, key);
    if (!json_is_integer(value))
        fail_msg("the report has no \"%s\"", key);
    return json_integer_value(value);
}

struct stage_report stage_report(obs_source_t *filter)
{
    struct stage_report r = {0};
    json_t *json = hipfx_filter_report(filter);
    assert_non_null(json);
    copy_text(json, "state", r.state, sizeof(r.state));
    copy_text(json, "device", r.device, sizeof(r.device));
    copy_text(json, "memory", r.memory, sizeof(r.memory));
    copy_text(json, "order", r.order, sizeof(r.order));
    copy_text(json, "effect", r.effect, sizeof(r.effect));
    copy_text(json, "format", r.format, sizeof(r.format));
    const json_t *error = json_array_get(json_object_get(json, "errors"), 0);
    if (error)
        copy_text(error, "reason", r.reason, sizeof(r.reason));
    r.width = number(json, "width");
    r.height = number(json, "height");
    r.frames = number(json, "frames");
    r.passthrough_frames = number(json, "passthrough_frames");
    r.first_frames = number(json, "first_frames");
    r.host_bytes_per_frame = number(json, "host_bytes_per_frame");
    json_decref(json);
    return r;
}

static int count_entries(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    if (!dir) {
        fail_msg("%s cannot be read", folder);
        return 0;
    }
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

struct stage_holdings stage_holdings(void)
{
    return (struct stage_holdings){
        .blocks = bnum_allocs(),
        .descriptors = count_entries("/proc/self/fd"),
        .threads = count_entries("/proc/self/task"),
    };
}

void stage_expect_holdings(const struct stage_holdings *wanted)
{
    struct stage_holdings now = stage_holdings();
    /* A thread that has done its work is there for another moment. */
    for (int i = 0; i < 1000 && now.threads > wanted->threads; i++) {
        os_sleep_ms(5);
        now = stage_holdings();
    }
    assert_int_equal(now.descriptors, wanted->descriptors);
    assert_int_equal(now.threads, wanted->threads);
    assert_int_equal(now.blocks, wanted->blocks);
}

struct picture stage_picture(enum picture_kind kind, int width, int height)
{
    struct rng rng = {(uint64_t)width * 65536 + (uint64_t)height};
    return picture_random(&rng, kind, width, height, HIPFX_PIXEL_RGBA8_SRGB, 0);
}
