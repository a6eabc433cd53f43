/* Loading a device's kernels and launching them. */
#include "kernels/kernels.h"

#include "interop/hip/kfd.h"
#include "interop/match.h"
#include "kernels/container.h"
#include "kernels/images.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;
    unsigned tile_width, tile_height; /* what a block on a GPU works on */
    bool on_cpu;
} kernels_known[HIPFX_KERNEL_COUNT] = {
#define KNOWN_BOTH(name, args_type, width, height) {#name, width, height, true},
#define KNOWN_GPU(name, args_type, width, height)  {#name, width, height, false},
    HIPFX_CPU_KERNELS(KNOWN_BOTH) HIPFX_ONLY_GPU_KERNELS(KNOWN_GPU)
#undef KNOWN_BOTH
#undef KNOWN_GPU
};

struct hipfx_kernels *hipfx_kernels_load(const struct hipfx_hip *hip, const void *image,
                                         struct hipfx_why *why)
{
    struct hipfx_kernels *kernels =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*kernels)));
    if (!kernels) {
        hipfx_fail(why, "no memory for the kernels");
        return NULL;
    }
    kernels->hip = hip;
    if (!HIP(why, hip, hipModuleLoadData, &kernels->module, image)) {
        kernels->module = NULL;
        goto fail;
    }
    const bool cpu = hip->kind == HIPFX_HIP_CPU;
    for (int i = 0; i < HIPFX_KERNEL_COUNT; i++) {
        if (cpu && !kernels_known[i].on_cpu)
            continue;
        if (!HIP(why, hip, hipModuleGetFunction, &kernels->functions[i], kernels->module,
                 kernels_known[i].name))
            goto fail;
    }
    return kernels;

fail:
    hipfx_kernels_destroy(&kernels);
    return NULL;
}

/* A runtime that is given another GPU's code may crash (https://github.com/ROCm/clr/issues/4), so
 * the device's own is looked for before anything is loaded. */
static struct hipfx_kernels *load_code_object(const struct hipfx_hip *hip, int device,
                                              struct hipfx_why *why)
{
    struct hipfx_pci pci;
    struct hipfx_kfd_gpu gpu;
    char target[HIPFX_KFD_TARGET_SIZE];
    struct hipfx_container container;
    struct hipfx_code_object object;
    if (!hipfx_match_pci(hip, device, &pci, why) || !hipfx_kfd_find(&pci, &gpu, why) ||
        !hipfx_kfd_target(&gpu, target, why) || !hipfx_container_embedded(&container, why) ||
        !hipfx_container_find(&container, target, &object, why))
        return NULL;
    hipfx_log(HIPFX_LOG_INFO, "kernels for %s", object.target);
    return hipfx_kernels_load(hip, object.data, why);
}

struct hipfx_kernels *hipfx_kernels_create(const struct hipfx_hip *hip, int device,
                                           struct hipfx_why *why)
{
    switch (hip->kind) {
    case HIPFX_HIP_AMD:
        return load_code_object(hip, device, why);
    case HIPFX_HIP_CPU:
        hipfx_log(HIPFX_LOG_DEBUG, "kernels for %s", hipfx_cpu_image_at(0)->isa);
        return hipfx_kernels_load(hip, hipfx_cpu_image_at(0), why);
    case HIPFX_HIP_NVIDIA:
        return hipfx_kernels_load(hip, hipfx_images_ptx(), why);
    default:
        hipfx_fail(why, "no kernels for this device in this build: %s", hip->name);
        return NULL;
    }
}

void hipfx_kernels_destroy(struct hipfx_kernels **kernels)
{
    struct hipfx_kernels *k = *kernels;
    if (!k)
        return;
    if (k->module)
        HIP(NULL, k->hip, hipModuleUnload, k->module);
    free(k);
    *kernels = NULL;
}

