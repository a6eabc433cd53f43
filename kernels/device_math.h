/* Elementary functions for device code. Part of device.h.
 *
 * Where a GPU has an instruction for one of them, that is used: PTX promises log2 to 2^-22.6, or
 * beyond 0.5..2 to 2^-22 of it, 2^v to 2^-22.5 of it, reciprocal and root to 2^-23 of them, a
 * root's reciprocal to 2^-22.4 (PTX ISA: lg2, ex2, rcp, sqrt, rsqrt with .approx), AMD's GPUs about
 * one unit in the last place each. All flush what is not a normal float to 0. The polynomials are
 * minimax fits made for this project (iteratively reweighted least squares, Lawson's algorithm)
 * with the degree that the stated error needs. Errors are those of the fit; float rounding comes on
 * top. */
#pragma once

HIPFX_FN int hipfx_float_bits(float v)
{
    int i;
    __builtin_memcpy(&i, &v, sizeof(i));
    return i;
}

HIPFX_FN float hipfx_bits_float(int i)
{
    float v;
    __builtin_memcpy(&v, &i, sizeof(v));
    return v;
}

HIPFX_FN float hipfx_abs(float v)
{
    return hipfx_bits_float(hipfx_float_bits(v) & 0x7fffffff);
}

HIPFX_FN float hipfx_copysign(float magnitude, float sign)
{
    return hipfx_bits_float((hipfx_float_bits(magnitude) & 0x7fffffff) |
                            (hipfx_float_bits(sign) & (int)0x80000000u));
}

HIPFX_FN float hipfx_flip_sign(float v, float sign)
{
    return hipfx_bits_float(hipfx_float_bits(v) ^ (hipfx_float_bits(sign) & (int)0x80000000u));
}

#if HIPFX_GPU

/* NaN becomes `lo`. */
HIPFX_FN float hipfx_clamp(float v, float lo, float hi)
{
    return __builtin_fminf(__builtin_fmaxf(v, lo), hi);
}

HIPFX_FN float hipfx_max(float a, float b)
{
    return __builtin_fmaxf(a, b);
}

HIPFX_FN float hipfx_min(float a, float b)
{
    return __builtin_fminf(a, b);
}

/* Into 0..1; NaN becomes 0. */
HIPFX_FN float hipfx_saturate(float v)
{
#if defined(__AMDGCN__)
    return __builtin_amdgcn_fmed3f(v, 0.0f, 1.0f);
#else
    return __nvvm_saturate_f(v);
#endif
}

#else

/* NaN becomes `lo`: the comparison with it is false. */
HIPFX_FN float hipfx_clamp(float v, float lo, float hi)
{
    v = v > lo ? v : lo;
    return v < hi ? v : hi;
}

/* Into 0..1; NaN becomes 0. */
HIPFX_FN float hipfx_saturate(float v)
{
    return hipfx_clamp(v, 0.0f, 1.0f);
}

HIPFX_FN float hipfx_max(float a, float b)
{
    return a > b ? a : b;
}

HIPFX_FN float hipfx_min(float a, float b)
{
    return a < b ? a : b;
}

#endif

#if defined(__AMDGCN__)

HIPFX_FN float hipfx_log2(float v)
{
#if __has_builtin(__builtin_amdgcn_logf)
    return __builtin_amdgcn_logf(v);
#else /* before clang 17 */
    return __builtin_log2f(v);
#endif
}

HIPFX_FN float hipfx_exp2(float v)
{
#if __has_builtin(__builtin_amdgcn_exp2f)
    return __builtin_amdgcn_exp2f(v);
#else
    return __builtin_exp2f(v);
#endif
}

HIPFX_FN float hipfx_sqrt(float v)
{
    return __builtin_amdgcn_sqrtf(v);
}

HIPFX_FN float hipfx_inverse_sqrt(float v)
{
    return __builtin_amdgcn_rsqf(v);
}

HIPFX_FN float hipfx_divide(float a, float b)
{
    return a * __builtin_amdgcn_rcpf(b);
}

#elif defined(__NVPTX__)

HIPFX_FN float hipfx_log2(float v)
{
    return __nvvm_lg2_approx_ftz_f(v);
}

HIPFX_FN float hipfx_exp2(float v)
{
    return __nvvm_ex2_approx_ftz_f(v);
}

HIPFX_FN float hipfx_sqrt(float v)
{
    return __nvvm_sqrt_approx_ftz_f(v);
}

HIPFX_FN float hipfx_inverse_sqrt(float v)
{
    return __nvvm_rsqrt_approx_ftz_f(v);
}

HIPFX_FN float hipfx_divide(float a, float b)
{
    return a * __nvvm_rcp_approx_ftz_f(b);
}

#else

/* log2 of a positive normal number to 2e-6. The exponent is split off so that the mantissa lies
 * in 2/3..4/3, around 1, where the logarithm is a short polynomial without a constant term. */
HIPFX_FN float hipfx_log2(float v)
{
    int i = (int)((unsigned)hipfx_float_bits(v) - 0x3f2aaaabu); /* the bits of 2/3 */
    float exponent = (float)(i >> 23);
    float f = hipfx_bits_float((i & 0x7fffff) + 0x3f2aaaab) - 1.0f;
    float t = f * f;
    float even = (0.332887629f * t + 0.478407827f) * t + 1.44272801f;
    float odd = (-0.291012399f * t + -0.356659353f) * t + -0.721440944f;
    return odd * t + (even * f + exponent);
}

