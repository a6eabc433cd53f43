/* How much of an effect a mask leaves: what region.hip blends by, and what mask.hip looks for. */
#pragma once

#include "kernels/device.h"

/* The mask's value at a source's pixel; NaN is 0. Bytes lie in 0..1 by themselves, but where their
 * product is not rounded before it is taken from 1, what is opaque is not all of it. */
HIPFX_FN float mask_alpha(int format, uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return hipfx_saturate(hipfx_decode_alpha((uint32_t)raw));
    return hipfx_saturate(hipfx_half_to_float((unsigned short)(raw >> 48)));
}

HIPFX_FN float mask_share(float mask, int invert, float mix)
{
    return (invert ? 1.0f - mask : mask) * mix;
}
