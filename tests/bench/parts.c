#include "tests/bench/parts.h"
#include "tests/bench/direct.h"
#include "tests/bench/floor.h"
#include "tests/bench/frames.h"
#include "tests/bench/json.h"
#include "tests/bench/output.h"
#include "tests/bench/two_passes.h"
#include "tools/picture.h"
#include "tools/progress.h"

#include <epoxy/gl.h>
#include <stdio.h>
#include <stdlib.h>

/* In step this only bounds how fast frames can go. */
#define FPS_NUM 1000
#define FPS_DEN 1

/* The first one after a start of libobs compiles its own shaders. */
#define SETTLE_FRAMES 10

#define UNFILTERED_FRAMES 30

json_t *bench_part_floor(const struct bench_options *options, struct hipfx_why *why)
{
    struct bench_device device;
    if (!bench_device_open(&device, why))
        return NULL;
    const struct bench_floor_params params = {
        .width_px = (int)options->sizes[0].width,
        .height_px = (int)options->sizes[0].height,
        .rounds = options->rounds,
        .frames = options->frames,
    };
    json_t *floor = bench_floor_measure(&device, &params, why);
    json_t *out = floor ? json_object() : NULL;
    if (out) {
        json_object_set_new(out, "floor", floor);
        json_object_set_new(out, "device", json_string(device.hip->name));
        json_object_set_new(out, "device_name", json_string(device.name));
    }
    bench_device_close(&device);
    return out;
}

json_t *bench_part_kernels(const struct bench_options *options, struct hipfx_why *why)
{
    struct bench_device device;
    if (!bench_device_open(&device, why))
        return NULL;
    const struct bench_direct_params params = {
        .width_px = (int)options->sizes[0].width,
        .height_px = (int)options->sizes[0].height,
        .rounds = options->rounds,
        .frames = options->frames,
    };
    json_t *kernels = bench_direct_measure(&device, &params, why);
    json_t *out = kernels ? json_object() : NULL;
    if (out)
        json_object_set_new(out, "kernels", kernels);
    bench_device_close(&device);
    return out;
}

struct studio {
    struct hipfx_host *host;
    struct bench_gl gl;
    struct bench_frames *frames;
};

static void ask_gl(void *param)
{
    struct bench_gl *gl = param;
    snprintf(gl->renderer, sizeof(gl->renderer), "%s", (const char *)glGetString(GL_RENDERER));
    snprintf(gl->version, sizeof(gl->version), "%s", (const char *)glGetString(GL_VERSION));
}

static bool start_studio(struct studio *studio, const struct bench_options *options,
                         struct hipfx_why *why)
{
    const struct hipfx_host_params params = {
        .width = options->sizes[0].width,
        .height = options->sizes[0].height,
        .fps_num = FPS_NUM,
        .fps_den = FPS_DEN,
        .in_step = true,
        .verbose = options->verbose,
    };
    studio->host = hipfx_host_start(&params, why);
    if (!studio->host || !hipfx_host_load(studio->host, "obs-filters", why) ||
        !hipfx_host_load_plugin(studio->host, why))
        return false;
    hipfx_picture_register();
    bench_two_passes_register();
    const struct hipfx_host_job job = {.draw = ask_gl, .param = &studio->gl};
    for (int i = 0; i < SETTLE_FRAMES; i++) {
        if (!hipfx_host_frame(studio->host, &job))
            return hipfx_fail(why, "libobs draws no frame");
    }
    studio->frames = bench_frames_create(studio->host, params.width, params.height, why);
    return studio->frames;
}

static void stop_studio(struct studio *studio)
{
    bench_frames_destroy(&studio->frames);
    const long leaks = hipfx_host_stop(&studio->host);
    if (leaks)
        fprintf(stderr, "bench: warning: libobs counts %ld memory leaks\n", leaks);
}