/* 2^v to 2.6e-6, relative, for -126..127. */
HIPFX_FN float hipfx_exp2(float v)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: adding it leaves the integer in the low bits */
    float shifted = v + round;
    float f = v - (shifted - round);
    float t = f * f;
    float even = (0.00957011584f * t + 0.240247449f) * t + 0.999999261f;
    float odd = 0.0559179025f * t + 0.69312181f;
    float p = odd * f + even;
    return hipfx_bits_float(
        (int)((unsigned)hipfx_float_bits(p) + ((unsigned)hipfx_float_bits(shifted) << 23)));
}

HIPFX_FN float hipfx_sqrt(float v)
{
    return __builtin_sqrtf(v);
}

HIPFX_FN float hipfx_inverse_sqrt(float v)
{
    return 1.0f / __builtin_sqrtf(v);
}

HIPFX_FN float hipfx_divide(float a, float b)
{
    return a / b;
}

#endif

/* A word's byte or half as a float. NVIDIA's GPUs convert integers slowly: there it is by way of
 * the bits of 2^23 + v. */
#if defined(__NVPTX__)

HIPFX_FN float hipfx_byte(uint32_t word, int byte)
{
    return hipfx_bits_float((int)__nvvm_prmt(word, 0x4b000000u, 0x7440u | (uint32_t)byte)) -
           8388608.0f;
}

HIPFX_FN float hipfx_low_half(uint32_t word)
{
    return hipfx_bits_float((int)__nvvm_prmt(word, 0x4b000000u, 0x7410u)) - 8388608.0f;
}

HIPFX_FN float hipfx_high_half(uint32_t word)
{
    return hipfx_bits_float((int)__nvvm_prmt(word, 0x4b000000u, 0x7432u)) - 8388608.0f;
}

#else

HIPFX_FN float hipfx_byte(uint32_t word, int byte)
{
    return (float)(int)(word >> 8 * byte & 255);
}

HIPFX_FN float hipfx_low_half(uint32_t word)
{
    return (float)(int)(word & 0xffff);
}

HIPFX_FN float hipfx_high_half(uint32_t word)
{
    return (float)(int)(word >> 16);
}

#endif

/* For 0 <= v < 2^23: what is not below 0 is rounded down by a sum, too, without a conversion. */
HIPFX_FN float hipfx_floor(float v)
{
#if defined(__NVPTX__)
    return __nvvm_add_rm_f(v, 8388608.0f) - 8388608.0f;
#elif defined(__AMDGCN__)
    return __builtin_floorf(v);
#else
    return (float)(int)v;
#endif
}

/* sin to 6e-9 and cos to 5e-8, for -pi/2..pi/2. */
HIPFX_FN float hipfx_sin_half(float v)
{
    float t = v * v;
    float p = 2.60175240e-06f;
    p = p * t + -0.000198073334f;
    p = p * t + 0.00833302352f;
    p = p * t + -0.166666566f;
    p = p * t + 0.999999994f;
    return p * v;
}

HIPFX_FN float hipfx_cos_half(float v)
{
    float t = v * v;
    float p = 2.31538941e-05f;
    p = p * t + -0.00138537027f;
    p = p * t + 0.0416635845f;
    p = p * t + -0.499999053f;
    return p * t + 0.999999953f;
}

/* asin to 7e-7 for -1..1, in the form of Abramowitz and Stegun 4.4.46. */
HIPFX_FN float hipfx_asin(float v)
{
    float t = hipfx_abs(v);
    float p = -0.00491130591f;
    p = p * t + 0.0206203874f;
    p = p * t + -0.0459275186f;
    p = p * t + 0.0881711647f;
    p = p * t + -0.214542834f;
    p = p * t + 1.57079569f;
    return hipfx_copysign(1.57079633f - hipfx_sqrt(1.0f - t) * p, v);
}

/* Angles are counted in turns, 2^32 to a turn, and so wrap around as they should; a float has too
 * few bits for the turns and their fraction at once. Brought into the half period that rises
 * through zero, -pi/2..pi/2, the sine of which is the sine of the angle, an angle is this many
 * times 2^-32 of half a turn: */
HIPFX_FN int hipfx_fold(uint32_t turn)
{
    int away = (int)(turn << 1); /* from the nearest multiple of half a turn */
    int odd = -(int)((turn + 0x40000000u) >> 31);
    return away ^ odd; /* less by 1 than -away, which has no place for a crest's 2^31 */
}

HIPFX_FN float hipfx_fold_radians(uint32_t turn)
{
    return (float)hipfx_fold(turn) * (3.14159265f / 4294967296.0f);
}

HIPFX_FN double hipfx_fold_radians_d(uint32_t turn)
{
    return hipfx_fold(turn) * (3.14159265358979323846 / 4294967296.0);
}

/* sin to 5e-14 for -pi/2..pi/2. */
HIPFX_FN double hipfx_sin_half_d(double v)
{
    double t = v * v;
    double p = 1.536563376536293e-10;
    p = p * t + -2.5026612518463942e-08;
    p = p * t + 2.755684014546511e-06;
    p = p * t + -0.0001984126501340007;
    p = p * t + 0.008333333308342884;
    p = p * t + -0.16666666666096366;
    p = p * t + 0.9999999999996231;
    return p * v;
}
