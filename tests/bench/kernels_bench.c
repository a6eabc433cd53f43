/* How long the kernels take by themselves, on the CPU: each effect at 1080p and 4K, as JSON. */
#include "kernels/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 41

struct work {
    const char *name;
    const char *effect;
    struct {
        const char *key;
        double value;
    } set[4];
};

static const struct work works[] = {
    {"color, exposure only", "color", {{"exposure_ev", 0.5}}},
    {"color", "color", {{"exposure_ev", 0.5}, {"contrast", 1.2}, {"saturation", 1.3}}},
    {"sine_wave line", "sine_wave", {{"style", 0}}},
    {"sine_wave fill", "sine_wave", {{"style", 1}, {"opacity", 0.5}}},
    {"sine_wave warp", "sine_wave", {{"style", 2}}},
    {"gaussian_blur sigma 2", "gaussian_blur", {{"sigma_px", 2}}},
    {"gaussian_blur sigma 10", "gaussian_blur", {{"sigma_px", 10}}},
    {"gaussian_blur sigma 100", "gaussian_blur", {{"sigma_px", 100}}},
};

struct bench {
    const struct hipfx_hip *hip;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    struct hipfx_scratch scratch;
    void *pixels[2];
    struct hipfx_why why;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool measure(struct bench *b, const struct work *work, const struct hipfx_frame frames[2],
                    double *p50_ms)
{
    const struct hipfx_effect *effect = hipfx_effect_find(work->effect);
    struct hipfx_values values = hipfx_values_default(effect);
    for (int i = 0; i < 4 && work->set[i].key; i++)
        values.v[hipfx_param_find(effect, work->set[i].key)] = work->set[i].value;

    double times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        const struct hipfx_run run = {
            .kernels = b->kernels,
            .stream = b->stream,
            .scratch = &b->scratch,
            .time_s = i / 60.0,
            .why = &b->why,
        };
        double start = now_ms();
        if (!effect->apply(&run, &values, &frames[0], &frames[1]) ||
            !HIP(&b->why, b->hip, hipStreamSynchronize, b->stream))
            return false;
        times[i] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof(times[0]), compare);
    *p50_ms = times[ROUNDS / 2];
    return true;
}

static bool measure_size(struct bench *b, int width, int height, int format, bool *first)
{
    const int size = format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8;
    struct hipfx_frame frames[2];
    for (int i = 0; i < 2; i++)
        frames[i] = (struct hipfx_frame){.data = b->pixels[i],
                                         .pitch = (uint64_t)width * (uint64_t)size,
                                         .width = width,
                                         .height = height,
                                         .format = format};
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
        double p50_ms;
        if (!measure(b, &works[i], frames, &p50_ms))
            return false;
        printf(
            "%s\n    {\"work\": \"%s\", \"size\": \"%dx%d\", \"format\": \"%s\", \"p50_ms\": %.3f}",
            *first ? "" : ",", works[i].name, width, height, size == 4 ? "rgba8" : "rgba16f",
            p50_ms);
        *first = false;
    }
    return true;
}

/* Values that both formats can hold: bytes of 0..0x3b make halves of 0 to 0.9. */
static void fill(unsigned char *pixels, size_t size)
{
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = (unsigned char)((state >> 24) % 0x3c);
    }
}

static bool run(struct bench *b)
{
    const size_t size = (size_t)3840 * 2160 * 8;
    b->hip = hipfx_hip_open(HIPFX_HIP_CPU, &b->why);
    if (!b->hip)
        return false;
    b->kernels = hipfx_kernels_create(b->hip, 0, &b->why);
    if (!b->kernels ||
        !HIP(&b->why, b->hip, hipStreamCreateWithFlags, &b->stream, hipStreamNonBlocking))
        return false;
    for (int i = 0; i < 2; i++) {
        if (!HIP(&b->why, b->hip, hipMalloc, &b->pixels[i], size))
            return false;
    }
    fill(b->pixels[0], size); /* host memory, with this provider */

    bool first = true;
    printf("{\n  \"isa\": \"%s\",\n  \"kernels\": [", hipfx_cpu_image_at(0)->isa);
    bool ok = measure_size(b, 1920, 1080, HIPFX_PIXEL_RGBA8_SRGB, &first) &&
              measure_size(b, 1920, 1080, HIPFX_PIXEL_RGBA16F, &first) &&
              measure_size(b, 3840, 2160, HIPFX_PIXEL_RGBA8_SRGB, &first);
    printf("\n  ]\n}\n");
    return ok;
}

int main(void)
{
    struct bench b = {0};
    bool ok = run(&b);
    if (!ok)
        fprintf(stderr, "%s\n", b.why.text);

    if (b.hip) {
        hipfx_scratch_free(b.hip, &b.scratch);
        for (int i = 0; i < 2; i++) {
            if (b.pixels[i])
                HIP(NULL, b.hip, hipFree, b.pixels[i]);
        }
        if (b.stream)
            HIP(NULL, b.hip, hipStreamDestroy, b.stream);
        hipfx_kernels_destroy(&b.kernels);
    }
    return ok ? 0 : 1;
}
