/* hipfx-sine: a surface whose heights HIP computes and Vulkan draws, in one piece of memory.
 *
 * Vulkan allocates the buffer of heights, HIP maps it, and a timeline semaphore orders the two.
 * Each frame n takes two of its values:
 *
 *     HIP:     wait for 2n,     write the heights,  signal 2n + 1
 *     Vulkan:  wait for 2n + 1, draw them,          signal 2n + 2
 *
 * compute_heights and draw_frame below enqueue just that; neither waits. */
#include "interop/map.h"
#include "samples/sine/output.h"
#include "samples/sine/sine_args.h"
#include "sine_image.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GRID_SIZE 256
#define BLOCK_X   32
#define BLOCK_Y   8

#define PICTURE_WIDTH_PX  1280
#define PICTURE_HEIGHT_PX 720
#define FILES_PER_S       30
#define FILES_DEFAULT     8

static const char usage[] =
    "Usage: hipfx-sine [--window] [--frames N] [--out DIR]\n"
    "\n"
    "A sine wave over a grid, computed by HIP and drawn by Vulkan.\n"
    "  --window    show it in a window until that is closed, instead of writing files\n"
    "  --frames N  stop after N frames; the default is 8 files, or no end in a window\n"
    "  --out DIR   folder for frame_0000.png and so on; the default is out/sine\n";

struct options {
    bool window;
    uint64_t frames; /* 0: not given */
    const char *out; /* NULL: not given */
};

/* HIP's end of the timeline: host functions in the stream's order, because HIP imports Vulkan's
 * semaphores on some platforms only. */
struct hip_end {
    struct hipfx_vk *vk;
    VkSemaphore semaphore;
    uint64_t value; /* the host functions' own: they run one after another */
    atomic_bool failed;
    struct hipfx_why why; /* constant once `failed` is set */
};

struct sine {
    struct hipfx_vk *vk;
    const struct hipfx_hip *hip;
    hipModule_t module;
    hipFunction_t kernel;
    hipStream_t stream;

    struct hipfx_vk_buffer heights;
    struct hipfx_map map;
    struct hipfx_vk_timeline timeline;
    struct hip_end hip_end;

    struct draw draw;
    struct output *output;
};

/* -- HIP's end of the timeline -- */

static void hip_end_fail(struct hip_end *end, const struct hipfx_why *why)
{
    if (atomic_load(&end->failed))
        return;
    end->why = *why;
    atomic_store(&end->failed, true);
}

static void wait_for_vulkan(void *data)
{
    struct hip_end *end = data;
    struct hipfx_why why = {0};
    if (!hipfx_vk_timeline_wait(end->vk, end->semaphore, end->value, WAIT_MAX_NS, &why))
        hip_end_fail(end, &why);
}

/* Comes even if the wait failed: Vulkan's submit would wait for it for ever. */
static void signal_vulkan(void *data)
{
    struct hip_end *end = data;
    struct hipfx_why why = {0};
    if (!hipfx_vk_timeline_signal(end->vk, end->semaphore, end->value + 1, &why))
        hip_end_fail(end, &why);
    end->value += 2;
}

/* -- a frame -- */

