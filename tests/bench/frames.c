#include "tests/bench/frames.h"
#include "tests/bench/clock.h"
#include "tests/bench/picture.h"
#include "tools/filter.h"
#include "tools/grab.h"
#include "tools/picture.h"

#include <obs/util/platform.h>
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT_NS UINT64_C(60000000000)

#define FILTERS_MAX 8

/* A row's first frames after another row's find the caches cold and the threads asleep. */
#define UNCOUNTED_FRAMES 2

struct frames_row {
    obs_scene_t *scene;    /* NULL for a row that is drawn from a picture of its own */
    obs_sceneitem_t *item; /* in it; the scene's */
    obs_source_t *source;  /* what is drawn; owned where there is no scene */
    obs_source_t *filters[FILTERS_MAX];
    json_int_t start_frames; /* that passed through the plugin's filter before it was ready */
    struct hipfx_why missing;
};

struct bench_frames {
    struct hipfx_host *host;
    uint32_t width, height; /* px */
    uint8_t *pixels;
    obs_source_t *picture; /* in all scenes */
    struct frames_row rows[BENCH_ROW_COUNT];
    struct hipfx_grab grab;
};

struct shot {
    struct bench_frames *frames;
    obs_source_t *source;
    bool done;
};

static void show_picture(void *param)
{
    struct shot *shot = param;
    const struct bench_frames *frames = shot->frames;
    hipfx_picture_show(shot->source, GS_CS_SRGB, frames->pixels, frames->width, frames->height);
    shot->done = true;
}

static void draw(void *param)
{
    struct shot *shot = param;
    shot->done = hipfx_grab_draw(&shot->frames->grab, shot->source);
}

static bool run(struct bench_frames *frames, void (*job)(void *), obs_source_t *source)
{
    struct shot shot = {.frames = frames, .source = source};
    const struct hipfx_host_job host_job = {.draw = job, .param = &shot};
    if (!hipfx_host_frame(frames->host, &host_job)) {
        /* The job still points into this stack: there is no way on from here. */
        fputs("bench: a frame was not drawn within a minute\n", stderr);
        _Exit(1);
    }
    return shot.done;
}

static obs_source_t *create_picture(struct bench_frames *frames)
{
    obs_source_t *picture = obs_source_create_private(HIPFX_PICTURE_ID, "picture", NULL);
    if (picture)
        run(frames, show_picture, picture);
    return picture;
}

static bool create_source(struct bench_frames *frames, struct frames_row *row, bool direct)
{
    if (direct) {
        row->source = create_picture(frames);
    } else {
        row->scene = obs_scene_create_private("bench");
        row->item = row->scene ? obs_scene_add(row->scene, frames->picture) : NULL;
        if (row->item)
            row->source = obs_scene_get_source(row->scene);
    }
    if (row->source)
        obs_source_inc_active(row->source);
    return row->source;
}

/* A path in a row's settings is one in obs-filters' data, wherever that is. */
static bool find_image(obs_data_t *settings, const char *key, struct hipfx_why *why)
{
    const char *name = obs_data_get_string(settings, key);
    if (!*name)
        return true;
    char *path = obs_find_module_file(obs_get_module("obs-filters"), name);
    if (path)
        obs_data_set_string(settings, key, path);
    bfree(path);
    return path || hipfx_fail(why, "obs-filters has no %s", name);
}

static obs_source_t *add_obs_filter(obs_source_t *source, const struct bench_row *row,
                                    obs_data_t *settings, struct hipfx_why *why)
{
    if (!obs_source_get_display_name(row->filter)) {
        hipfx_fail(why, "OBS has no filter %s", row->filter);
        return NULL;
    }
    obs_source_t *filter = obs_source_create_private(row->filter, row->name, settings);
    if (filter)
        obs_source_filter_add(source, filter);
    else
        hipfx_fail(why, "libobs cannot make the filter");
    return filter;
}

