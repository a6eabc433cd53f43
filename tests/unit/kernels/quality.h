/* How good a denoised picture is: pictures like photographs, noise, and the measures. */
#pragma once

#include "picture.h"

/* A number with a normal distribution of deviation 1. */
double noise_normal(struct rng *rng);

/* Adds noise with a normal distribution and this deviation in codes to opaque 8-bit pixels. */
void noise_add(struct rng *rng, struct picture *picture, double codes);

/* A picture of 8 bits like a photograph: surfaces with a texture whose amplitude falls as its
 * frequency grows (as D. J. Field found of nature, "Relations between the statistics of natural
 * images and the response properties of cortical cells", 1987), soft light over them, hard and
 * soft edges, and fine strokes as of print. */
struct picture picture_scene(uint64_t seed, int width, int height);

/* Peak signal-to-noise ratio over r, g, b in codes, in dB. */
double quality_psnr(const struct picture *a, const struct picture *truth);

/* Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image Quality Assessment: From Error
 * Visibility to Structural Similarity", 2004: the mean over the picture, on luma in codes, with the
 * paper's window (11 x 11, sigma 1.5) and constants. */
double quality_ssim(const struct picture *a, const struct picture *truth);

/* glslSmartDeNoise: M. Morrone, https://github.com/BrutPitt/glslSmartDeNoise, as OBS's shader
 * filters have it. sigma in pixels, the radius is k_sigma * sigma, threshold in colours of 0..1 as
 * they are stored. */
struct picture smart_denoise(const struct picture *in, double sigma, double k_sigma,
                             double threshold);
