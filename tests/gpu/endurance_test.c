/* Thousands of frames in libobs, with a new size every 50 and with filters that come and go: what
 * the process holds at the end is what it held after the first round.
 *
 * A round takes every size once and ends with no filter on the source, so that the same is held at
 * the end of each. Unless --frames says otherwise, a GPU gets 20 000 frames of 1080p to 4K, and the
 * CPU 600 small ones. */
#include "tools/args.h"
#include "tools/filter.h"
#include "tools/grab.h"
#include "tools/host.h"
#include "tools/picture.h"

#include <dirent.h>
#include <epoxy/gl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAMES_A_SIZE 50
#define FILTERS       2
#define START_S       120 /* a driver's first start compiles kernels */

/* Allocators keep some of what they were given back. One picture that is lost with each new size
 * comes to far more: 200 times 8 MB on a GPU. */
#define HOST_TOLERANCE_KB (32 * 1024)
#define GPU_TOLERANCE_KB  (64 * 1024)

/* libobs lets go of what was released some frames later, on a thread of its own. */
#define SETTLE_FRAMES   10
#define SETTLE_PAUSE_US 20000

struct size {
    uint32_t width, height;
};

/* On the CPU a tenth of it. */
static const struct size sizes[] = {
    {1920, 1080}, {3840, 2160}, {1921, 1081}, {2560, 1440}, {3839, 2159}, {2048, 1080},
};

static const char *const settings[] = {
    "{\"effect\": \"color\", \"color.exposure_ev\": 1}",
    "{\"effect\": \"sine_wave\"}",
    "{\"effect\": \"gaussian_blur\", \"gaussian_blur.sigma_px\": 6}",
};

#define SIZES    (sizeof(sizes) / sizeof(sizes[0]))
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

struct run {
    struct hipfx_host *host;
    obs_source_t *source, *filters[FILTERS];
    struct hipfx_grab grab;
    uint8_t *pixels; /* of the largest size; any will do */
    struct size size;
    bool drawn;
    int added; /* filters so far */
    bool on_gpu;
};

struct holdings {
    long host_kb, gpu_kb; /* of the GPU: what is free there; -1: not known */
    int descriptors, threads;
};

static bool complain(const char *what)
{
    printf("FAILED: %s\n", what);
    return false;
}

static int count_entries(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static long resident_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    }
    if (file)
        fclose(file);
    return kb;
}

static void query_gpu(void *param)
{
    GLint kb = -1;
    if (epoxy_has_gl_extension("GL_NVX_gpu_memory_info"))
        glGetIntegerv(GL_GPU_MEMORY_INFO_CURRENT_AVAILABLE_VIDMEM_NVX, &kb);
    *(long *)param = kb;
}

static void settle(struct run *run)
{
    for (int i = 0; i < SETTLE_FRAMES; i++) {
        hipfx_host_frame(run->host, NULL);
        obs_wait_for_destroy_queue();
        usleep(SETTLE_PAUSE_US);
    }
}

static struct holdings look_at(struct run *run)
{
    struct holdings now = {.gpu_kb = -1};
    settle(run);
    const struct hipfx_host_job job = {.draw = query_gpu, .param = &now.gpu_kb};
    hipfx_host_frame(run->host, &job);
    now.host_kb = resident_kb();
    now.descriptors = count_entries("/proc/self/fd");
    now.threads = count_entries("/proc/self/task");
    return now;
}

static void tell(const struct holdings *h, int frames)
{
    printf("after %d frames: host memory %ld kB, free GPU memory ", frames, h->host_kb);
    if (h->gpu_kb >= 0)
        printf("%ld kB", h->gpu_kb);
    else
        printf("not known (no GL_NVX_gpu_memory_info)");
    printf(", %d descriptors, %d threads\n", h->descriptors, h->threads);
    fflush(stdout);
}

static bool same(const struct holdings *a, const struct holdings *b)
{
    bool ok = true;
    if (b->host_kb - a->host_kb > HOST_TOLERANCE_KB)
        ok = complain("host memory has grown");
    if (a->gpu_kb - b->gpu_kb > GPU_TOLERANCE_KB)
        ok = complain("free GPU memory has shrunk");
    if (a->descriptors != b->descriptors)
        ok = complain("the number of descriptors has changed");
    if (a->threads != b->threads)
        ok = complain("the number of threads has changed");
    return ok;
}

static void show(void *param)
{
    struct run *run = param;
    hipfx_picture_show(run->source, GS_CS_SRGB, run->pixels, run->size.width, run->size.height);
}

static void draw(void *param)
{
    struct run *run = param;
    run->drawn = hipfx_grab_draw(&run->grab, run->source);
}

static bool draw_frame(struct run *run)
{
    const struct hipfx_host_job job = {.draw = draw, .param = run};
    return (hipfx_host_frame(run->host, &job) && run->drawn) || complain("a frame was not drawn");
}

static bool draw_until_started(struct run *run, obs_source_t *filter)
{
    const time_t deadline = time(NULL) + START_S;
    do {
        if (!draw_frame(run))
            return false;
    } while (hipfx_filter_is_starting(filter) && time(NULL) < deadline);
    return true;
}