bool hipfx_launch(const struct hipfx_run *run, enum hipfx_kernel kernel, int width, int height,
                  const void *args)
{
    const struct hipfx_hip *hip = run->kernels->hip;
    unsigned tile_width = kernels_known[kernel].tile_width;
    unsigned tile_height = kernels_known[kernel].tile_height;
    unsigned block_x = HIPFX_BLOCK, block_y = 1;
    if (hip->kind == HIPFX_HIP_CPU) { /* it shares the rows out, and looks at nothing else */
        tile_width = block_x = 64;
        tile_height = block_y = 4;
    }
    void *params[] = {(void *)args};
    return HIP(run->why, hip, hipModuleLaunchKernel, run->kernels->functions[kernel],
               ((unsigned)width + tile_width - 1) / tile_width,
               ((unsigned)height + tile_height - 1) / tile_height, 1, block_x, block_y, 1, 0,
               run->stream, params, NULL);
}

enum hipfx_kernel hipfx_kernel_for(const struct hipfx_frame *frame, enum hipfx_kernel rgba8)
{
    return frame->format == HIPFX_PIXEL_RGBA8_SRGB ? rgba8 : rgba8 + 1;
}

uint64_t hipfx_pixel_size(int32_t format)
{
    switch (format) {
    case HIPFX_PIXEL_RGBA8_SRGB:
        return 4;
    case HIPFX_PIXEL_RGBA16F:
        return 8;
    default:
        return 0;
    }
}

static bool frame_is_sound(const struct hipfx_frame *frame)
{
    uint64_t size = hipfx_pixel_size(frame->format);
    if (frame->surface)
        return size > 0 && frame->width > 0 && frame->height > 0 && frame->x % 4 == 0;
    return size > 0 && frame->data && frame->width > 0 && frame->height > 0 &&
           (uintptr_t)frame->data % 16 == 0 && frame->pitch <= UINT32_MAX &&
           frame->pitch % size == 0 && frame->pitch / size >= (uint64_t)frame->width;
}

bool hipfx_frames_check(const struct hipfx_run *run, const struct hipfx_frame *in,
                        const struct hipfx_frame *out)
{
    if (!frame_is_sound(in) || !frame_is_sound(out))
        return hipfx_fail(run->why, "an effect was given a frame that it cannot use");
    if (in->width != out->width || in->height != out->height || in->format != out->format)
        return hipfx_fail(run->why, "an effect was given two frames that differ in size or format");
    const struct hipfx_rect *area = &run->area;
    if (area->left < 0 || area->top < 0 || area->left >= area->right || area->top >= area->bottom ||
        area->right > in->width || area->bottom > in->height || area->left % HIPFX_AREA_ALIGN)
        return hipfx_fail(run->why, "an effect was given an area that it cannot use");
    return true;
}

struct hipfx_rect hipfx_frame_area(const struct hipfx_frame *frame)
{
    return (struct hipfx_rect){.right = frame->width, .bottom = frame->height};
}

struct hipfx_frame hipfx_frame_crop(const struct hipfx_frame *frame, const struct hipfx_rect *area)
{
    struct hipfx_frame part = *frame;
    if (frame->data)
        part.data = (char *)frame->data + (uint64_t)area->top * frame->pitch +
                    (uint64_t)area->left * hipfx_pixel_size(frame->format);
    part.x += area->left;
    part.y += area->top;
    part.width = area->right - area->left;
    part.height = area->bottom - area->top;
    return part;
}

struct hipfx_live hipfx_live_in(const struct hipfx_run *run, const struct hipfx_rect *rect,
                                double reach_x_px, double reach_y_px)
{
    return (struct hipfx_live){
        .map = run->live,
        .x = {1, (float)(reach_x_px - rect->left), (float)(reach_x_px + rect->left)},
        .y = {1, (float)(reach_y_px - rect->top), (float)(reach_y_px + rect->top)},
    };
}

