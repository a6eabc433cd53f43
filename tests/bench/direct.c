#include "tests/bench/direct.h"
#include "kernels/effect.h"
#include "tests/bench/clock.h"
#include "tests/bench/json.h"
#include "tests/bench/picture.h"
#include "tests/bench/table.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frames that take turns hold at least this together, so that none is found in a cache: the last
 * level of an H100 has 50 MB. */
#define ROTATED_BYTES ((size_t)256 << 20)
#define SETS_MIN      2
#define SETS_MAX      16

/* A GPU's runs are timed in batches: a launch takes as long as a short kernel. Few batches of a
 * slow one tell as much as many, each being a mean already, so that its turn is shorter. */
#define GPU_BATCH   20
#define GPU_TURN_MS 100.0

/* Rows of the worst case, which no video has, take one frame for so many of the others. */
#define NOISE_SHARE 4

/* The copy that others are compared with. */
#define COPY 0

enum mask {
    MASK_ELLIPSE, /* in the middle, of half the frame's width and height */
    MASK_CORNERS, /* two that lie opposite, each an eighth of the frame's width and height */
    MASK_COUNT,
};

/* What the frames show. */
enum picture {
    PICTURE_OPAQUE, /* as video is: neighbours are alike */
    PICTURE_NOISE,  /* all colours and coverages beside each other: the worst case */
    PICTURE_COUNT,
};

struct direct_row {
    const char *key, *name;
    const char *settings; /* NULL: the copy */
    const char *plain;    /* the row of the same effect on all of an opaque frame; NULL: this is */
    enum mask mask;       /* what the source is */
    enum picture picture;
};

#define NOISE(key, name, settings)                                                                 \
    {key "_translucent", name ", translucent noise", settings, key, .picture = PICTURE_NOISE}

#define BLUR_20 "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 20"
#define GRADE                                                                                      \
    "{\"effect\": \"grade\", \"grade.exposure_ev\": 0.3, \"grade.temperature_k\": 5200,"           \
    " \"grade.gamma\": 1.1, \"grade.saturation\": 1.1, \"grade.curve_25\": 0.2}"
#define LUT "{\"effect\": \"lut\", \"lut.path\": \"\"}"
#define COLOR                                                                                      \
    "{\"effect\": \"color\", \"color.exposure_ev\": 0.5, \"color.contrast\": 1.2,"                 \
    " \"color.saturation\": 1.3"

/* In the middle. A quarter of the frame has half its width and height, as the region has by itself;
 * and all but three quarters of it, seven eighths of each. */
#define QUARTER ", \"region\": \"rectangle\"}"
#define ELLIPSE ", \"region\": \"ellipse\"}"
#define HUNDREDTH                                                                                  \
    ", \"region\": \"rectangle\", \"region.x\": 0.45, \"region.y\": 0.45,"                         \
    " \"region.width\": 0.1, \"region.height\": 0.1}"
#define OUTSIDE                                                                                    \
    ", \"region\": \"rectangle\", \"region.invert\": 1, \"region.x\": 0.0625,"                     \
    " \"region.y\": 0.0625, \"region.width\": 0.875, \"region.height\": 0.875}"
#define SOURCE ", \"region\": \"source\", \"region.feather_px\": 0}"

