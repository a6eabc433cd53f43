/* The maths of `denoise`, which its kernels for the CPU and for GPUs share.
 *
 * Noise is judged, and means are taken, in codes that grow as the root of straight light: light's
 * own noise grows with its root, so that in these codes noise is about as strong in shadows as in
 * lights (F. J. Anscombe, "The transformation of Poisson, binomial and negative-binomial data",
 * Biometrika 35, 1948; with what a dark sensor adds: J.-L. Starck, F. Murtagh, A. Bijaoui, "Image
 * Processing and Data Analysis", 1998). The constant that stands for the sensor makes the codes'
 * slope at black sRGB's, so that 0..255 are all but sRGB's own codes; above and below they go on,
 * for HDR.
 *
 * Over time: each pixel's mean of the frames, and how many frames it is worth, n. A new frame is
 * added with the gain that leaves the least expected error (the Kalman filter's, R. E. Kalman, "A
 * New Approach to Linear Filtering and Prediction Problems", 1960), (1/n + b) / (1/n + b + 1),
 * where b is the square of what the mean is off because the picture has moved, in units of the
 * noise's variance. With b = 0 that is 1 / (n + 1): the mean converges as means do. What a mean is
 * off is judged on 5 x 5 pixels, from differences scaled so that noise alone gives each a variance
 * of 1: the square of their mean, where a surface has gone or come, and the mean of their squares,
 * where a pattern has moved. Only what is more than noise makes counts, so that noise alone leaves
 * n be. A mean of codes is the code of a mean but for the noise's variance: it is that much darker
 * than the mean light.
 *
 * In a frame: non-local means (A. Buades, B. Coll, J.-M. Morel, "A Non-Local Algorithm for Image
 * Denoising", 2005) on patches of 3 x 3 pixels, weighted by 1 2 1 along both axes, with a weight
 * that is 0 from a finite distance on (B. Goossens, H. Luong, A. Pizurica, W. Philips, "An Improved
 * Non-Local Denoising Algorithm", 2008). The 13 nearest pixels are searched first; in what that
 * makes, 13 at three times the distance, as wavelets with holes reach far for little (H. Dammertz,
 * D. Sewtz, J. Hanika, H. Lensch, "Edge-Avoiding A-Trous Wavelet Transform for fast Global
 * Illumination Filtering", 2010). Both go by the noise that is left: a mean of n frames, or of
 * weights w a mean worth n (sum w)^2 / sum w^2, has that part of its variance. So where the picture
 * rests the searches fade away, and fine detail comes back. */
#pragma once

#include "kernels/device_blur.h"

#define DENOISE_DARK  0.04f
#define DENOISE_CODES (255.0f / (1.0007996803f - DENOISE_DARK)) /* sqrt(1 + 0.04^2) */

/* Pixels around the one in the middle. */
enum { DENOISE_AROUND = 2, DENOISE_PATCH = 1 };

#define DENOISE_PIXELS 25.0f /* of 5 x 5 */

/* What 25 of noise alone reach once in some thousand frames, over the three colours: the square of
 * a mean, and a mean of squares (chi-squared with 3 and with 75 degrees of freedom). */
#define DENOISE_MEAN_OF_NOISE    (6.0f / DENOISE_PIXELS)
#define DENOISE_SQUARES_OF_NOISE (1.0f + 16.0f / DENOISE_PIXELS)

/* In the place of a pixel without coverage, which has no colour: so far off that no patch with it
 * is like one without. */
#define DENOISE_NOTHING (-1e5f)

/* Codes, and the number of frames that they are the mean of; 0: no coverage, no colour. */
struct denoise_px {
    float r, g, b, n;
};

HIPFX_FN float denoise_code(float light)
{
    light = hipfx_clamp(light, -65504.0f, 65504.0f);
    float root = hipfx_sqrt(hipfx_abs(light) + DENOISE_DARK * DENOISE_DARK) - DENOISE_DARK;
    return hipfx_copysign(root * DENOISE_CODES, light);
}

HIPFX_FN float denoise_light(float code)
{
    code *= 1.0f / DENOISE_CODES;
    return code * (hipfx_abs(code) + 2.0f * DENOISE_DARK);
}

HIPFX_FN struct denoise_px denoise_stabilise(int format, uint64_t raw)
{
    struct hipfx_px px =
        hipfx_decode(format, format == HIPFX_PIXEL_RGBA16F ? blur_all_finite(raw) : raw);
    float per_alpha = px.a > 0.0f ? hipfx_divide(1.0f, px.a) : 0.0f;
    struct denoise_px out;
    out.r = denoise_code(px.r * per_alpha);
    out.g = denoise_code(px.g * per_alpha);
    out.b = denoise_code(px.b * per_alpha);
    out.n = px.a > 0.0f ? 1.0f : 0.0f;
    return out;
}

/* Alpha stays as it is, and so does light without coverage. */
HIPFX_FN uint64_t denoise_encode(int format, struct denoise_px px, uint64_t raw)
{
    struct hipfx_px out = hipfx_decode(format, raw);
    float alpha = out.a;
    out.r = denoise_light(px.r) * alpha;
    out.g = denoise_light(px.g) * alpha;
    out.b = denoise_light(px.b) * alpha;
    uint64_t encoded = hipfx_encode(format, out);
    return alpha > 0.0f ? encoded : raw;
}