/* A row that fails is left out of the rounds that follow. */
static void measure_rows(struct studio *studio, const struct bench_options *options,
                         struct bench_size *size)
{
    struct hipfx_progress progress =
        hipfx_progress_start("measuring", options->rounds * BENCH_ROW_COUNT);
    int turns = 0;
    for (int i = 0; i < BENCH_ROW_COUNT; i++)
        bench_frames_start(studio->frames, i, &size->start[i]);
    for (int round = 0; round < options->rounds; round++) {
        for (int i = 0; i < BENCH_ROW_COUNT; i++) {
            if (!bench_frames_missing(studio->frames, i))
                bench_frames_round(studio->frames, i, options->frames, &size->frames[i]);
            hipfx_progress_show(&progress, ++turns);
        }
    }
    hipfx_progress_end(&progress);
    for (int i = 0; i < BENCH_ROW_COUNT; i++) {
        size->missing[i] = bench_frames_missing(studio->frames, i);
        size->reports[i] = size->missing[i] ? NULL : bench_frames_report(studio->frames, i);
    }
}

static bool identity_holds(struct studio *studio, struct hipfx_why *why)
{
    const char *missing = bench_frames_missing(studio->frames, BENCH_ROW_IDENTITY);
    if (missing)
        return hipfx_fail(why, "%s", missing);
    return bench_frames_same(studio->frames, BENCH_ROW_IDENTITY, BENCH_ROW_TWO_PASSES, why);
}

json_t *bench_part_frames(const struct bench_options *options, struct hipfx_why *why)
{
    struct studio studio = {0};
    struct bench_size *size = calloc(1, sizeof(*size));
    json_t *out = NULL;
    if (!size) {
        hipfx_fail(why, "out of memory");
    } else if (start_studio(&studio, options, why)) {
        struct hipfx_why changed = {0};
        measure_rows(&studio, options, size);
        const bool same = identity_holds(&studio, &changed);
        out = json_object();
        json_object_set_new(out, "machine", bench_output_machine(&studio.gl, size));
        json_object_set_new(out, "rows", bench_output_rows(size));
        json_object_set_new(out, "identity", same ? json_true() : json_string(changed.text));
    }
    stop_studio(&studio);
    if (size)
        bench_size_free(size);
    free(size);
    return out;
}

/* What a frame took before there was a filter, for the longest one to be compared with. */
static bool measure_unfiltered(struct studio *studio, json_t *out, struct hipfx_why *why)
{
    struct bench_series series = {0};
    struct bench_start start;
    const bool ok =
        bench_frames_start(studio->frames, BENCH_ROW_NO_FILTER, &start) &&
        bench_frames_round(studio->frames, BENCH_ROW_NO_FILTER, UNFILTERED_FRAMES, &series);
    if (ok) {
        json_object_set_new(out, "no_filter_ms_p50", bench_json_number(bench_series_p50(&series)));
        json_object_set_new(out, "no_filter_ms_p99", bench_json_number(bench_series_p99(&series)));
    } else {
        hipfx_fail(why, "%s", bench_frames_missing(studio->frames, BENCH_ROW_NO_FILTER));
    }
    bench_series_free(&series);
    return ok;
}

static bool measure_start(struct studio *studio, json_t *out, struct hipfx_why *why)
{
    struct bench_start start;
    if (!measure_unfiltered(studio, out, why))
        return false;
    if (!bench_frames_start(studio->frames, BENCH_ROW_COLOR, &start))
        return hipfx_fail(why, "%s", bench_frames_missing(studio->frames, BENCH_ROW_COLOR));
    json_object_set_new(out, "until_effect_ms", bench_json_number(start.until_effect_ms));
    json_object_set_new(out, "longest_frame_ms", bench_json_number(start.longest_frame_ms));
    json_object_set_new(out, "unfiltered_frames", json_integer(start.frames));
    return true;
}

json_t *bench_part_start(const struct bench_options *options, struct hipfx_why *why)
{
    struct studio studio = {0};
    json_t *out = json_object();
    if (!start_studio(&studio, options, why) || !measure_start(&studio, out, why)) {
        json_decref(out);
        out = NULL;
    }
    stop_studio(&studio);
    return out;
}
