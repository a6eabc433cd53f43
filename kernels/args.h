/* The kernels and their arguments, shared by the host (C17) and device code. A family's stand in a
 * header of their own; here is what they share, and the lists of all of them. */
#pragma once

/* Threads of a block on a GPU. */
#define HIPFX_BLOCK 128

#include "kernels/args_blur.h"
#include "kernels/args_color.h"
#include "kernels/args_copy.h"
#include "kernels/args_denoise.h"
#include "kernels/args_disc.h"
#include "kernels/args_finish.h"
#include "kernels/args_grade.h"
#include "kernels/args_light.h"
#include "kernels/args_lut.h"
#include "kernels/args_pixelate.h"
#include "kernels/args_region.h"
#include "kernels/args_tilt.h"
#include "kernels/args_wave.h"
#include "kernels/args_zoom.h"

/* A list names each kernel, the type of its one argument, and the part of the argument's width x
 * height that a block on a GPU works on. In each argument, width and height are what there is to
 * make: one thing for each (x, y). The effects' host code names the kernels HIPFX_KERNEL_x. */
#define HIPFX_CPU_KERNELS(F)                                                                       \
    HIPFX_BLUR_KERNELS(F)                                                                          \
    HIPFX_COLOR_KERNELS(F)                                                                         \
    HIPFX_DENOISE_KERNELS(F)                                                                       \
    HIPFX_LIGHT_KERNELS(F)                                                                         \
    HIPFX_DISC_KERNELS(F)                                                                          \
    HIPFX_PIXELATE_KERNELS(F)                                                                      \
    HIPFX_ZOOM_KERNELS(F)                                                                          \
    HIPFX_TILT_KERNELS(F)                                                                          \
    HIPFX_GRADE_KERNELS(F)                                                                         \
    HIPFX_LUT_KERNELS(F)                                                                           \
    HIPFX_REGION_KERNELS(F)                                                                        \
    HIPFX_FINISH_KERNELS(F)                                                                        \
    HIPFX_WAVE_KERNELS(F)

/* The CPU has functions of its own for the others. */
#define HIPFX_ONLY_GPU_KERNELS(F) HIPFX_COPY_KERNELS(F)
#define HIPFX_GPU_KERNELS(F)      HIPFX_CPU_KERNELS(F) HIPFX_ONLY_GPU_KERNELS(F)