static const struct direct_row rows[] = {
    [COPY] = {"copy", "a device copy", NULL},
    {"color", "color", COLOR "}"},
    {"sine_wave_line", "sine_wave, line", "{\"effect\": \"sine_wave\"}"},
    {"sine_wave_fill", "sine_wave, fill",
     "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"fill\", \"sine_wave.opacity\": 0.5}"},
    {"sine_wave_warp", "sine_wave, warp",
     "{\"effect\": \"sine_wave\", \"sine_wave.style\": \"warp\"}"},
    {"gaussian_blur_1", "gaussian_blur, sigma 1 px",
     "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 1}"},
    {"gaussian_blur_10", "gaussian_blur, sigma 10 px",
     "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 10}"},
    {"gaussian_blur_80", "gaussian_blur, sigma 80 px",
     "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 80}"},
    {"gaussian_blur_500", "gaussian_blur, sigma 500 px",
     "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 500}"},
    {"directional_blur_30", "directional_blur, 30 px",
     "{\"effect\": \"directional_blur\", \"directional_blur.angle_deg\": 20}"},
    {"directional_blur_1000", "directional_blur, 1000 px",
     "{\"effect\": \"directional_blur\", \"directional_blur.angle_deg\": 20, "
     "\"directional_blur.length_px\": 1000}"},
    {"zoom_blur", "zoom_blur, a tenth", "{\"effect\": \"zoom_blur\"}"},
    {"tilt_shift", "tilt_shift, to sigma 12 px", "{\"effect\": \"tilt_shift\"}"},
    {"bokeh_11", "bokeh, radius 11 px", "{\"effect\": \"bokeh\", \"bokeh.radius_px\": 11}"},
    {"bokeh_100", "bokeh, radius 100 px", "{\"effect\": \"bokeh\", \"bokeh.radius_px\": 100}"},
    {"pixelate_square", "pixelate, squares of 12 px", "{\"effect\": \"pixelate\"}"},
    {"pixelate_hexagon", "pixelate, hexagons of 100 px",
     "{\"effect\": \"pixelate\", \"pixelate.shape\": \"hexagon\", \"pixelate.size_px\": 100}"},
    {"denoise_spatial", "denoise, within the frame",
     "{\"effect\": \"denoise\", \"denoise.spatial\": 1, \"denoise.temporal\": 0}"},
    {"denoise_temporal", "denoise, over time",
     "{\"effect\": \"denoise\", \"denoise.spatial\": 0, \"denoise.temporal\": 1}"},
    {"denoise", "denoise, both", "{\"effect\": \"denoise\"}"},
    {"sharpen", "sharpen", "{\"effect\": \"sharpen\"}"},
    {"deband", "deband", "{\"effect\": \"deband\"}"},
    {"film_grain", "film_grain", "{\"effect\": \"film_grain\"}"},
    {"vignette", "vignette", "{\"effect\": \"vignette\"}"},
    {"chromatic_aberration", "chromatic_aberration", "{\"effect\": \"chromatic_aberration\"}"},
    {"dither", "dither", "{\"effect\": \"dither\"}"},
    {"grade", "grade", GRADE},
    {"lut", "lut, a cube of 33", LUT},
    {"gaussian_blur_20", "gaussian_blur, sigma 20 px", BLUR_20 "}"},
    {"gaussian_blur_20_quarter", "gaussian_blur 20, a quarter", BLUR_20 QUARTER,
     "gaussian_blur_20"},
    {"gaussian_blur_20_ellipse", "gaussian_blur 20, an ellipse", BLUR_20 ELLIPSE,
     "gaussian_blur_20"},
    {"gaussian_blur_20_hundredth", "gaussian_blur 20, 1 per cent", BLUR_20 HUNDREDTH,
     "gaussian_blur_20"},
    {"gaussian_blur_20_outside", "gaussian_blur 20, outside of 3/4", BLUR_20 OUTSIDE,
     "gaussian_blur_20"},
    {"gaussian_blur_20_source", "gaussian_blur 20, a source", BLUR_20 SOURCE, "gaussian_blur_20",
     MASK_ELLIPSE},
    {"gaussian_blur_20_corners", "gaussian_blur 20, a source's corners", BLUR_20 SOURCE,
     "gaussian_blur_20", MASK_CORNERS},
    {"color_quarter", "color, a quarter", COLOR QUARTER, "color"},
    {"color_ellipse", "color, an ellipse", COLOR ELLIPSE, "color"},
    {"color_hundredth", "color, 1 per cent", COLOR HUNDREDTH, "color"},
    {"color_outside", "color, outside of 3/4", COLOR OUTSIDE, "color"},
    {"color_source", "color, a source", COLOR SOURCE, "color", MASK_ELLIPSE},
    {"color_corners", "color, a source's corners", COLOR SOURCE, "color", MASK_CORNERS},
    NOISE("color", "color", COLOR "}"),
    NOISE("sharpen", "sharpen", "{\"effect\": \"sharpen\"}"),
    NOISE("deband", "deband", "{\"effect\": \"deband\"}"),
    NOISE("film_grain", "film_grain", "{\"effect\": \"film_grain\"}"),
    NOISE("chromatic_aberration", "chromatic_aberration", "{\"effect\": \"chromatic_aberration\"}"),
    NOISE("dither", "dither", "{\"effect\": \"dither\"}"),
    NOISE("grade", "grade", GRADE),
    NOISE("lut", "lut, a cube of 33", LUT),
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct {
    enum hipfx_pixel format;
    const char *name;
} formats[] = {{HIPFX_PIXEL_RGBA8_SRGB, "rgba8"}, {HIPFX_PIXEL_RGBA16F, "rgba16f"}};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

struct set {
    struct hipfx_frame in[PICTURE_COUNT], out;
};

struct direct {
    const struct hipfx_hip *hip;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    hipEvent_t begin, end;
    struct hipfx_scratch scratch;
    struct hipfx_effect_state state;
    int set_count, batch;
    double turn_ms; /* as BENCH_TURN_MS */
    unsigned turn;  /* of the sets */
    struct set sets[SETS_MAX];
    struct hipfx_frame masks[MASK_COUNT];
};

struct result {
    struct bench_series series;
    struct hipfx_why missing;
};

static size_t frame_bytes(const struct hipfx_frame *frame)
{
    return frame->pitch * (size_t)frame->height;
}

static bool create_frame(struct direct *d, struct hipfx_frame *frame, enum hipfx_pixel format,
                         const struct bench_direct_params *params, struct hipfx_why *why)
{
    void *data = NULL;
    *frame = (struct hipfx_frame){
        .pitch = (uint64_t)params->width_px * (uint64_t)hipfx_pixel_bytes(format),
        .width = params->width_px,
        .height = params->height_px,
        .format = (int32_t)format,
    };
    if (!HIP(why, d->hip, hipMalloc, &data, frame_bytes(frame)))
        return false;
    frame->data = data;
    return true;
}

/* Any bytes for 8-bit pixels; of half floats, finite ones from 0 to 0.9. */
static uint8_t *create_noise(size_t size, enum hipfx_pixel format, uint32_t seed)
{
    const uint32_t values = format == HIPFX_PIXEL_RGBA16F ? 0x3b : 0x100;
    uint8_t *bytes = malloc(size);
    uint32_t state = seed;
    for (size_t i = 0; bytes && i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)((state >> 24) * values >> 8);
    }
    return bytes;
}

