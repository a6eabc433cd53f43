/* Runs effects on pictures through the `cpu` provider, with each of the processor's images. */
#pragma once

#include "kernels/kernels.h"
#include "picture.h"

/* Once for a test program: opens the provider. For cmocka's group setup and teardown. */
int fixture_open(void **state);
int fixture_close(void **state);

/* The images that this processor can run; fixture_use selects the one for fixture_apply. */
int fixture_image_count(void);
const char *fixture_use(int image);

/* What the effect makes of the picture; the test fails if it reports failure or writes anything but
 * the pixels. The caller destroys it. */
struct picture fixture_apply(const char *effect, const struct hipfx_values *values, double time_s,
                             const struct picture *in);

/* Whether the effect accepts frames like these; they need not hold anything. */
bool fixture_accepts(const char *effect, const struct hipfx_frame *in,
                     const struct hipfx_frame *out, struct hipfx_why *why);

void fixture_set(const char *effect, struct hipfx_values *values, const char *key, double value);
