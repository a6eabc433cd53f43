/* Included before the kernels when they are compiled for the processor as if for an AMD GPU: the
 * compiler's own functions for that target, in C. standin_block.c runs the threads.
 *
 * It shows what the GPU's source does thread by thread, with its barriers and its shared memory. It
 * shows nothing of a GPU's arithmetic, timing or memory. */
#pragma once

#include <math.h>
#include <stdint.h>

#define __HIP__    1
#define __AMDGCN__ 1

extern "C" {
/* Of the thread that runs now. */
extern unsigned standin_block_x, standin_block_y, standin_thread;
/* Lets the block's other threads run until they stand at a barrier, too. */
void standin_barrier(void);
}

/* v_perm_b32: bytes 0 to 3 are `low`'s, 4 to 7 `high`'s, 12 is zero. */
static inline uint32_t standin_perm(uint32_t high, uint32_t low, uint32_t selector)
{
    const uint64_t bytes = (uint64_t)high << 32 | low;
    uint32_t out = 0;
    for (int i = 0; i < 4; i++) {
        const uint32_t from = selector >> 8 * i & 0xff;
        if (from < 8)
            out |= (uint32_t)(bytes >> 8 * from & 0xff) << 8 * i;
    }
    return out;
}

/* v_med3_f32 with a NaN is the smaller of the other two. */
static inline float standin_med3(float v, float low, float high)
{
    v = v > low ? v : low;
    return v < high ? v : high;
}

/* ds_bpermute_b32 in waves of 32: the value that another lane hands out, by its number times 4. */
static inline int standin_bpermute(int lane4, int value)
{
    static int values[1024];
    const unsigned self = standin_thread, lane = (unsigned)lane4 / 4 % 32;
    values[self] = value;
    standin_barrier();
    const int other = values[(self & ~31u) | lane];
    standin_barrier();
    return other;
}

#define amdgpu_flat_work_group_size(least, most)   /* only for functions of GPUs */
#define __builtin_amdgcn_workgroup_id_x()          standin_block_x
#define __builtin_amdgcn_workgroup_id_y()          standin_block_y
#define __builtin_amdgcn_workitem_id_x()           standin_thread
#define __builtin_amdgcn_fence(order, scope)       __atomic_signal_fence(order)
#define __builtin_amdgcn_s_barrier()               standin_barrier()
#define __builtin_amdgcn_perm(high, low, selector) standin_perm(high, low, selector)
#define __builtin_amdgcn_ds_bpermute(lane4, value) standin_bpermute(lane4, value)
#define __builtin_amdgcn_fmed3f(v, low, high)      standin_med3(v, low, high)
#define __builtin_amdgcn_sqrtf(v)                  sqrtf(v)
#define __builtin_amdgcn_rcpf(v)                   (1.0f / (v))
#define __builtin_amdgcn_rsqf(v)                   (1.0f / sqrtf(v))