static obs_source_t *add_filter(obs_source_t *source, const struct bench_row *row,
                                struct hipfx_why *why)
{
    obs_data_t *settings = obs_data_create_from_json(row->settings);
    obs_source_t *filter = NULL;
    if (find_image(settings, "image_path", why) && find_image(settings, "lut.path", why))
        filter = bench_row_is_hip(row) ? hipfx_filter_add(source, obs_data_get_json(settings), why)
                                       : add_obs_filter(source, row, settings, why);
    obs_data_release(settings);
    return filter;
}

static bool create_row(struct bench_frames *frames, int index, struct hipfx_why *why)
{
    const struct bench_row *row = &bench_rows[index];
    struct frames_row *out = &frames->rows[index];
    if (!create_source(frames, out, row->direct))
        return hipfx_fail(why, "libobs cannot make a source");
    for (int i = 0; i < row->count; i++) {
        out->filters[i] = add_filter(out->source, row, why);
        if (!out->filters[i])
            return false;
    }
    return true;
}

struct bench_frames *bench_frames_create(struct hipfx_host *host, uint32_t width, uint32_t height,
                                         struct hipfx_why *why)
{
    struct bench_frames *frames = calloc(1, sizeof(*frames));
    if (!frames) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    frames->host = host;
    frames->width = width;
    frames->height = height;
    frames->pixels = bench_picture(width, height, 1);
    frames->picture = frames->pixels ? create_picture(frames) : NULL;
    if (frames->picture)
        return frames;
    hipfx_fail(why, "out of memory");
    bench_frames_destroy(&frames);
    return NULL;
}

static void destroy_row(struct frames_row *row)
{
    for (int i = 0; i < FILTERS_MAX; i++) {
        if (row->filters[i] && row->source)
            obs_source_filter_remove(row->source, row->filters[i]);
        obs_source_release(row->filters[i]);
    }
    /* A scene that still shows something counts as used once more while libobs destroys it, and is
     * then destroyed twice. */
    if (row->item)
        obs_sceneitem_remove(row->item);
    if (row->source)
        obs_source_dec_active(row->source);
    if (row->scene)
        obs_scene_release(row->scene);
    else
        obs_source_release(row->source);
    *row = (struct frames_row){0};
}

void bench_frames_destroy(struct bench_frames **frames_ptr)
{
    struct bench_frames *frames = *frames_ptr;
    *frames_ptr = NULL;
    if (!frames)
        return;
    for (int i = 0; i < BENCH_ROW_COUNT; i++)
        destroy_row(&frames->rows[i]);
    hipfx_grab_free(&frames->grab);
    obs_source_release(frames->picture);
    free(frames->pixels);
    free(frames);
}

static bool draw_row(struct bench_frames *frames, int row, struct hipfx_why *why)
{
    return run(frames, draw, frames->rows[row].source) ||
           hipfx_fail(why, "a frame could not be drawn");
}

/* The reason that the filter gives for letting frames pass through, if it does. */
static bool fail_unfiltered(const json_t *report, struct hipfx_why *why)
{
    const json_t *error = json_array_get(json_object_get(report, "errors"), 0);
    const char *reason = json_string_value(error);
    if (!reason)
        reason = json_string_value(json_object_get(error, "reason"));
    return hipfx_fail(why, "the filter does not run: %s", reason ? reason : "it gives no reason");
}

/* True if every frame since the start was filtered. */
static bool check_filter(struct bench_frames *frames, int row, struct hipfx_why *why)
{
    json_t *report = bench_frames_report(frames, row);
    const char *state = json_string_value(json_object_get(report, "state"));
    const bool ok = state && strcmp(state, "ready") == 0 &&
                    json_integer_value(json_object_get(report, "passthrough_frames")) ==
                        frames->rows[row].start_frames;
    if (!ok)
        fail_unfiltered(report, why);
    json_decref(report);
    return ok;
}

