/* What only GPUs have: blocks of threads, memory that a block shares, and frames read and written
 * 16 bytes at a time. Part of device.h.
 *
 * A kernel's block is HIPFX_BLOCK threads in a row; which part of its work a block does stands
 * beside the kernel's name in args.h, and the launch makes enough blocks for all of width x height.
 */
#pragma once

#define HIPFX_SHARED static __attribute__((shared))

/* An array that a loop goes through lies in registers only if the loop is unrolled. */
#define HIPFX_UNROLL _Pragma("clang loop unroll(full)")

/* Without it the compiler leaves room for larger blocks, by keeping less in registers. */
#if defined(__AMDGCN__)
#define HIPFX_BOUNDS amdgpu_flat_work_group_size(HIPFX_BLOCK, HIPFX_BLOCK)
#else
#define HIPFX_BOUNDS launch_bounds(HIPFX_BLOCK)
#endif

/* HIPFX_KERNEL_BLOCK(name, struct its_args, a) { body for each thread, `a` points to the args } */
#define HIPFX_KERNEL_BLOCK(name, args_type, a)                                                     \
    HIPFX_FN void name##_block(const args_type *a);                                                \
    extern "C" __attribute__((global, HIPFX_BOUNDS)) void name(const args_type args)               \
    {                                                                                              \
        if (hipfx_block_is_live(&args.live, args.width, args.height, name##_tile_width,            \
                                name##_tile_height))                                               \
            name##_block(&args);                                                                   \
    }                                                                                              \
    HIPFX_FN void name##_block(const args_type *a)

/* hipfx_lane_shifted: the value that the thread has which lies `by` behind, of each 32 that follow
 * each other; all of them must come here. Where there is none, it is any value. */
#define HIPFX_LANES_OF_GROUP 32

/* hipfx_barrier: all threads of the block must come here; what any of them wrote to shared memory
 * before, each of them reads afterwards. hipfx_pack_bytes: the low bytes of four words. */
#if defined(__AMDGCN__)
HIPFX_FN int hipfx_block_x(void)
{
    return (int)__builtin_amdgcn_workgroup_id_x();
}

HIPFX_FN int hipfx_block_y(void)
{
    return (int)__builtin_amdgcn_workgroup_id_y();
}

HIPFX_FN int hipfx_thread(void)
{
    return (int)__builtin_amdgcn_workitem_id_x();
}

/* A wave of 32 does not look at the lane's sixth bit. */
HIPFX_FN float hipfx_lane_shifted(float v, int by)
{
    const int lane = ((hipfx_thread() + by) & (HIPFX_LANES_OF_GROUP - 1)) | (hipfx_thread() & 32);
    int bits;
    __builtin_memcpy(&bits, &v, sizeof(bits));
    bits = __builtin_amdgcn_ds_bpermute(lane * 4, bits);
    __builtin_memcpy(&v, &bits, sizeof(bits));
    return v;
}

HIPFX_FN void hipfx_barrier(void)
{
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

HIPFX_FN uint32_t hipfx_pack_bytes(uint32_t b0, uint32_t b1, uint32_t b2, uint32_t b3)
{
    return __builtin_amdgcn_perm(b1, b0, 0x0c0c0400) | __builtin_amdgcn_perm(b3, b2, 0x04000c0c);
}
#else
HIPFX_FN int hipfx_block_x(void)
{
    return __nvvm_read_ptx_sreg_ctaid_x();
}

HIPFX_FN int hipfx_block_y(void)
{
    return __nvvm_read_ptx_sreg_ctaid_y();
}

HIPFX_FN int hipfx_thread(void)
{
    return __nvvm_read_ptx_sreg_tid_x();
}

HIPFX_FN float hipfx_lane_shifted(float v, int by)
{
    int lane = (hipfx_thread() + by) & (HIPFX_LANES_OF_GROUP - 1);
    return __nvvm_shfl_sync_idx_f32(0xffffffffu, v, lane, 0x1f);
}

HIPFX_FN void hipfx_barrier(void)
{
    __syncthreads();
}

HIPFX_FN uint32_t hipfx_pack_bytes(uint32_t b0, uint32_t b1, uint32_t b2, uint32_t b3)
{
    return __nvvm_prmt(__nvvm_prmt(b0, b1, 0x0040), __nvvm_prmt(b2, b3, 0x0040), 0x5410);
}
#endif

#define HIPFX_TILE(name, args_type, width, height)                                                 \
    enum { name##_tile_width = width, name##_tile_height = height };
HIPFX_GPU_KERNELS(HIPFX_TILE)
#undef HIPFX_TILE

/* 16 bytes of a row: 4 pixels of 8 bits or 2 of half. */
typedef uint32_t hipfx_group __attribute__((ext_vector_type(4)));
typedef float hipfx_float4 __attribute__((ext_vector_type(4)));

HIPFX_FN int hipfx_group_pixels(int format)
{
    return format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 2;
}

/* Whether the row holds a whole group at x that a single access may touch: a frame's pitch need
 * only be a multiple of its pixel. */
HIPFX_FN bool hipfx_group_fits(const struct hipfx_frame *frame, int format, int x)
{
    return (frame->pitch & 15) == 0 && x + hipfx_group_pixels(format) <= frame->width;
}

/* A group's first pixel, as hipfx_decode takes it. */
HIPFX_FN uint64_t hipfx_group_first(hipfx_group group, int format)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return group.x;
    return group.x | (uint64_t)group.y << 32;
}

/* Takes the first pixel out and appends another: as often as there are pixels, and each has had its
 * turn without an index that would put the group into slow memory. */
HIPFX_FN hipfx_group hipfx_group_rotate(hipfx_group group, int format, uint64_t last)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        return (hipfx_group){group.y, group.z, group.w, (uint32_t)last};
    return (hipfx_group){group.z, group.w, (uint32_t)last, (uint32_t)(last >> 32)};
}

HIPFX_FN HIPFX_GLOBAL char *hipfx_group_at(const struct hipfx_frame *frame, int format, int x,
                                           int y)
{
    uint64_t at = hipfx_row_offset(frame, y) +
                  (uint64_t)(uint32_t)x * (format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
    return (HIPFX_GLOBAL char *)frame->data + at;
}

/* Pixels outside the frame are read as 0. */
HIPFX_FN hipfx_group hipfx_group_load(const struct hipfx_frame *frame, int format, int x, int y)
{
    hipfx_group group = 0;
    if (y >= frame->height || x >= frame->width)
        return group;
    const HIPFX_GLOBAL char *at = hipfx_group_at(frame, format, x, y);
    if (hipfx_group_fits(frame, format, x))
        return *(const HIPFX_GLOBAL hipfx_group *)at;
    const int words = format == HIPFX_PIXEL_RGBA8_SRGB ? 1 : 2;
    for (int i = 0; i < 4; i++) {
        if (x + i / words < frame->width)
            group[i] = ((const HIPFX_GLOBAL uint32_t *)at)[i];
    }
    return group;
}

/* Pixels outside the frame are not written. */
HIPFX_FN void hipfx_group_store(const struct hipfx_frame *frame, int format, int x, int y,
                                hipfx_group group)
{
    if (y >= frame->height || x >= frame->width)
        return;
    HIPFX_GLOBAL char *at = hipfx_group_at(frame, format, x, y);
    if (hipfx_group_fits(frame, format, x)) {
        *(HIPFX_GLOBAL hipfx_group *)at = group;
        return;
    }
    const int words = format == HIPFX_PIXEL_RGBA8_SRGB ? 1 : 2;
    for (int i = 0; i < 4; i++) {
        if (x + i / words < frame->width)
            ((HIPFX_GLOBAL uint32_t *)at)[i] = group[i];
    }
}

#include "kernels/device_surface.h"

/* The same for kernels of effects that are `direct`: the frame may be a surface. */
HIPFX_FN hipfx_group hipfx_direct_group_load(const struct hipfx_frame *frame, int format, int x,
                                             int y)
{
#ifdef HIPFX_SURFACES
    if (frame->surface)
        return y < frame->height ? hipfx_surface_load_row(frame, format, x, y) : (hipfx_group)0;
#endif
    return hipfx_group_load(frame, format, x, y);
}

HIPFX_FN void hipfx_direct_group_store(const struct hipfx_frame *frame, int format, int x, int y,
                                       hipfx_group group)
{
#ifdef HIPFX_SURFACES
    if (frame->surface) {
        if (y < frame->height)
            hipfx_surface_store_row(frame, format, x, y, group);
        return;
    }
#endif
    hipfx_group_store(frame, format, x, y, group);
}
