#include "tests/bench/direct.h"
#include "kernels/effect.h"
#include "tests/bench/picture.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define UNCOUNTED_RUNS 1

struct bench_direct {
    const struct hipfx_hip *hip;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    hipEvent_t begin, end;
    struct hipfx_scratch scratch;
    struct hipfx_frame in, out;
};

static size_t frame_bytes(const struct hipfx_frame *frame)
{
    return frame->pitch * (size_t)frame->height;
}

static bool create_frame(struct bench_direct *d, struct hipfx_frame *frame, int width, int height,
                         struct hipfx_why *why)
{
    *frame = (struct hipfx_frame){
        .pitch = (uint64_t)width * 4,
        .width = width,
        .height = height,
        .format = HIPFX_PIXEL_RGBA8_SRGB,
    };
    void *data = NULL;
    if (!HIP(why, d->hip, hipMalloc, &data, frame_bytes(frame)))
        return false;
    frame->data = data;
    return true;
}

static bool fill(struct bench_direct *d, struct hipfx_why *why)
{
    uint8_t *pixels = bench_picture((uint32_t)d->in.width, (uint32_t)d->in.height);
    if (!pixels)
        return hipfx_fail(why, "out of memory");
    const bool ok = HIP(why, d->hip, hipMemcpyAsync, d->in.data, pixels, frame_bytes(&d->in),
                        hipMemcpyHostToDevice, d->stream) &&
                    HIP(why, d->hip, hipStreamSynchronize, d->stream);
    free(pixels);
    return ok;
}

static bool create(struct bench_direct *d, enum hipfx_hip_kind kind, int width, int height,
                   struct hipfx_why *why)
{
    d->hip = hipfx_hip_open(kind, why);
    if (!d->hip)
        return false;
    d->kernels = hipfx_kernels_create(d->hip, why);
    return d->kernels &&
           HIP(why, d->hip, hipStreamCreateWithFlags, &d->stream, hipStreamNonBlocking) &&
           HIP(why, d->hip, hipEventCreateWithFlags, &d->begin, hipEventDefault) &&
           HIP(why, d->hip, hipEventCreateWithFlags, &d->end, hipEventDefault) &&
           create_frame(d, &d->in, width, height, why) &&
           create_frame(d, &d->out, width, height, why) && fill(d, why);
}

struct bench_direct *bench_direct_create(enum hipfx_hip_kind kind, int width, int height,
                                         struct hipfx_why *why)
{
    struct bench_direct *d = calloc(1, sizeof(*d));
    if (!d) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    if (!create(d, kind, width, height, why))
        bench_direct_destroy(&d);
    return d;
}

static void note(bool ok, const struct hipfx_why *why)
{
    if (!ok)
        hipfx_log(HIPFX_LOG_WARNING, "while freeing: %s", why->text);
}

void bench_direct_destroy(struct bench_direct **direct)
{
    struct bench_direct *d = *direct;
    *direct = NULL;
    if (!d)
        return;
    struct hipfx_why why = {0};
    if (d->hip) {
        if (d->stream)
            note(HIP(&why, d->hip, hipStreamSynchronize, d->stream), &why);
        hipfx_scratch_free(d->hip, &d->scratch);
        if (d->in.data)
            note(HIP(&why, d->hip, hipFree, d->in.data), &why);
        if (d->out.data)
            note(HIP(&why, d->hip, hipFree, d->out.data), &why);
        if (d->begin)
            note(HIP(&why, d->hip, hipEventDestroy, d->begin), &why);
        if (d->end)
            note(HIP(&why, d->hip, hipEventDestroy, d->end), &why);
        if (d->stream)
            note(HIP(&why, d->hip, hipStreamDestroy, d->stream), &why);
    }
    hipfx_kernels_destroy(&d->kernels);
    free(d);
}

/* A row's settings as the effect's values. The rows set numbers only. */
static const struct hipfx_effect *read_settings(const char *json, struct hipfx_values *values,
                                                struct hipfx_why *why)
{
    json_t *settings = json_loads(json, 0, NULL);
    const char *id = json_string_value(json_object_get(settings, "effect"));
    const struct hipfx_effect *effect = id ? hipfx_effect_find(id) : NULL;
    bool ok = effect;
    if (effect)
        *values = hipfx_values_default(effect);
    const char *key;
    json_t *value;
    json_object_foreach(settings, key, value)
    {
        const char *dot = strchr(key, '.');
        const int param = ok && dot ? hipfx_param_find(effect, dot + 1) : -1;
        if (param >= 0)
            values->v[param] = json_number_value(value);
        ok = ok && (param >= 0 || strcmp(key, "effect") == 0);
    }
    json_decref(settings);
    if (ok)
        return effect;
    hipfx_fail(why, "not settings of an effect: %s", json);
    return NULL;
}

/* `effect` is NULL for the copy. */
static bool run_once(struct bench_direct *d, const struct hipfx_effect *effect,
                     const struct hipfx_values *values, double *ms, struct hipfx_why *why)
{
    const struct hipfx_run run = {
        .kernels = d->kernels,
        .stream = d->stream,
        .scratch = &d->scratch,
        .why = why,
    };
    float elapsed_ms = 0.0f;
    if (!HIP(why, d->hip, hipEventRecord, d->begin, d->stream))
        return false;
    const bool ran = effect ? effect->apply(&run, values, &d->in, &d->out)
                            : HIP(why, d->hip, hipMemcpyAsync, d->out.data, d->in.data,
                                  frame_bytes(&d->in), hipMemcpyDeviceToDevice, d->stream);
    if (!ran || !HIP(why, d->hip, hipEventRecord, d->end, d->stream) ||
        !HIP(why, d->hip, hipEventSynchronize, d->end) ||
        !HIP(why, d->hip, hipEventElapsedTime, &elapsed_ms, d->begin, d->end))
        return false;
    *ms = (double)elapsed_ms;
    return true;
}

bool bench_direct_round(struct bench_direct *d, int row, int count, struct bench_series *series,
                        struct hipfx_why *why)
{
    const struct hipfx_effect *effect = NULL;
    struct hipfx_values values = {0};
    if (row != BENCH_COPY) {
        effect = read_settings(bench_rows[row].settings, &values, why);
        if (!effect)
            return false;
    }
    struct hipfx_times round = {0};
    bool ok = true;
    for (int i = 0; ok && i < UNCOUNTED_RUNS + count; i++) {
        double ms = 0;
        ok = run_once(d, effect, &values, &ms, why);
        if (ok && i >= UNCOUNTED_RUNS)
            ok = hipfx_times_add(&round, ms) || hipfx_fail(why, "out of memory");
    }
    ok = ok && (bench_series_add(series, &round) || hipfx_fail(why, "too many rounds"));
    hipfx_times_free(&round);
    return ok;
}
