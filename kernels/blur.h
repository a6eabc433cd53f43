/* A Gaussian blur of premultiplied linear light, of any sigma at a cost that does not grow with it:
 * what gaussian_blur is, and what other effects are made of.
 *
 * The window is the Gaussian sampled at whole pixels, along one axis after the other. A wide one is
 * made on a coarser grid: a Gaussian of sigma a goes before the samples are taken, one of c over
 * the samples, and one of b makes the fine grid again, with a^2 + b^2 + c^2 the whole's variance.
 * By Poisson's sum formula, samples taken every h-th pixel turn a wave of frequency f into waves of
 * f - k / h besides, which the three let through to
 *   exp(-2 pi^2 (a^2 f^2 + c^2 (f - j / h)^2 + b^2 (f - k / h)^2)), j / h nearest to f:
 * with a = b = 0.9 h and a whole of at least h / 0.6, at most 1.2e-6 for any f and each k. That
 * is the trapezoidal rule's exactness for Gaussians (L. N. Trefethen, J. A. C. Weideman, "The
 * Exponentially Convergent Trapezoidal Rule", SIAM Review 56, 2014), and the order of work is that
 * of P. J. Burt and E. H. Adelson's pyramid ("The Laplacian Pyramid as a Compact Image Code", IEEE
 * Transactions on Communications 31, 1983). While c is wide, it is made in the same way on a yet
 * coarser grid. What windows lack beyond 4.75 sigma is 2e-6 of them: in black next to white, where
 * sRGB is steepest, all of it is 0.05 of a code at most.
 *
 * Grids go on beyond the frame only as far as they are not constant there. With mirrored edges a
 * grid's step divides the frame, so that it is symmetrical at both edges. */
#pragma once

#include "kernels/light.h"

/* Enqueues the blur of `in`; writes the run's area of `out`. Sigma is in pixels, 0.01..1000. Uses
 * the run's scratch memory. */
bool hipfx_blur(const struct hipfx_run *run, double sigma, enum hipfx_edge edge,
                const struct hipfx_frame *in, const struct hipfx_frame *out);

/* The same, of which the field's pixels are made, in light. */
bool hipfx_blur_light(const struct hipfx_run *run, double sigma, enum hipfx_edge edge,
                      const struct hipfx_frame *in, const struct hipfx_field *out);

/* Bytes of scratch memory that either takes for an area. Whoever has many to make in a frame
 * reserves the most of them first. */
size_t hipfx_blur_scratch(double sigma, enum hipfx_edge edge, const struct hipfx_frame *in,
                          const struct hipfx_rect *area);

/* The same with a disc of a radius from 0.1 to 500 pixels, whose edge is softened by a Gaussian of
 * HIPFX_DISC_SOFTNESS of the radius. The softening is what the grids' Gaussians do, so a disc of
 * HIPFX_DISC_STEPS steps on the grid is all that is ever summed up (disc.hip); its pixels count by
 * the part of them that the disc covers. */
#define HIPFX_DISC_STEPS    11.0
#define HIPFX_DISC_SOFTNESS 0.1157 /* sqrt(2) * 0.9 / HIPFX_DISC_STEPS */

bool hipfx_blur_disc(const struct hipfx_run *run, double radius, enum hipfx_edge edge,
                     const struct hipfx_frame *in, const struct hipfx_frame *out);