/* A pixel's difference from its mean, and the mean square of it. Where there is none, it is what
 * noise alone is expected to give. */
struct denoise_sign {
    float r, g, b, square;
};

HIPFX_FN struct denoise_sign denoise_compare(float per_noise, struct denoise_px now,
                                             struct denoise_px before)
{
    bool both = now.n > 0.0f && before.n > 0.0f;
    float scale = per_noise * hipfx_sqrt(hipfx_divide(before.n, before.n + 1.0f));
    scale = both ? scale : 0.0f;
    struct denoise_sign sign;
    sign.r = (now.r - before.r) * scale;
    sign.g = (now.g - before.g) * scale;
    sign.b = (now.b - before.b) * scale;
    float square = (sign.r * sign.r + sign.g * sign.g + sign.b * sign.b) * (1.0f / 3.0f);
    sign.square = both ? square : 1.0f;
    return sign;
}

HIPFX_FN struct denoise_sign denoise_add(struct denoise_sign a, struct denoise_sign b)
{
    struct denoise_sign sum;
    sum.r = a.r + b.r;
    sum.g = a.g + b.g;
    sum.b = a.b + b.b;
    sum.square = a.square + b.square;
    return sum;
}

/* The square of what the mean is off, in units of a difference's variance; `sum` is of the signs
 * around, `own` the pixel's own square. At an edge, more of what the pixels around show is this
 * pixel's than its part, up to all of it. */
HIPFX_FN float denoise_moved(struct denoise_sign sum, float own)
{
    float shifts = (sum.r * sum.r + sum.g * sum.g + sum.b * sum.b) *
                   (1.0f / (3.0f * DENOISE_PIXELS * DENOISE_PIXELS));
    float around = hipfx_max(shifts - DENOISE_MEAN_OF_NOISE,
                             sum.square * (1.0f / DENOISE_PIXELS) - DENOISE_SQUARES_OF_NOISE);
    around = hipfx_max(around, 0.0f);
    return hipfx_max(around, hipfx_min(own - 1.0f, DENOISE_PIXELS * around));
}

/* The mean with the frame in it. */
HIPFX_FN struct denoise_px denoise_blend(float per_noise, float least_gain, struct denoise_sign sum,
                                         struct denoise_px now, struct denoise_px before)
{
    struct denoise_sign own = denoise_compare(per_noise, now, before);
    float moved = denoise_moved(sum, own.square) * (before.n + 1.0f); /* n b */
    float gain = hipfx_divide(1.0f + moved, 1.0f + moved + before.n);
    gain = hipfx_max(gain, least_gain);
    gain = before.n > 0.0f ? gain : 1.0f;

    struct denoise_px mean;
    mean.r = before.r + (now.r - before.r) * gain;
    mean.g = before.g + (now.g - before.g) * gain;
    mean.b = before.b + (now.b - before.b) * gain;
    mean.n = hipfx_divide(1.0f, gain);
    bool any = now.n > 0.0f;
    mean.r = any ? mean.r : 0.0f;
    mean.g = any ? mean.g : 0.0f;
    mean.b = any ? mean.b : 0.0f;
    mean.n = any ? mean.n : 0.0f;
    return mean;
}

HIPFX_FN float denoise_weight(float squares, float per_patch)
{
    float alike = hipfx_saturate(HIPFX_DENOISE_PATCH_START - squares * per_patch);
    return alike * alike;
}

/* Whether a pixel that many steps away is among the 13. */
HIPFX_FN bool denoise_is_searched(int dx, int dy)
{
    dx = dx < 0 ? -dx : dx;
    dy = dy < 0 ? -dy : dy;
    return dx + dy <= HIPFX_DENOISE_SEARCH;
}

struct denoise_sums {
    float r, g, b, weight, squares;
};

HIPFX_FN void denoise_sums_add(struct denoise_sums *sums, float r, float g, float b, float weight)
{
    sums->r += weight * r;
    sums->g += weight * g;
    sums->b += weight * b;
    sums->weight += weight;
    sums->squares += weight * weight;
}

/* `n` is of the pixel in the middle. */
HIPFX_FN struct denoise_px denoise_sums_mean(struct denoise_sums sums, float n)
{
    float per_weight = hipfx_divide(1.0f, sums.weight);
    struct denoise_px mean;
    mean.r = n > 0.0f ? sums.r * per_weight : DENOISE_NOTHING;
    mean.g = n > 0.0f ? sums.g * per_weight : DENOISE_NOTHING;
    mean.b = n > 0.0f ? sums.b * per_weight : DENOISE_NOTHING;
    mean.n = hipfx_divide(n * sums.weight * sums.weight, sums.squares);
    return mean;
}

HIPFX_FN struct denoise_px denoise_mix(struct denoise_px from, struct denoise_px to, float part)
{
    from.r += (to.r - from.r) * part;
    from.g += (to.g - from.g) * part;
    from.b += (to.b - from.b) * part;
    return from;
}