static bool compute_heights(struct sine *sine, float time_s, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = sine->hip;
    struct sine_args args = {
        .width = GRID_SIZE,
        .height = GRID_SIZE,
        .heights = sine->map.data,
        .time_s = time_s,
    };
    void *params[] = {&args};
    if (!HIP(why, hip, hipLaunchHostFunc, sine->stream, wait_for_vulkan, &sine->hip_end) ||
        !HIP(why, hip, hipModuleLaunchKernel, sine->kernel, GRID_SIZE / BLOCK_X,
             GRID_SIZE / BLOCK_Y, 1, BLOCK_X, BLOCK_Y, 1, 0, sine->stream, params, NULL) ||
        !HIP(why, hip, hipLaunchHostFunc, sine->stream, signal_vulkan, &sine->hip_end))
        return false;
    sine->timeline.value++; /* only now: nobody may wait for a value that nobody will signal */
    return true;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool run_frames(struct sine *sine, const struct options *options, struct hipfx_why *why)
{
    const double start_s = now_s();
    struct output *output = sine->output;
    for (uint64_t n = 0; n < options->frames;) {
        if (!draw_wait(&sine->draw, &sine->timeline, why))
            return false;
        enum output_state state = output->begin(output, &sine->timeline, why);
        if (state == OUTPUT_FAILED)
            return false;
        if (state == OUTPUT_CLOSED)
            return true;
        if (state == OUTPUT_NOT_NOW)
            continue;

        float time_s = (float)(options->window ? now_s() - start_s : (double)n / FILES_PER_S);
        if (!compute_heights(sine, time_s, why) ||
            !draw_frame(&sine->draw, &sine->timeline, output, time_s, why) ||
            !output->end(output, &sine->timeline, why))
            return false;
        if (atomic_load(&sine->hip_end.failed))
            return hipfx_fail(why, "HIP's end of the timeline: %s", sine->hip_end.why.text);
        n++;
    }
    return true;
}

/* -- set-up -- */

static bool load_kernel(struct sine *sine, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = sine->hip;
    if (hip->kind != HIPFX_HIP_CPU)
        return hipfx_fail(why, "this build has no kernel for %s", hip->name);
    if (!HIP(why, hip, hipModuleLoadData, &sine->module, &sine_image)) {
        sine->module = NULL;
        return false;
    }
    return HIP(why, hip, hipModuleGetFunction, &sine->kernel, sine->module, "sine_heights");
}

/* A GPU if there is one that runs the kernel, else the CPU. */
static bool open_hip(struct sine *sine, struct hipfx_why *why)
{
    const enum hipfx_hip_kind kinds[] = {HIPFX_HIP_AMD, HIPFX_HIP_CPU};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct hipfx_why refusal = {0};
        sine->hip = hipfx_hip_open(kinds[i], &refusal);
        if (sine->hip && load_kernel(sine, &refusal)) {
            printf("HIP: %s (%s)\n", sine->hip->name, sine->hip->library);
            return true;
        }
        printf("HIP: not %s: %s\n", hipfx_hip_kind_name(kinds[i]), refusal.text);
    }
    return hipfx_fail(why, "no HIP provider can be used");
}

static bool share_heights(struct sine *sine, struct hipfx_why *why)
{
    const bool on_host = hipfx_map_wants_host(sine->hip);
    return hipfx_vk_buffer_create(sine->vk, sizeof(float) * GRID_SIZE * GRID_SIZE,
                                  VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, !on_host, on_host,
                                  &sine->heights, why) &&
           hipfx_map_create(sine->hip, sine->vk, &sine->heights.memory, &sine->map, why);
}

static bool create_order(struct sine *sine, struct hipfx_why *why)
{
    if (!hipfx_vk_timeline_create(sine->vk, &sine->timeline, why))
        return false;
    sine->hip_end.vk = sine->vk;
    sine->hip_end.semaphore = sine->timeline.semaphore;
    if (!sine->hip->hipLaunchHostFunc)
        return hipfx_fail(why, "%s has no hipLaunchHostFunc", sine->hip->library);
    if (HIP(why, sine->hip, hipStreamCreateWithFlags, &sine->stream, hipStreamNonBlocking))
        return true;
    sine->stream = NULL;
    return false;
}

static bool create_picture(struct sine *sine, const struct options *options, struct hipfx_why *why)
{
    const VkExtent2D extent = {PICTURE_WIDTH_PX, PICTURE_HEIGHT_PX};
    const struct grid grid = {
        .heights = sine->heights.buffer,
        .size = GRID_SIZE,
        .imported = !hipfx_map_wants_host(sine->hip),
    };
    if (!draw_create(&sine->draw, sine->vk, &grid, why))
        return false;
    sine->output = options->window ? window_create(&sine->draw, extent, "hipfx-sine", why)
                                   : files_create(&sine->draw, extent, options->out, why);
    return sine->output;
}

