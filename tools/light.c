#include "tools/light.h"

#include <math.h>
#include <string.h>

double hipfx_srgb_decode(double code)
{
    return code <= 0.04045 ? code / 12.92 : pow((code + 0.055) / 1.055, 2.4);
}

double hipfx_srgb_encode(double light)
{
    const double x = fmin(fmax(light, 0.0), 1.0);
    return x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1.0 / 2.4) - 0.055;
}

void hipfx_halves_from_floats(uint16_t *out, const float *in, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const _Float16 half = (_Float16)in[i];
        memcpy(out + i, &half, sizeof(half));
    }
}

void hipfx_floats_from_halves(float *out, const uint16_t *in, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        _Float16 half;
        memcpy(&half, in + i, sizeof(half));
        out[i] = (float)half;
    }
}