static void *create_pixels(const struct hipfx_frame *frame, enum picture picture, uint32_t seed)
{
    const uint32_t width = (uint32_t)frame->width, height = (uint32_t)frame->height;
    if (picture == PICTURE_NOISE)
        return create_noise(frame_bytes(frame), (enum hipfx_pixel)frame->format, seed);
    if (frame->format == HIPFX_PIXEL_RGBA16F)
        return bench_picture_half(width, height, seed);
    return bench_picture(width, height, seed);
}

/* (across, down) go from -1 to 1 over the frame. */
static bool is_opaque(enum mask mask, double across, double down)
{
    if (mask == MASK_CORNERS)
        return fabs(across) > 0.75 && fabs(down) > 0.75 && across * down > 0;
    return 4 * (across * across + down * down) <= 1;
}

/* A picture that is opaque in places, and black. */
static uint8_t *create_mask(const struct hipfx_frame *frame, enum mask mask)
{
    const bool half = frame->format == HIPFX_PIXEL_RGBA16F;
    const size_t pixel = (size_t)hipfx_pixel_bytes((enum hipfx_pixel)frame->format);
    uint8_t *bytes = calloc(1, frame_bytes(frame));
    for (int y = 0; bytes && y < frame->height; y++) {
        for (int x = 0; x < frame->width; x++) {
            uint8_t *px = bytes + (size_t)y * frame->pitch + (size_t)x * pixel;
            if (!is_opaque(mask, (2 * x + 1.0) / frame->width - 1,
                           (2 * y + 1.0) / frame->height - 1))
                continue;
            px[pixel - 1] = half ? 0x3c : 0xff; /* the half 1.0 */
        }
    }
    return bytes;
}

/* Frees the pixels. */
static bool upload(struct direct *d, const struct hipfx_frame *to, void *pixels,
                   struct hipfx_why *why)
{
    const bool ok = pixels ? HIP(why, d->hip, hipMemcpyAsync, to->data, pixels, frame_bytes(to),
                                 hipMemcpyHostToDevice, d->stream) &&
                                 HIP(why, d->hip, hipStreamSynchronize, d->stream)
                           : hipfx_fail(why, "out of memory");
    free(pixels);
    return ok;
}