/* Frames that pass through unfiltered would make the test a test of nothing. */
static bool is_ready(struct run *run, obs_source_t *filter)
{
    json_t *report = hipfx_filter_report(filter);
    const char *state = json_string_value(json_object_get(report, "state"));
    const char *device = json_string_value(json_object_get(report, "device"));
    const bool ok = state && strcmp(state, "ready") == 0;
    run->on_gpu = ok && device && strcmp(device, "cpu") != 0;
    if (!ok) {
        char *text = json_dumps(report, JSON_COMPACT);
        printf("the filter is not ready: %s\n", text ? text : "no report");
        free(text);
    }
    json_decref(report);
    return ok;
}

static void remove_filter(struct run *run, int slot)
{
    hipfx_filter_remove(&run->filters[slot]);
    hipfx_host_frame(run->host, NULL);
    obs_wait_for_destroy_queue();
}

/* The oldest of the filters makes room for a new one. */
static bool change_filters(struct run *run)
{
    struct hipfx_why why = {0};
    const int slot = run->added % FILTERS;
    remove_filter(run, slot);
    run->filters[slot] =
        hipfx_filter_add(run->source, settings[(size_t)run->added % SETTINGS], &why);
    run->added++;
    return run->filters[slot] ? draw_until_started(run, run->filters[slot]) : complain(why.text);
}

static bool play_size(struct run *run, const struct size *size, int frames)
{
    const uint32_t divisor = run->on_gpu ? 1 : 10;
    const struct hipfx_host_job job = {.draw = show, .param = run};
    run->size = (struct size){size->width / divisor, size->height / divisor};
    if (!hipfx_host_frame(run->host, &job) || !change_filters(run))
        return false;
    for (int i = 0; i < frames; i++) {
        if (!draw_frame(run))
            return false;
    }
    for (int i = 0; i < FILTERS; i++) {
        if (run->filters[i] && !is_ready(run, run->filters[i]))
            return false;
    }
    return true;
}

static bool play_round(struct run *run)
{
    for (size_t i = 0; i < SIZES; i++) {
        if (!play_size(run, &sizes[i], FRAMES_A_SIZE))
            return false;
    }
    run->size = (struct size){16, 16};
    const struct hipfx_host_job job = {.draw = show, .param = run};
    if (!hipfx_host_frame(run->host, &job) || !draw_frame(run))
        return false;
    for (int i = 0; i < FILTERS; i++)
        remove_filter(run, i);
    return true;
}

static bool play(struct run *run, int frames)
{
    const int round = FRAMES_A_SIZE * (int)SIZES;
    if (!play_size(run, &(struct size){640, 360}, 1))
        return false;
    if (!frames)
        frames = run->on_gpu ? 20000 : 600;
    printf("%d frames on %s\n", frames, run->on_gpu ? "the GPU" : "the CPU");

    const int wanted = (frames + round - 1) / round;
    const int rounds = wanted < 2 ? 2 : wanted;
    struct holdings halfway = {0};
    for (int i = 1; i <= rounds; i++) {
        if (!play_round(run))
            return false;
        if (i != rounds / 2)
            continue;
        halfway = look_at(run);
        tell(&halfway, i * round);
    }
    const struct holdings last = look_at(run);
    tell(&last, rounds * round);
    return same(&halfway, &last);
}

static bool start(struct run *run)
{
    const struct hipfx_host_params params = {
        .width = 128, .height = 64, .fps_num = 1000, .fps_den = 1, .in_step = true};
    struct hipfx_why why = {0};
    run->host = hipfx_host_start(&params, &why);
    if (!run->host || !hipfx_host_load_plugin(run->host, &why))
        return complain(why.text);
    hipfx_picture_register();
    run->source = obs_source_create_private(HIPFX_PICTURE_ID, "picture", NULL);
    run->pixels = malloc((size_t)3840 * 2160 * 4);
    if (!run->source || !run->pixels)
        return complain("out of memory");
    for (size_t i = 0; i < (size_t)3840 * 2160 * 4; i++)
        run->pixels[i] = i % 4 == 3 ? 255 : (uint8_t)(i * 2654435761u >> 24);
    return true;
}

static bool stop(struct run *run)
{
    for (int i = 0; i < FILTERS; i++)
        hipfx_filter_remove(&run->filters[i]);
    hipfx_grab_free(&run->grab);
    obs_source_release(run->source);
    free(run->pixels);
    const bool started = run->host;
    const int errors = hipfx_host_log_count(LOG_ERROR) + hipfx_host_log_count(LOG_WARNING);
    const long leaks = hipfx_host_stop(&run->host);
    return (!leaks || complain("libobs counts blocks that were not freed")) &&
           (!started || !errors || complain("the log has warnings"));
}

int main(int argc, char **argv)
{
    struct run run = {0};
    int frames = 0;
    if (argc > 1 && (argc != 3 || strcmp(argv[1], "--frames") != 0 ||
                     !hipfx_parse_int(argv[2], 1, 10000000, &frames))) {
        fprintf(stderr, "usage: %s [--frames N]\n", argv[0]);
        return 2;
    }
    const bool played = start(&run) && play(&run, frames);
    return stop(&run) && played ? 0 : 1;
}
