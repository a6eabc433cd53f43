/* The kernels of `grade`. Part of args.h. */
#pragma once

#include "kernels/args_live.h"

#define HIPFX_GRADE_ROWS 64

/* A table of tone for each channel, over light to 2^6. Its steps are equal in ratio, 64 to a
 * doubling, for light plus 2^-20: so the first begins at black. After the steps' values: black's,
 * the slope with which the function goes on beyond, and space to begin the next on 16 bytes. */
#define HIPFX_TONE_LOG2_LOW  (-20)
#define HIPFX_TONE_DOUBLINGS 26
#define HIPFX_TONE_STEPS     (HIPFX_TONE_DOUBLINGS * 64)
#define HIPFX_TONE_BLACK     (HIPFX_TONE_STEPS + 1)
#define HIPFX_TONE_SLOPE     (HIPFX_TONE_STEPS + 2)
#define HIPFX_TONE_PITCH     (HIPFX_TONE_STEPS + 4)

#define HIPFX_GRADE_KERNELS(F)                                                                     \
    F(grade_tone, struct hipfx_tone_args, HIPFX_BLOCK, 1)                                          \
    F(grade_rgba8, struct hipfx_grade_args, 64, HIPFX_GRADE_ROWS)                                  \
    F(grade_rgba16f, struct hipfx_grade_args, 32, HIPFX_GRADE_ROWS)

/* Points at 0, 1/4, 1/2, 3/4, 1 of encoded colour, and the slopes there. */
#define HIPFX_CURVE_POINTS 5

struct hipfx_curve {
    float y[HIPFX_CURVE_POINTS], slope[HIPFX_CURVE_POINTS];
};

struct hipfx_tone {
    float lift, gain, inverse_gamma;
    struct hipfx_curve curve; /* of this channel, after that of all */
};

struct hipfx_tone_args {
    int32_t width, height; /* HIPFX_TONE_PITCH x 1 */
    struct hipfx_live live;
    float *table;
    float contrast, pivot;
    struct hipfx_curve curve;
    struct hipfx_tone tones[3];
};

struct hipfx_grade_args {
    int32_t width, height;
    struct hipfx_live live;
    struct hipfx_frame in, out;
    const float *table; /* in device memory: what grade_tone made */
    float matrix[3][3]; /* exposure and white balance, on linear light */
    float saturation, vibrance;
};
