#include "samples/sine/heights.h"

#include "interop/hip/cpu_image.h"
#include "interop/timeout.h"
#include "samples/sine/sine_args.h"

#include <stdio.h>

#define BLOCK_X 64
#define BLOCK_Y 4
_Static_assert(GRID_SIZE % BLOCK_X == 0 && GRID_SIZE % BLOCK_Y == 0, "blocks cover the grid");

/* sine.hip as code for the CPU, made by hipfx_add_cpu_kernels. */
void hipfx_cpu_base_sine_heights(const void *args, int row_begin, int row_end);

static const struct hipfx_cpu_kernel cpu_kernels[] = {
    {"sine_heights", hipfx_cpu_base_sine_heights, sizeof(struct sine_args)},
};
static const struct hipfx_cpu_image cpu_image = {
    .magic = HIPFX_CPU_IMAGE_MAGIC,
    .isa = "base",
    .kernels = cpu_kernels,
    .kernel_count = 1,
};

static bool load_kernel(struct heights *heights, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = heights->hip;
    if (hip->kind != HIPFX_HIP_CPU)
        return hipfx_fail(why, "this build has no kernel for it");
    if (!hip->hipLaunchHostFunc)
        return hipfx_fail(why, "%s has no hipLaunchHostFunc", hip->library);
    if (!HIP(why, hip, hipSetDevice, 0))
        return false;
    if (!HIP(why, hip, hipModuleLoadData, &heights->module, &cpu_image)) {
        heights->module = NULL;
        return false;
    }
    return HIP(why, hip, hipModuleGetFunction, &heights->kernel, heights->module, "sine_heights");
}

/* A GPU if there is one that runs the kernel, else the CPU. */
static bool open_hip(struct heights *heights, struct hipfx_why *why)
{
    const enum hipfx_hip_kind kinds[] = {HIPFX_HIP_AMD, HIPFX_HIP_CPU};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct hipfx_why refusal = {0};
        heights->hip = hipfx_hip_open(kinds[i], &refusal);
        if (heights->hip && load_kernel(heights, &refusal)) {
            printf("HIP: %s (%s)\n", heights->hip->name, heights->hip->library);
            return true;
        }
        printf("HIP: not %s: %s\n", hipfx_hip_kind_name(kinds[i]), refusal.text);
    }
    return hipfx_fail(why, "no HIP provider can be used");
}

/* The one piece of memory: Vulkan's allocation, mapped by HIP. A GPU's runtime imports what Vulkan
 * exports; HIP on the CPU takes what Vulkan maps for the host. */
static bool share_buffer(struct heights *heights, struct hipfx_why *why)
{
    const bool on_host = hipfx_map_wants_host(heights->hip);
    return hipfx_vk_buffer_create(heights->vk, sizeof(float) * GRID_SIZE * GRID_SIZE,
                                  VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, !on_host, on_host,
                                  &heights->buffer, why) &&
           hipfx_map_create(heights->hip, heights->vk, &heights->buffer.memory, &heights->map, why);
}

bool heights_create(struct heights *heights, struct hipfx_vk *vk,
                    const struct hipfx_vk_timeline *timeline, struct hipfx_why *why)
{
    *heights = (struct heights){.vk = vk};
    if (!open_hip(heights, why) || !share_buffer(heights, why))
        return false;
    if (!HIP(why, heights->hip, hipStreamCreateWithFlags, &heights->stream, hipStreamNonBlocking)) {
        heights->stream = NULL;
        return false;
    }
    hipfx_order_host_create(&heights->order, heights->hip, heights->stream, vk,
                            timeline->semaphore);
    return true;
}

bool heights_compute(struct heights *heights, struct hipfx_vk_timeline *timeline, float time_s,
                     struct hipfx_why *why)
{
    const uint64_t drawn = timeline->value, done = drawn + 1;
    struct sine_args args = {
        .width = GRID_SIZE,
        .height = GRID_SIZE,
        .heights = heights->map.data,
        .time_s = time_s,
    };
    void *params[] = {&args};
    if (!hipfx_order_host_wait(&heights->order, drawn, why) ||
        !HIP(why, heights->hip, hipModuleLaunchKernel, heights->kernel, GRID_SIZE / BLOCK_X,
             GRID_SIZE / BLOCK_Y, 1, BLOCK_X, BLOCK_Y, 1, 0, heights->stream, params, NULL) ||
        !hipfx_order_host_signal(&heights->order, done, why))
        return false;
    /* Only now: nobody may wait for a value that nobody will signal. */
    timeline->value = heights->done = done;
    return true;
}

/* vkWaitSemaphores would do, but for validation layers that lose track where one thread waits for
 * what another signals: 1.3.239 does
 * (https://github.com/KhronosGroup/Vulkan-ValidationLayers/issues/4968). */
bool heights_wait(struct heights *heights, struct hipfx_why *why)
{
    return hipfx_order_host_await(&heights->order, heights->done, HIPFX_FRAME_TIMEOUT_NS, why);
}

bool heights_finish(struct heights *heights, struct hipfx_why *why)
{
    if (!heights->stream)
        return true;
    return hipfx_hip_wait_stream(heights->hip, heights->stream, HIPFX_FRAME_TIMEOUT_NS, why) &&
           (hipfx_order_host_destroy(&heights->order) ||
            hipfx_fail(why, "HIP has not made all of its calls"));
}

void heights_destroy(struct heights *heights)
{
    struct hipfx_why why = {0};
    if (!heights->vk)
        return;
    if (heights->stream)
        HIP(&why, heights->hip, hipStreamDestroy, heights->stream);
    if (heights->module)
        HIP(&why, heights->hip, hipModuleUnload, heights->module);
    hipfx_map_destroy(heights->hip, &heights->map);
    hipfx_vk_buffer_destroy(heights->vk, &heights->buffer);
    if (why.text[0])
        hipfx_log(HIPFX_LOG_WARNING, "hipfx-sine: at the end: %s", why.text);
    *heights = (struct heights){0};
}