static bool copy_frame(struct direct *d, const struct hipfx_frame *from,
                       const struct hipfx_frame *to, struct hipfx_why *why)
{
    return HIP(why, d->hip, hipMemcpyAsync, to->data, from->data, frame_bytes(from),
               hipMemcpyDeviceToDevice, d->stream);
}

static bool create_set(struct direct *d, struct set *set, enum hipfx_pixel format,
                       const struct bench_direct_params *params, uint32_t seed,
                       struct hipfx_why *why)
{
    for (int i = 0; i < PICTURE_COUNT; i++) {
        struct hipfx_frame *in = &set->in[i];
        if (!create_frame(d, in, format, params, why) ||
            !upload(d, in, create_pixels(in, (enum picture)i, seed), why))
            return false;
    }
    /* Written once: the first write of memory costs the processor more than the next. */
    return create_frame(d, &set->out, format, params, why) &&
           copy_frame(d, &set->in[PICTURE_OPAQUE], &set->out, why);
}

static bool create_sets(struct direct *d, enum hipfx_pixel format,
                        const struct bench_direct_params *params, struct hipfx_why *why)
{
    const size_t bytes =
        (size_t)params->width_px * (size_t)params->height_px * (size_t)hipfx_pixel_bytes(format);
    const size_t wanted = (ROTATED_BYTES + 2 * bytes - 1) / (2 * bytes);
    bool ok = true;
    d->set_count = wanted < SETS_MIN ? SETS_MIN : wanted > SETS_MAX ? SETS_MAX : (int)wanted;
    for (int i = 0; ok && i < d->set_count; i++)
        ok = create_set(d, &d->sets[i], format, params, (uint32_t)i + 1, why);
    for (int i = 0; ok && i < MASK_COUNT; i++) {
        struct hipfx_frame *mask = &d->masks[i];
        ok = create_frame(d, mask, format, params, why) &&
             upload(d, mask, create_mask(mask, (enum mask)i), why);
    }
    return ok;
}

static void destroy_frame(struct direct *d, struct hipfx_frame *frame, struct hipfx_why *why)
{
    if (frame->data)
        HIP(why, d->hip, hipFree, frame->data);
    *frame = (struct hipfx_frame){0};
}

static void destroy_sets(struct direct *d, struct hipfx_why *why)
{
    for (int i = 0; i < SETS_MAX; i++) {
        for (int k = 0; k < PICTURE_COUNT; k++)
            destroy_frame(d, &d->sets[i].in[k], why);
        destroy_frame(d, &d->sets[i].out, why);
    }
    for (int i = 0; i < MASK_COUNT; i++)
        destroy_frame(d, &d->masks[i], why);
}

static bool create(struct direct *d, const struct bench_device *device, struct hipfx_why *why)
{
    d->hip = device->hip;
    const bool cpu = device->hip->kind == HIPFX_HIP_CPU;
    d->batch = cpu ? 1 : GPU_BATCH;
    d->turn_ms = cpu ? BENCH_TURN_MS : GPU_TURN_MS;
    d->kernels = hipfx_kernels_create(d->hip, device->ordinal, why);
    return d->kernels &&
           HIP(why, d->hip, hipStreamCreateWithFlags, &d->stream, hipStreamNonBlocking) &&
           HIP(why, d->hip, hipEventCreateWithFlags, &d->begin, hipEventDefault) &&
           HIP(why, d->hip, hipEventCreateWithFlags, &d->end, hipEventDefault);
}

static void destroy(struct direct *d)
{
    struct hipfx_why why = {0};
    if (d->stream)
        HIP(&why, d->hip, hipStreamSynchronize, d->stream);
    hipfx_scratch_free(d->hip, &d->scratch);
    hipfx_effect_state_free(d->hip, &d->state);
    destroy_sets(d, &why);
    if (d->begin)
        HIP(&why, d->hip, hipEventDestroy, d->begin);
    if (d->end)
        HIP(&why, d->hip, hipEventDestroy, d->end);
    if (d->stream)
        HIP(&why, d->hip, hipStreamDestroy, d->stream);
    if (why.text[0])
        hipfx_log(HIPFX_LOG_WARNING, "while freeing: %s", why.text);
    hipfx_kernels_destroy(&d->kernels);
}

