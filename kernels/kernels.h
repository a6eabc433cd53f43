/* A device's kernels, for the effects' own use: how an effect launches them. */
#pragma once

#include "interop/hip/cpu_image.h"
#include "kernels/args.h"
#include "kernels/effect.h"

enum hipfx_kernel {
#define HIPFX_KERNEL_ENUM(name, args_type, tile_width, tile_height) HIPFX_KERNEL_##name,
    HIPFX_GPU_KERNELS(HIPFX_KERNEL_ENUM)
#undef HIPFX_KERNEL_ENUM
        HIPFX_KERNEL_COUNT,
};

struct hipfx_kernels {
    const struct hipfx_hip *hip;
    hipModule_t module;
    hipFunction_t functions[HIPFX_KERNEL_COUNT]; /* NULL: not one for this device */
};

/* As hipfx_kernels_create, from an image that the caller has chosen. The image must outlive them.
 */
struct hipfx_kernels *hipfx_kernels_load(const struct hipfx_hip *hip, const void *image,
                                         struct hipfx_why *why);

/* The CPU's images that this processor can run, best first; NULL after the last. */
const struct hipfx_cpu_image *hipfx_cpu_image_at(int index);

/* Enqueues a kernel with its one argument, which is copied: as many blocks as it takes for their
 * parts to cover width x height. */
bool hipfx_launch(const struct hipfx_run *run, enum hipfx_kernel kernel, int width, int height,
                  const void *args);

/* The kernel for the frame's format, of two that stand one after the other: 8 bits, then half. */
enum hipfx_kernel hipfx_kernel_for(const struct hipfx_frame *frame, enum hipfx_kernel rgba8);

uint64_t hipfx_pixel_size(int32_t format); /* bytes; 0: no format that is known */

/* False with the reason unless effects can work on the two: same size, same known format, pitches
 * that hold their rows, and an area inside them. */
bool hipfx_frames_check(const struct hipfx_run *run, const struct hipfx_frame *in,
                        const struct hipfx_frame *out);

/* The part of a frame that an area covers, as a frame of its own. */
struct hipfx_frame hipfx_frame_crop(const struct hipfx_frame *frame, const struct hipfx_rect *area);

/* For a kernel that makes the pixels of `rect`: those that the run wants, and as many around them
 * as the two reaches tell. */
struct hipfx_live hipfx_live_in(const struct hipfx_run *run, const struct hipfx_rect *rect,
                                double reach_x_px, double reach_y_px);

/* A frame of the same size and format in plain memory, kept in `scratch`; `data` is NULL on
 * failure. */
struct hipfx_frame hipfx_frame_plain(const struct hipfx_run *run, const struct hipfx_frame *frame,
                                     struct hipfx_scratch *scratch);

/* Enqueues a copy of the area: what an effect with neutral values does. */
bool hipfx_frame_copy(const struct hipfx_run *run, const struct hipfx_frame *in,
                      const struct hipfx_frame *out);

/* At least `size` bytes of device memory in `kept`, whose contents stay for later frames as long as
 * `holds` does; NULL on failure. Memory that must grow is new: `holds` becomes 0. */
void *hipfx_kept_reserve(const struct hipfx_run *run, struct hipfx_kept *kept, size_t size);

/* The value of sRGB's transfer function (IEC 61966-2-1) for a code 0..255, in linear light 0..1. */
double hipfx_srgb_to_linear(int code);

/* The number of the noise's picture at a time, of those that follow each other `rate_hz` times a
 * second: what device_noise.h counts on. */
uint32_t hipfx_noise_step(double time_s, double rate_hz);