bool hipfx_frame_copy(const struct hipfx_run *run, const struct hipfx_frame *in,
                      const struct hipfx_frame *out)
{
    const struct hipfx_frame from = hipfx_frame_crop(in, &run->area);
    const struct hipfx_frame to = hipfx_frame_crop(out, &run->area);
    if (run->kernels->hip->kind != HIPFX_HIP_CPU) { /* in half the runtime's own time */
        const struct hipfx_copy_args args = {
            .width = from.width,
            .height = from.height,
            .live = hipfx_live_in(run, &run->area, 0, 0),
            .in = from,
            .out = to,
        };
        return hipfx_launch(run, hipfx_kernel_for(in, HIPFX_KERNEL_copy_rgba8), args.width,
                            args.height, &args);
    }
    return HIP(run->why, run->kernels->hip, hipMemcpy2DAsync, to.data, to.pitch, from.data,
               from.pitch, (size_t)from.width * hipfx_pixel_size(from.format), (size_t)from.height,
               hipMemcpyDeviceToDevice, run->stream);
}

void *hipfx_scratch_reserve(const struct hipfx_run *run, size_t size)
{
    const struct hipfx_hip *hip = run->kernels->hip;
    struct hipfx_scratch *scratch = run->scratch;
    if (size <= scratch->size)
        return scratch->data;

    void *data = NULL;
    if (scratch->outgrown_count == HIPFX_OUTGROWN_MAX) {
        hipfx_fail(run->why, "HIP still works on earlier frames");
        return NULL;
    }
    if (!HIP(run->why, hip, hipMalloc, &data, size))
        return NULL;
    if (scratch->data)
        scratch->outgrown[scratch->outgrown_count++] = scratch->data;
    scratch->data = data;
    scratch->size = size;
    return data;
}

void hipfx_scratch_trim(const struct hipfx_hip *hip, struct hipfx_scratch *scratch)
{
    while (scratch->outgrown_count)
        HIP(NULL, hip, hipFree, scratch->outgrown[--scratch->outgrown_count]);
}

void hipfx_scratch_free(const struct hipfx_hip *hip, struct hipfx_scratch *scratch)
{
    hipfx_scratch_trim(hip, scratch);
    if (scratch->data)
        HIP(NULL, hip, hipFree, scratch->data);
    *scratch = (struct hipfx_scratch){0};
}

void *hipfx_kept_reserve(const struct hipfx_run *run, struct hipfx_kept *kept, size_t size)
{
    if (size > kept->memory.size)
        kept->holds = 0;
    struct hipfx_run growing = *run;
    growing.scratch = &kept->memory;
    return hipfx_scratch_reserve(&growing, size);
}

void hipfx_effect_state_forget(struct hipfx_effect_state *state)
{
    state->history.holds = 0;
}

#define STATE_PARTS 7

static void find_parts(struct hipfx_effect_state *state, struct hipfx_scratch *parts[STATE_PARTS])
{
    parts[0] = &state->history.memory;
    parts[1] = &state->table.memory;
    for (int i = 0; i < 2; i++) {
        parts[2 + i] = &state->plain[i];
        parts[4 + i] = &state->mask[i];
    }
    parts[6] = &state->live;
}

int hipfx_effect_state_outgrown(struct hipfx_effect_state *state)
{
    struct hipfx_scratch *parts[STATE_PARTS];
    int most = 0;
    find_parts(state, parts);
    for (int i = 0; i < STATE_PARTS; i++)
        most = parts[i]->outgrown_count > most ? parts[i]->outgrown_count : most;
    return most;
}

void hipfx_effect_state_trim(const struct hipfx_hip *hip, struct hipfx_effect_state *state)
{
    struct hipfx_scratch *parts[STATE_PARTS];
    find_parts(state, parts);
    for (int i = 0; i < STATE_PARTS; i++)
        hipfx_scratch_trim(hip, parts[i]);
}

void hipfx_effect_state_free(const struct hipfx_hip *hip, struct hipfx_effect_state *state)
{
    struct hipfx_scratch *parts[STATE_PARTS];
    find_parts(state, parts);
    for (int i = 0; i < STATE_PARTS; i++)
        hipfx_scratch_free(hip, parts[i]);
    hipfx_file_release(state->file);
    *state = (struct hipfx_effect_state){0};
}

double hipfx_srgb_to_linear(int code)
{
    double v = code / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

uint32_t hipfx_noise_step(double time_s, double rate_hz)
{
    const double steps = floor(time_s * rate_hz);
    return isfinite(steps) ? (uint32_t)(int64_t)fmod(steps, 0x1p32) : 0;
}