struct work {
    const struct hipfx_effect *effect; /* NULL: the copy */
    struct hipfx_values values;
    struct hipfx_region region;
    enum mask mask;
    enum picture picture;
};

static double number_of(const struct hipfx_param *param, const json_t *value)
{
    return json_is_string(value) ? hipfx_choice_find(param, json_string_value(value))
                                 : json_number_value(value);
}

/* Whatever file a row names, it is the bench's own table. */
static bool read_value(const struct hipfx_effect *effect, const char *key, const json_t *value,
                       struct hipfx_values *values, struct hipfx_values *region,
                       struct hipfx_why *why)
{
    const struct hipfx_param *of_region = hipfx_region_param_find(key);
    const char *dot = strchr(key, '.');
    const int i = dot ? hipfx_param_find(effect, dot + 1) : -1;
    if (of_region) {
        region->v[of_region - hipfx_region_params] = number_of(of_region, value);
        return true;
    }
    if (i < 0)
        return strcmp(key, "effect") == 0;
    if (effect->params[i].type == HIPFX_PARAM_FILE) {
        values->file = bench_table_read(effect, why);
        return values->file;
    }
    values->v[i] = number_of(&effect->params[i], value);
    return true;
}

/* A row's settings; the caller releases the values' file. */
static bool read_settings(const char *text, struct work *work, struct hipfx_why *why)
{
    json_t *settings = json_loads(text, 0, NULL);
    const char *id = json_string_value(json_object_get(settings, "effect"));
    const struct hipfx_effect *effect = id ? hipfx_effect_find(id) : NULL;
    bool ok = effect;
    const char *key;
    json_t *value;
    struct hipfx_values region = {0};
    for (int i = 0; i < hipfx_region_param_count; i++)
        region.v[i] = hipfx_region_params[i].def;
    if (effect)
        work->values = hipfx_values_default(effect);
    json_object_foreach(settings, key, value) ok =
        ok && read_value(effect, key, value, &work->values, &region, why);
    json_decref(settings);
    work->effect = effect;
    work->region = hipfx_region_from(&region);
    return ok || hipfx_fail(why, "not settings of an effect: %s", text);
}

/* Enqueues one run on the next set. */
static bool enqueue(struct direct *d, const struct work *work, struct hipfx_why *why)
{
    const struct set *set = &d->sets[d->turn % (unsigned)d->set_count];
    const struct hipfx_frame *in = &set->in[work->picture];
    const struct hipfx_run run = {
        .kernels = d->kernels,
        .stream = d->stream,
        .scratch = &d->scratch,
        .state = &d->state,
        .area = hipfx_frame_area(in),
        .time_s = d->turn++ / 60.0,
        .why = why,
    };
    if (work->effect)
        return hipfx_apply_region(&run, work->effect, &work->values, &work->region,
                                  &d->masks[work->mask], in, &set->out);
    return copy_frame(d, in, &set->out, why);
}

/* Keeps the stream from starting before all of a batch has been enqueued: what is timed is the
 * device's work, not how fast this thread launches it. Not for ever: a stream takes about a
 * thousand launches before it makes this thread wait, and some effects have hundreds. */
#define GATE_US 30000

struct gate {
    atomic_bool open;
};

static void wait_at_gate(void *data)
{
    struct gate *gate = data;
    for (int us = 0; us < GATE_US && !atomic_load(&gate->open); us += 50)
        usleep(50);
}

static bool enqueue_batch(struct direct *d, const struct work *work, struct hipfx_why *why)
{
    bool ok = HIP(why, d->hip, hipEventRecord, d->begin, d->stream);
    for (int i = 0; ok && i < d->batch; i++)
        ok = enqueue(d, work, why);
    return ok && HIP(why, d->hip, hipEventRecord, d->end, d->stream);
}

static bool time_batch(struct direct *d, const struct work *work, double *us, struct hipfx_why *why)
{
    const bool gated = d->batch > 1 && d->hip->hipLaunchHostFunc;
    struct gate gate = {.open = !gated};
    float ms = 0.0f;
    if (gated && !HIP(why, d->hip, hipLaunchHostFunc, d->stream, wait_at_gate, &gate))
        return false;
    bool ok = enqueue_batch(d, work, why);
    atomic_store(&gate.open, true);
    /* Also after a failure: the stream may be at the gate, which stands on this stack. */
    ok = HIP(why, d->hip, hipStreamSynchronize, d->stream) && ok;
    ok = ok && HIP(why, d->hip, hipEventElapsedTime, &ms, d->begin, d->end);
    *us = (double)ms * 1e3 / d->batch;
    return ok;
}

