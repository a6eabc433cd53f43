#include "trail.h"

#include "fixture.h"
#include "quality.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 240, HEIGHT = 140, BORDER = 20, BAR = 40, GREY = 110, FRAMES_BEFORE = 20 };

static struct picture bar_at(int left, int contrast)
{
    struct picture p = picture_create(WIDTH, HEIGHT, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const bool inside = x >= left && x < left + BAR && y >= BORDER && y < HEIGHT - BORDER;
            unsigned char *pixel = p.bytes + (size_t)y * p.pitch + (size_t)x * 4;
            memset(pixel, inside ? GREY + contrast : GREY, 3);
            pixel[3] = 255;
        }
    }
    return p;
}

static int frames_for(int step_px)
{
    return FRAMES_BEFORE + 160 / step_px;
}

/* The last frame of the sequence. */
static struct picture last_frame(const struct hipfx_values *values, double noise, int contrast,
                                 int step_px)
{
    struct rng rng = {6};
    struct picture out = bar_at(-BAR, contrast);
    fixture_forget();
    for (int i = 0; i < frames_for(step_px); i++) {
        const int left = i >= FRAMES_BEFORE ? (i - FRAMES_BEFORE) * step_px : -BAR;
        struct picture in = bar_at(left, contrast);
        noise_add(&rng, &in, noise);
        picture_destroy(&out);
        out = fixture_apply("denoise", values, i / 60.0, &in);
        picture_destroy(&in);
    }
    return out;
}

static double column_difference(const struct picture *a, const struct picture *b, int x)
{
    double sum = 0;
    for (int y = BORDER; y < HEIGHT - BORDER; y++) {
        const size_t at = (size_t)y * a->pitch + (size_t)x * 4;
        for (size_t i = at; i < at + 3; i++)
            sum += (double)a->bytes[i] - b->bytes[i];
    }
    return sum / (3.0 * (HEIGHT - 2 * BORDER));
}

double denoise_trail(const struct hipfx_values *values, double noise, int contrast, int step_px,
                     int since)
{
    struct picture with = last_frame(values, noise, contrast, step_px);
    struct picture without = last_frame(values, noise, 0, step_px);
    const int left = (frames_for(step_px) - 1 - FRAMES_BEFORE - since) * step_px;
    double worst = 0;
    for (int x = 0; x < left; x++)
        worst = fmax(worst, fabs(column_difference(&with, &without, x)));
    picture_destroy(&with);
    picture_destroy(&without);
    return worst;
}
