/* hipfx-bench: what a frame with the filter takes in libobs, beside OBS's own filters. */
#define _GNU_SOURCE /* asprintf */
#include "tests/bench/options.h"
#include "tests/bench/output.h"
#include "tools/picture.h"
#include "tools/progress.h"

#include <epoxy/gl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* In step this only bounds how fast frames can go. */
#define FPS_NUM 1000
#define FPS_DEN 1

enum {
    STATUS_DONE = 0,
    STATUS_NOT_MEASURED = 1,
    STATUS_BAD = 2,
};

struct bench {
    struct bench_options options;
    char *path; /* of bench.json */
    struct hipfx_host *host;
    struct bench_gl gl;
    json_t *machine;
    json_t *sizes[BENCH_SIZES_MAX];
    struct hipfx_progress progress;
    int turns; /* of rows, done */
    struct hipfx_why why;
};

static bool make_path(struct bench *b)
{
    const char *out = b->options.out;
    char *dir = strdup(out);
    bool ok = dir || hipfx_fail(&b->why, "out of memory");
    for (char *p = dir; ok && p && *p; p++) {
        const char after = p[1];
        if (after && after != '/')
            continue;
        p[1] = '\0';
        ok = mkdir(dir, 0777) == 0 || errno == EEXIST ||
             hipfx_fail(&b->why, "%s: %s", dir, strerror(errno));
        p[1] = after;
    }
    free(dir);
    if (ok && asprintf(&b->path, "%s/bench.json", out) < 0) {
        b->path = NULL;
        ok = hipfx_fail(&b->why, "out of memory");
    }
    return ok;
}

static void ask_gl(void *param)
{
    struct bench_gl *gl = param;
    snprintf(gl->renderer, sizeof(gl->renderer), "%s", (const char *)glGetString(GL_RENDERER));
    snprintf(gl->version, sizeof(gl->version), "%s", (const char *)glGetString(GL_VERSION));
}

static bool start_libobs(struct bench *b)
{
    if (b->options.force)
        setenv("HIPFX_FORCE", b->options.force, true);
    const struct hipfx_host_params params = {
        .width = b->options.sizes[0].width,
        .height = b->options.sizes[0].height,
        .fps_num = FPS_NUM,
        .fps_den = FPS_DEN,
        .in_step = true,
        .verbose = b->options.verbose,
    };
    b->host = hipfx_host_start(&params, &b->why);
    if (!b->host || !hipfx_host_load(b->host, "obs-filters", &b->why) ||
        !hipfx_host_load_plugin(b->host, &b->why))
        return false;
    hipfx_picture_register();
    const struct hipfx_host_job job = {.draw = ask_gl, .param = &b->gl};
    return hipfx_host_frame(b->host, &job) || hipfx_fail(&b->why, "libobs draws no frame");
}

struct kernels_job {
    struct bench *bench;
    struct bench_direct *direct;
    struct bench_size *size;
    bool ok;
};

/* On the graphics thread: it draws frames of its own whenever it is given nothing to do. */
static void measure_kernels(void *param)
{
    struct kernels_job *job = param;
    for (int i = 0; job->ok && i < BENCH_DIRECT_COUNT; i++) {
        if (i == BENCH_COPY || bench_row_is_hip(&bench_rows[i]))
            job->ok = bench_direct_round(job->direct, i, job->bench->options.frames,
                                         &job->size->kernels[i], &job->bench->why);
    }
}

static bool measure_round(struct bench *b, struct bench_frames *frames, struct bench_direct *direct,
                          struct bench_size *size)
{
    for (int i = 0; i < BENCH_ROW_COUNT; i++) {
        if (!bench_frames_round(frames, i, b->options.frames, &size->frames[i], &b->why))
            return false;
        hipfx_progress_show(&b->progress, ++b->turns);
    }
    struct kernels_job job = {b, direct, size, true};
    const struct hipfx_host_job host_job = {.draw = measure_kernels, .param = &job};
    hipfx_host_post(b->host, &host_job);
    /* The job points into this stack; it ends, whatever it takes. */
    while (!hipfx_host_wait(b->host, 60))
        continue;
    return job.ok;
}