static bool measure_turn(struct direct *d, const struct work *work, int count,
                         struct bench_series *series, struct hipfx_why *why)
{
    struct hipfx_times turn = {0};
    const double begin_ms = bench_now_ms();
    /* Uncounted: memory that the effect needs is made in its first run. */
    bool ok = enqueue(d, work, why) && HIP(why, d->hip, hipStreamSynchronize, d->stream);
    for (int i = 0; ok && i < count; i++) {
        double us = 0;
        if (i > 0 && bench_now_ms() - begin_ms > d->turn_ms)
            break;
        ok = time_batch(d, work, &us, why) &&
             (hipfx_times_add(&turn, us) || hipfx_fail(why, "out of memory"));
    }
    ok = ok && (bench_series_add(series, &turn) || hipfx_fail(why, "too many rounds"));
    hipfx_times_free(&turn);
    return ok;
}

static void measure_row(struct direct *d, const struct direct_row *row, int count,
                        struct result *result)
{
    const int runs =
        row->picture == PICTURE_NOISE ? (count + NOISE_SHARE - 1) / NOISE_SHARE : count;
    struct work work = {.mask = row->mask, .picture = row->picture};
    hipfx_effect_state_free(d->hip, &d->state); /* what the row before kept */
    if (!row->settings || read_settings(row->settings, &work, &result->missing))
        measure_turn(d, &work, runs, &result->series, &result->missing);
    hipfx_file_release(work.values.file);
}

static const struct result *result_of(const char *key, const struct result *results)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (strcmp(rows[i].key, key) == 0)
            return &results[i];
    }
    return NULL;
}

static json_t *row_object(int row, const char *format, struct result *results)
{
    struct result *result = &results[row];
    json_t *out = json_object();
    json_object_set_new(out, "row", json_string(rows[row].key));
    json_object_set_new(out, "name", json_string(rows[row].name));
    json_object_set_new(out, "format", json_string(format));
    if (result->missing.text[0]) {
        json_object_set_new(out, "missing", json_string(result->missing.text));
        return out;
    }
    json_object_set_new(out, "us_p50", bench_json_number(bench_series_p50(&result->series)));
    json_object_set_new(out, "us_p99", bench_json_number(bench_series_p99(&result->series)));
    json_object_set_new(
        out, "over_copy",
        bench_json_ratio(bench_series_ratio(&result->series, &results[COPY].series)));
    const struct result *plain = rows[row].plain ? result_of(rows[row].plain, results) : NULL;
    if (plain && !plain->missing.text[0])
        json_object_set_new(out, rows[row].picture == PICTURE_NOISE ? "over_opaque" : "over_whole",
                            bench_json_ratio(bench_series_ratio(&result->series, &plain->series)));
    return out;
}

static void measure_format(struct direct *d, int format, const struct bench_direct_params *params,
                           json_t *out)
{
    struct result *results = calloc(ROW_COUNT, sizeof(*results));
    struct hipfx_why why = {0};
    if (!results)
        return;
    const bool ok = create_sets(d, formats[format].format, params, &why);
    for (size_t i = 0; !ok && i < ROW_COUNT; i++)
        results[i].missing = why;
    for (int round = 0; ok && round < params->rounds; round++) {
        for (size_t i = 0; i < ROW_COUNT; i++) {
            if (!results[i].missing.text[0])
                measure_row(d, &rows[i], params->frames, &results[i]);
        }
    }
    for (size_t i = 0; i < ROW_COUNT; i++)
        json_array_append_new(out, row_object((int)i, formats[format].name, results));
    for (size_t i = 0; i < ROW_COUNT; i++)
        bench_series_free(&results[i].series);
    free(results);
    destroy_sets(d, &why);
}

json_t *bench_direct_measure(const struct bench_device *device,
                             const struct bench_direct_params *params, struct hipfx_why *why)
{
    struct direct d = {0};
    json_t *out = NULL;
    if (create(&d, device, why)) {
        out = json_array();
        for (int i = 0; i < (int)FORMAT_COUNT; i++)
            measure_format(&d, i, params, out);
    }
    destroy(&d);
    return out;
}