/* Draws until the filter knows whether it can run. */
static bool wait_for_filter(struct bench_frames *frames, int row, struct bench_start *start,
                            struct hipfx_why *why)
{
    const uint64_t begin_ns = os_gettime_ns();
    uint64_t now_ns = begin_ns;
    bool starting = true;
    while (starting && now_ns - begin_ns < START_TIMEOUT_NS) {
        if (!draw_row(frames, row, why))
            return false;
        if (frames->grab.draw_ms > start->longest_frame_ms)
            start->longest_frame_ms = frames->grab.draw_ms;
        starting = hipfx_filter_is_starting(frames->rows[row].filters[0]);
        now_ns = os_gettime_ns();
    }
    start->until_effect_ms = (double)(now_ns - begin_ns) * 1e-6;
    return true;
}

static bool start_row(struct bench_frames *frames, int row, struct bench_start *start,
                      struct hipfx_why *why)
{
    if (!create_row(frames, row, why))
        return false;
    if (!bench_row_is_hip(&bench_rows[row]))
        return draw_row(frames, row, why);
    if (!wait_for_filter(frames, row, start, why))
        return false;
    json_t *report = bench_frames_report(frames, row);
    start->frames = json_integer_value(json_object_get(report, "passthrough_frames"));
    frames->rows[row].start_frames = start->frames;
    json_decref(report);
    return check_filter(frames, row, why);
}

bool bench_frames_start(struct bench_frames *frames, int row, struct bench_start *start)
{
    *start = (struct bench_start){0};
    return start_row(frames, row, start, &frames->rows[row].missing);
}

const char *bench_frames_missing(const struct bench_frames *frames, int row)
{
    const char *reason = frames->rows[row].missing.text;
    return *reason ? reason : NULL;
}

static bool measure_turn(struct bench_frames *frames, int row, int count, struct hipfx_times *turn,
                         struct hipfx_why *why)
{
    bool ok = true;
    for (int i = 0; ok && i < UNCOUNTED_FRAMES; i++)
        ok = draw_row(frames, row, why);
    const double begin_ms = bench_now_ms();
    for (int i = 0; ok && i < count; i++) {
        if (i > 0 && bench_now_ms() - begin_ms > BENCH_TURN_MS)
            break;
        ok = draw_row(frames, row, why) &&
             (hipfx_times_add(turn, frames->grab.draw_ms) || hipfx_fail(why, "out of memory"));
    }
    return ok && (!bench_row_is_hip(&bench_rows[row]) || check_filter(frames, row, why));
}

bool bench_frames_round(struct bench_frames *frames, int row, int count,
                        struct bench_series *series)
{
    struct hipfx_times turn = {0};
    struct hipfx_why *why = &frames->rows[row].missing;
    const bool ok = measure_turn(frames, row, count, &turn, why) &&
                    (bench_series_add(series, &turn) || hipfx_fail(why, "too many rounds"));
    hipfx_times_free(&turn);
    return ok;
}

static void read_pixels(void *param)
{
    struct shot *shot = param;
    shot->done =
        hipfx_grab_draw(&shot->frames->grab, shot->source) && hipfx_grab_read(&shot->frames->grab);
}

bool bench_frames_same(struct bench_frames *frames, int row, int other, struct hipfx_why *why)
{
    const size_t size = (size_t)frames->width * frames->height * 4;
    uint8_t *pixels = malloc(size);
    if (!pixels)
        return hipfx_fail(why, "out of memory");
    bool ok = run(frames, read_pixels, frames->rows[row].source);
    if (ok)
        memcpy(pixels, frames->grab.pixels, size);
    ok = ok && run(frames, read_pixels, frames->rows[other].source);
    ok = ok ? memcmp(pixels, frames->grab.pixels, size) == 0 ||
                  hipfx_fail(why, "the filter changes pixels")
            : hipfx_fail(why, "the pixels cannot be read");
    free(pixels);
    return ok;
}

json_t *bench_frames_report(struct bench_frames *frames, int row)
{
    return bench_row_is_hip(&bench_rows[row]) ? hipfx_filter_report(frames->rows[row].filters[0])
                                              : NULL;
}