static void destroy(struct sine *sine)
{
    struct hipfx_why why = {0};
    /* The stream first: Vulkan waits for it. Its own waits have bounds. */
    if (sine->stream)
        HIP(&why, sine->hip, hipStreamSynchronize, sine->stream);
    if (sine->timeline.semaphore &&
        !hipfx_vk_timeline_wait(sine->vk, sine->timeline.semaphore, sine->timeline.value,
                                WAIT_MAX_NS, &why)) {
        fprintf(stderr, "hipfx-sine: the device still draws, nothing is freed: %s\n", why.text);
        return;
    }
    if (sine->output)
        sine->output->destroy(sine->output);
    draw_destroy(&sine->draw);
    if (sine->stream)
        HIP(&why, sine->hip, hipStreamDestroy, sine->stream);
    if (sine->vk) {
        hipfx_vk_timeline_destroy(sine->vk, &sine->timeline);
        hipfx_map_destroy(sine->hip, &sine->map);
        hipfx_vk_buffer_destroy(sine->vk, &sine->heights);
    }
    if (sine->module)
        HIP(&why, sine->hip, hipModuleUnload, sine->module);
    hipfx_vk_destroy(&sine->vk);
    if (why.text[0])
        fprintf(stderr, "hipfx-sine: at the end: %s\n", why.text);
}

static bool run(const struct options *options, struct hipfx_why *why)
{
    struct sine sine = {0};
    struct hipfx_vk_params params = {0};
    if (options->window && !window_system_open(&params, why))
        return false;

    sine.vk = hipfx_vk_create(&params, why);
    if (sine.vk)
        printf("Vulkan: %s\n", sine.vk->device_name);
    bool ok = sine.vk && open_hip(&sine, why) && share_heights(&sine, why) &&
              create_order(&sine, why) && create_picture(&sine, options, why) &&
              run_frames(&sine, options, why);
    destroy(&sine);
    if (options->window)
        window_system_close();
    return ok;
}

/* -- the command line -- */

static bool parse_frames(const char *text, uint64_t *frames)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < 1 || value > 1000000)
        return false;
    *frames = (uint64_t)value;
    return true;
}

static bool parse(int argc, char **argv, struct options *options, struct hipfx_why *why)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!strcmp(argv[i], "--window")) {
            options->window = true;
            continue;
        }
        if (strcmp(argv[i], "--frames") != 0 && strcmp(argv[i], "--out") != 0)
            return hipfx_fail(why, "unknown option %s (--help lists them)", argv[i]);
        if (!value)
            return hipfx_fail(why, "%s needs a value", argv[i]);
        if (!strcmp(argv[i], "--out"))
            options->out = value;
        else if (!parse_frames(value, &options->frames))
            return hipfx_fail(why, "--frames takes a number from 1 to 1000000, not '%s'", value);
        i++;
    }
    if (options->window && options->out)
        return hipfx_fail(why, "--window writes no files: leave out --out");
    if (!options->frames)
        options->frames = options->window ? UINT64_MAX : FILES_DEFAULT;
    if (!options->out)
        options->out = "out/sine";
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct hipfx_why why = {0};
    if (argc == 2 && !strcmp(argv[1], "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    if (!parse(argc, argv, &options, &why)) {
        fprintf(stderr, "hipfx-sine: %s\n", why.text);
        return 2;
    }
    if (!run(&options, &why)) {
        fprintf(stderr, "hipfx-sine: %s\n", why.text);
        return 1;
    }
    if (!options.window)
        printf("%llu frames in %s\n", (unsigned long long)options.frames, options.out);
    return 0;
}
