/* Linear light in float, on the CPU and on GPUs: how it lies in memory, and how it becomes a
 * picture. */
#pragma once

#include "kernels/device_blur.h"

typedef float light_px __attribute__((ext_vector_type(4)));

HIPFX_FN void light_store(const struct hipfx_light *light, int x, int y, light_px px)
{
    const uint64_t at = (uint64_t)(uint32_t)y * (uint32_t)light->pitch + (uint32_t)x;
    ((HIPFX_GLOBAL light_px *)light->data)[at] = px;
}

HIPFX_FN light_px light_load(const struct hipfx_light *light, int x, int y)
{
    const uint64_t at = (uint64_t)(uint32_t)y * (uint32_t)light->pitch + (uint32_t)x;
    return ((const HIPFX_GLOBAL light_px *)light->data)[at];
}

/* A picture's pixel at any place. */
HIPFX_FN light_px light_outside(const struct hipfx_frame *frame, int format, int edge, int x, int y)
{
    const int inside_x = blur_inside(edge, 0, frame->width, x);
    const int inside_y = blur_inside(edge, 0, frame->height, y);
    const struct hipfx_px px = blur_load(frame, format, inside_x, inside_y);
    const bool gone = edge == HIPFX_EDGE_TRANSPARENT && (inside_x != x || inside_y != y);
    return gone ? (light_px)0.0f : (light_px){px.r, px.g, px.b, px.a};
}

/* To the picture, or to `light` where `format` is HIPFX_PIXEL_NONE. */
HIPFX_FN void light_write(const struct hipfx_frame *frame, const struct hipfx_light *light,
                          int format, int x, int y, light_px px)
{
    if (format == HIPFX_PIXEL_NONE)
        light_store(light, x, y, px);
    else
        hipfx_store(frame, format, x, y,
                    hipfx_encode(format, (struct hipfx_px){px.x, px.y, px.z, px.w}));
}

#if !HIPFX_GPU

/* Pixels of a row that are worked on together, and the sums of them that registers hold. */
#define LIGHT_TILE 32
#define LIGHT_VECS 8

struct light_tile {
    float v[4 * LIGHT_TILE];
};

HIPFX_FN void light_tile_write(const struct hipfx_frame *frame, const struct hipfx_light *light,
                               int format, int x0, int columns, int y,
                               const struct light_tile *tile)
{
    if (format == HIPFX_PIXEL_NONE) {
        float *out = light->data + ((size_t)y * (size_t)light->pitch + (size_t)x0) * 4;
        __builtin_memcpy(out, tile->v, (size_t)columns * 4 * sizeof(float));
        return;
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < columns; i++) {
        struct hipfx_px px = {tile->v[4 * i], tile->v[4 * i + 1], tile->v[4 * i + 2],
                              tile->v[4 * i + 3]};
        hipfx_store(frame, format, x0 + i, y, hipfx_encode(format, px));
    }
}

#endif