static bool start_filters(struct bench *b, struct bench_frames *frames, struct bench_size *size)
{
    for (int i = 0; i < BENCH_ROW_COUNT; i++) {
        if (!bench_frames_start(frames, i, &size->start[i], &b->why))
            return false;
        if (b->machine || !bench_row_is_hip(&bench_rows[i]))
            continue;
        json_t *report = bench_frames_report(frames, i);
        b->machine = bench_output_machine(&b->gl, report);
        json_decref(report);
    }
    return true;
}

static bool measure_frames(struct bench *b, struct bench_frames *frames, struct bench_size *size)
{
    if (!start_filters(b, frames, size))
        return false;
    const char *device = json_string_value(json_object_get(b->machine, "device"));
    struct bench_direct *direct =
        bench_direct_create(hipfx_hip_kind_from_name(device ? device : ""), (int)size->width,
                            (int)size->height, &b->why);
    bool ok = direct;
    for (int round = 0; ok && round < b->options.rounds; round++)
        ok = measure_round(b, frames, direct, size);
    for (int i = 0; i < BENCH_ROW_COUNT; i++)
        size->reports[i] = bench_frames_report(frames, i);
    bench_direct_destroy(&direct);
    return ok;
}

static bool measure_size(struct bench *b, int index)
{
    struct bench_size *size = calloc(1, sizeof(*size));
    if (!size)
        return hipfx_fail(&b->why, "out of memory");
    size->width = b->options.sizes[index].width;
    size->height = b->options.sizes[index].height;

    struct bench_frames *frames = NULL;
    /* libobs started with the first. */
    bool ok = index == 0 ||
              hipfx_host_reset_video(b->host, size->width, size->height, FPS_NUM, FPS_DEN, &b->why);
    if (ok)
        frames = bench_frames_create(b->host, size->width, size->height, &b->why);
    ok = frames && measure_frames(b, frames, size);
    bench_frames_destroy(&frames);
    if (ok)
        b->sizes[index] = bench_output_size(size, b->machine);
    bench_size_free(size);
    free(size);
    return ok;
}

static bool measure(struct bench *b)
{
    bool ok = true;
    const int turns = b->options.size_count * b->options.rounds * BENCH_ROW_COUNT;
    b->progress = hipfx_progress_start("measuring", turns);
    for (int i = 0; ok && i < b->options.size_count; i++)
        ok = measure_size(b, i);
    hipfx_progress_end(&b->progress);
    return ok;
}

static bool tell(struct bench *b)
{
    json_t *sizes = json_array();
    bench_output_print_machine(b->machine);
    for (int i = 0; i < b->options.size_count; i++) {
        bench_output_print_size(b->sizes[i]);
        json_array_append(sizes, b->sizes[i]);
    }
    json_t *all = json_object();
    json_object_set(all, "machine", b->machine);
    json_object_set_new(all, "frames_per_round", json_integer(b->options.frames));
    json_object_set_new(all, "sizes", sizes);
    const bool ok = hipfx_report_write(all, b->path, &b->why);
    json_decref(all);
    if (ok)
        printf("\n%s has all of this\n", b->path);
    return ok;
}

static void clean_up(struct bench *b)
{
    const long leaks = hipfx_host_stop(&b->host);
    if (leaks)
        fprintf(stderr, "bench: warning: libobs counts %ld memory leaks\n", leaks);
    for (int i = 0; i < BENCH_SIZES_MAX; i++)
        json_decref(b->sizes[i]);
    json_decref(b->machine);
    free(b->path);
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    switch (bench_options_parse(argc, argv, &b.options)) {
    case BENCH_HELP:
        bench_options_help();
        return STATUS_DONE;
    case BENCH_BAD:
        return STATUS_BAD;
    case BENCH_RUN:
        break;
    }
    int status = STATUS_NOT_MEASURED;
    if (!make_path(&b))
        status = STATUS_BAD;
    else if (start_libobs(&b) && measure(&b) && tell(&b))
        status = STATUS_DONE;
    clean_up(&b);
    if (status != STATUS_DONE)
        fprintf(stderr, "bench: %s\n", b.why.text);
    return status;
}
