/* hipfx-sine: a surface whose heights HIP computes and Vulkan draws, in one piece of memory.
 *
 * Vulkan allocates the buffer of heights, HIP maps it, and a timeline semaphore orders the two.
 * Each frame n takes two of its values:
 *
 *     HIP (heights.c):    wait for 2n,      write the heights,  signal 2n + 1
 *     Vulkan (draw.c):    wait for 2n + 1,  draw them,          signal 2n + 2
 *
 * Both are enqueued without waiting for either.
 *
 * heights.c is HIP's side and where the memory is shared, draw.c Vulkan's side of a frame: the two
 * to read first. What they are made of stands in interop/: the mapping in map.h, HIP's end of the
 * timeline in order_host.h. The rest is Vulkan as in any program: how the surface is drawn
 * (pipeline.c), into what (target.c), and where the picture goes (files.c, window.c). */
#include "interop/timeout.h"
#include "samples/sine/heights.h"
#include "samples/sine/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PICTURE_WIDTH_PX  1280
#define PICTURE_HEIGHT_PX 720
#define FILES_PER_S       30
#define FILES_DEFAULT     8

static const char usage[] =
    "Usage: hipfx-sine [--window] [--frames N] [--out DIR]\n"
    "\n"
    "A sine wave over a grid, computed by HIP and drawn by Vulkan.\n"
    "  --window    show it in a window until that is closed or Escape is pressed,\n"
    "              instead of writing files\n"
    "  --frames N  stop after N frames; the default is 8 files, or no end in a window\n"
    "  --out DIR   folder for frame_0000.png and so on; the default is out/sine\n";

struct options {
    bool window;
    uint64_t frames; /* 0: not given */
    const char *out; /* NULL: not given */
};

struct sine {
    struct hipfx_vk *vk;
    struct hipfx_vk_timeline timeline;
    struct heights heights;
    struct draw draw;
    struct output *output;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool run_frame(struct sine *sine, float time_s, struct hipfx_why *why)
{
    return heights_compute(&sine->heights, &sine->timeline, time_s, why) &&
           draw_frame(&sine->draw, &sine->timeline, sine->output, time_s, why) &&
           /* A picture may be presented only once all the signals that it depends on were
            * submitted, and the host's is submitted when it is given
            * (VUID-vkQueuePresentKHR-pWaitSemaphores-03268). */
           heights_wait(&sine->heights, why) &&
           sine->output->end(sine->output, &sine->timeline, why);
}

static bool run_frames(struct sine *sine, const struct options *options, struct hipfx_why *why)
{
    const double start_s = now_s();
    for (uint64_t n = 0; n < options->frames;) {
        if (!draw_wait(&sine->draw, &sine->timeline, why))
            return false;
        enum output_state state = sine->output->begin(sine->output, &sine->timeline, why);
        if (state == OUTPUT_CLOSED)
            return true;
        if (state == OUTPUT_NOT_NOW)
            continue;
        double time_s = options->window ? now_s() - start_s : (double)n / FILES_PER_S;
        if (state == OUTPUT_FAILED || !run_frame(sine, (float)time_s, why))
            return false;
        n++;
    }
    return true;
}

static bool create(struct sine *sine, const struct options *options,
                   const struct hipfx_vk_params *params, struct hipfx_why *why)
{
    const VkExtent2D extent = {PICTURE_WIDTH_PX, PICTURE_HEIGHT_PX};
    sine->vk = hipfx_vk_create(params, why);
    if (!sine->vk)
        return false;
    printf("Vulkan: %s\n", sine->vk->device_name);
    if (!hipfx_vk_timeline_create(sine->vk, false, &sine->timeline, why) ||
        !heights_create(&sine->heights, sine->vk, &sine->timeline, why))
        return false;
    const struct grid grid = {
        .heights = sine->heights.buffer.buffer,
        .size = GRID_SIZE,
        .imported = !hipfx_map_wants_host(sine->heights.hip),
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
    if (!sine->vk)
        return;
    /* HIP first: Vulkan waits for it, and can then be waited for. */
    if (!heights_finish(&sine->heights, &why) ||
        (sine->timeline.semaphore &&
         !hipfx_vk_timeline_wait(sine->vk, sine->timeline.semaphore, sine->timeline.value,
                                 HIPFX_FRAME_TIMEOUT_NS, &why))) {
        hipfx_log(HIPFX_LOG_ERROR, "hipfx-sine: still drawing, so nothing is freed: %s", why.text);
        return;
    }
    if (sine->output)
        sine->output->destroy(sine->output);
    draw_destroy(&sine->draw);
    heights_destroy(&sine->heights);
    hipfx_vk_timeline_destroy(sine->vk, &sine->timeline);
    hipfx_vk_destroy(&sine->vk);
}

static bool run(const struct options *options, struct hipfx_why *why)
{
    struct sine sine = {0};
    struct hipfx_vk_params params = {0};
    if (options->window && !window_system_open(&params, why))
        return false;
    bool ok = create(&sine, options, &params, why) && run_frames(&sine, options, why);
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
