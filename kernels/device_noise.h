/* Random numbers for device code: they are a function of a pixel's place in the frame and of a
 * number that the host counts up, and so the same on every device and in every render. */
#pragma once

#include "kernels/device.h"

struct hipfx_noise {
    uint32_t x, y, z;
};

/* Three words from three: pcg3d, M. Jarzynski and M. Olano, "Hash Functions for GPU Rendering",
 * Journal of Computer Graphics Techniques 9(3), 2020. */
HIPFX_FN struct hipfx_noise hipfx_noise(uint32_t x, uint32_t y, uint32_t z)
{
    x = x * 1664525u + 1013904223u;
    y = y * 1664525u + 1013904223u;
    z = z * 1664525u + 1013904223u;
    x += y * z;
    y += z * x;
    z += x * y;
    x ^= x >> 16;
    y ^= y >> 16;
    z ^= z >> 16;
    x += y * z;
    y += z * x;
    z += x * y;
    return (struct hipfx_noise){x, y, z};
}

/* Uniform in 0..1, without 1, from one half of a word each: in steps of 2^-16, so that added to a
 * number up to 255 it stays exact. Steps of 2^-16 are also the last bit of 2^7: NVIDIA's GPUs have
 * them from there without a product. */
#if defined(__NVPTX__)
HIPFX_FN float hipfx_noise_low(uint32_t word)
{
    return hipfx_bits_float((int)__nvvm_prmt(word, 0x43000000u, 0x7410u)) - 128.0f;
}

HIPFX_FN float hipfx_noise_high(uint32_t word)
{
    return hipfx_bits_float((int)__nvvm_prmt(word, 0x43000000u, 0x7432u)) - 128.0f;
}
#else
HIPFX_FN float hipfx_noise_low(uint32_t word)
{
    return hipfx_low_half(word) * (1.0f / 65536.0f);
}

HIPFX_FN float hipfx_noise_high(uint32_t word)
{
    return hipfx_high_half(word) * (1.0f / 65536.0f);
}
#endif

/* Nearly a Gaussian of variance 1: the sum of a word's four bytes, whose standard deviation is
 * ((256^2 - 1) / 3)^0.5 (the Irwin-Hall distribution; it ends at 3.45 standard deviations). */
HIPFX_FN float hipfx_noise_gaussian(uint32_t word)
{
    uint32_t pairs = (word & 0x00ff00ff) + (word >> 8 & 0x00ff00ff);
    uint32_t sum = (pairs + (pairs >> 16)) & 0x3ff;
    return (hipfx_low_half(sum) - 510.0f) * (1.0f / 147.8005413f);
}
