/* Pictures as linear light in float, which has what lies beyond their edges too. */
#pragma once

#include "kernels/kernels.h"

/* Rows and columns of light are numbered as the picture's are: those of `rect`. */
struct hipfx_field {
    struct hipfx_rect rect;
    struct hipfx_light light;
};

/* Floats that a field takes. */
size_t hipfx_field_floats(const struct hipfx_rect *rect);
struct hipfx_field hipfx_field_at(const struct hipfx_rect *rect, float *data);

/* Enqueues the making of light of the picture and what lies around it; `live` as for a kernel that
 * makes the field's pixels. */
bool hipfx_field_make(const struct hipfx_run *run, const struct hipfx_frame *in,
                      enum hipfx_edge edge, const struct hipfx_live *live,
                      const struct hipfx_field *out);

/* All that the taps reach from the pixels of `rect`. */
struct hipfx_rect hipfx_taps_reach(const struct hipfx_taps_args *taps,
                                   const struct hipfx_rect *rect);

/* Enqueues sums of light at the taps' places: those of `out`, or of the run's area of `frame` where
 * that is not NULL. Completes `taps`, which has `live`. */
bool hipfx_taps_sum(const struct hipfx_run *run, struct hipfx_taps_args *taps,
                    const struct hipfx_field *in, const struct hipfx_field *out,
                    const struct hipfx_frame *frame);
