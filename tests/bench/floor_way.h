/* One way of a frame through the bench's own two passes. */
#pragma once

#include "interop/link.h"
#include "interop/order.h"
#include "kernels/effect.h"
#include "tests/bench/device.h"
#include "tests/bench/series.h"

enum bench_way_kind {
    BENCH_WAY_TWO_PASSES = 1, /* OpenGL alone */
    BENCH_WAY_BARE,           /* shared images and an order between the passes */
    BENCH_WAY_LINK,           /* the plugin's link */
};

/* What all ways use. */
struct bench_passes {
    const struct bench_device *device;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    void *pixels; /* HIP's, for the kernel */
    GLuint program, vertices;
    GLuint source, target, target_fbo;
    int width_px, height_px;
};

/* A picture in `source`, and a target of the same size. On failure nothing is left. */
bool bench_passes_create(struct bench_passes *passes, const struct bench_device *device,
                         int width_px, int height_px, struct hipfx_why *why);
void bench_passes_destroy(struct bench_passes *passes);

struct bench_way {
    const struct bench_passes *passes;
    enum bench_way_kind kind;
    struct hipfx_rungs rungs;
    struct hipfx_why missing; /* why it cannot be measured; empty: it can */

    GLuint textures[2], input_fbo; /* input, output */
    GLuint memory_objects[2];
    struct hipfx_vk_image images[2];
    struct hipfx_vk_relay relay;
    struct hipfx_order_state order;
    struct hipfx_link *link;

    struct bench_series finish, submit, pipelined;
};

/* Leaves the reason in `missing` where the way cannot be had. The struct must not move then. */
void bench_way_create(struct bench_way *way, const struct bench_passes *passes,
                      enum bench_way_kind kind, const struct hipfx_rungs *rungs);
void bench_way_destroy(struct bench_way *way);

/* Enqueues one frame. */
bool bench_way_frame(struct bench_way *way, struct hipfx_why *why);
