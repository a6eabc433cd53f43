/* hipfx-demo: a moving scene of OBS's own sources in libobs, with the filter on it, recorded by
 * OBS's own encoder and muxer. */
#define _GNU_SOURCE /* asprintf */

#include "tools/args.h"
#include "tools/demo_record.h"
#include "tools/demo_scene.h"
#include "tools/filter.h"
#include "tools/grab.h"
#include "tools/host.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/tempfile.h"

#include <errno.h>
#include <libavutil/log.h>
#include <obs/util/platform.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define READY_TIMEOUT_NS UINT64_C(60000000000)
#define STALL_TIMEOUT_NS UINT64_C(60000000000) /* without one more frame in the recording */
#define PICTURE_TIME_S   1.85                  /* of before.png and after.png */
#define TIMED_FRAMES     60                    /* drawn one by one for the times in the report */
#define FRAMES_MAX       1000000

enum {
    STATUS_DONE = 0,
    STATUS_NOT_DRAWN = 1,
    STATUS_BAD = 2,
    STATUS_INTERRUPTED = 130,
};

static const char demo_settings[] = "{\"effect\": \"sine_wave\", \"sine_wave.amplitude\": 0.17,"
                                    " \"sine_wave.cycles\": 2.5, \"sine_wave.speed\": 0.35,"
                                    " \"sine_wave.thickness_px\": 9, \"sine_wave.opacity\": 1,"
                                    " \"sine_wave.color\": 4294960687}";

struct options {
    uint32_t width, height; /* px */
    int frames, fps_num, fps_den;
    const char *out; /* directory */
    bool verbose;
};

struct demo {
    struct options options;
    char *before_png, *after_png, *video, *report, *recording; /* paths */
    struct hipfx_host *host;
    struct demo_scene *scene;
    obs_source_t *filter;
    struct hipfx_grab grab;
    bool drawn;
    /* The graphics thread's own while frames are drawn; times on libobs's video clock. */
    double fixed_time_s;   /* negative: the scene's time runs */
    uint64_t begin_ns;     /* where the scene's time was 0 */
    uint64_t count_end_ns; /* frames before it are counted */
    int64_t drawn_frames;  /* while OBS recorded as many as were asked for */
    struct hipfx_times frame_ms;
    json_t *before; /* the filter's report before the recording */
    int64_t lagged_frames;
    struct hipfx_why why;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void help(void)
{
    fputs(
        "usage: demo [--size 1280x720] [--frames 300] [--fps 60] [--out out/demo]\n"
        "\n"
        "Shows a moving scene of OBS's own sources in libobs, with the HIP Effects filter on it,\n"
        "and records it in real time with OBS's own encoder and muxer. Writes before.png,\n"
        "after.png, demo.mp4 and report.json into the output directory.\n"
        "\n"
        "  -v, --verbose     all of libobs's log\n"
        "\n"
        "The recording is in real time: where the machine cannot draw every frame in time, OBS\n"
        "repeats the one before, and \"lagged_frames\" in report.json counts those.\n"
        "Exit status: 0; 1 if libobs could not draw or record; 2 for a wrong argument.\n",
        stdout);
}

static bool take_option(void *options, int id, const char *value, struct hipfx_why *why)
{
    struct options *o = options;
    switch (id) {
    case 's':
        /* libobs rounds other sizes down. */
        if (hipfx_parse_size(value, &o->width, &o->height) && o->width % 4 == 0 &&
            o->height % 2 == 0)
            return true;
        return hipfx_fail(
            why, "--size: \"%s\" is no size whose width is a multiple of 4 and height of 2", value);
    case 'n':
        return hipfx_parse_int(value, 1, FRAMES_MAX, &o->frames) ||
               hipfx_fail(why, "--frames: \"%s\" is no whole number from 1 to %d", value,
                          FRAMES_MAX);
    case 'f':
        return hipfx_parse_rate(value, &o->fps_num, &o->fps_den) ||
               hipfx_fail(why, "--fps: \"%s\" is no frame rate, as 60 or 30000/1001", value);
    case 'o':
        o->out = value;
        return true;
    default:
        o->verbose = true;
        return true;
    }
}

static enum hipfx_command parse(int argc, char **argv, struct options *o, struct hipfx_why *why)
{
    static const struct option known[] = {
        {"size", required_argument, NULL, 's'},
        {"frames", required_argument, NULL, 'n'},
        {"fps", required_argument, NULL, 'f'},
        {"out", required_argument, NULL, 'o'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    return hipfx_options_read_all(argc, argv, known, take_option, o, why);
}

static bool make_paths(struct demo *demo)
{
    const char *out = demo->options.out;
    if (!hipfx_directories_create(out, &demo->why))
        return false;
    if (asprintf(&demo->before_png, "%s/before.png", out) < 0 ||
        asprintf(&demo->after_png, "%s/after.png", out) < 0 ||
        asprintf(&demo->video, "%s/demo.mp4", out) < 0 ||
        asprintf(&demo->report, "%s/report.json", out) < 0 ||
        asprintf(&demo->recording, "%s/.recording.%d.mp4", out, (int)getpid()) < 0)
        return hipfx_fail(&demo->why, "out of memory");
    return true;
}

static double running_time(struct demo *demo)
{
    const uint64_t now_ns = obs_get_video_frame_time();
    if (now_ns < demo->count_end_ns)
        demo->drawn_frames++;
    return now_ns > demo->begin_ns ? (double)(now_ns - demo->begin_ns) / 1e9 : 0;
}

/* Sets the scene and the filter to one and the same time, before every frame. */
static void on_tick(void *param, float seconds)
{
    (void)seconds;
    struct demo *demo = param;
    const double time_s = demo->fixed_time_s < 0 ? running_time(demo) : demo->fixed_time_s;
    demo_scene_move(demo->scene, time_s);
    hipfx_filter_set_time(demo->filter, time_s);
}

static bool start_libobs(struct demo *demo)
{
    static const char *const modules[] = {"image-source", "text-freetype2", "obs-x264",
                                          "obs-ffmpeg"};
    const struct hipfx_host_params params = {
        .width = demo->options.width,
        .height = demo->options.height,
        .fps_num = (uint32_t)demo->options.fps_num,
        .fps_den = (uint32_t)demo->options.fps_den,
        .audio = true,
        .verbose = demo->options.verbose,
    };
    demo->host = hipfx_host_start(&params, &demo->why);
    if (!demo->host || !hipfx_host_load_plugin(demo->host, &demo->why))
        return false;
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
        if (!hipfx_host_load(demo->host, modules[i], &demo->why))
            return false;
    }
    return true;
}

static bool build_scene(struct demo *demo)
{
    demo->scene = demo_scene_create(demo->options.width, demo->options.height, &demo->why);
    if (!demo->scene)
        return false;
    obs_source_t *source = demo_scene_source(demo->scene);
    obs_source_inc_active(source);
    demo->filter = hipfx_filter_add(source, demo_settings, &demo->why);
    if (!demo->filter)
        return false;
    demo->fixed_time_s = PICTURE_TIME_S;
    obs_add_tick_callback(on_tick, demo);
    return true;
}

static void draw(void *param)
{
    struct demo *demo = param;
    demo->drawn = hipfx_grab_draw(&demo->grab, demo_scene_source(demo->scene));
}

static void draw_and_read(void *param)
{
    struct demo *demo = param;
    draw(param);
    demo->drawn = demo->drawn && hipfx_grab_read(&demo->grab);
}

static bool frame(struct demo *demo, void (*what)(void *param))
{
    const struct hipfx_host_job job = {.draw = what, .param = demo};
    demo->drawn = false;
    if (hipfx_host_frame(demo->host, &job) && demo->drawn)
        return true;
    return hipfx_fail(&demo->why, "the scene could not be drawn");
}

static bool wait_until_ready(struct demo *demo)
{
    const uint64_t begin_ns = os_gettime_ns();
    bool starting = true;
    while (starting && !interrupted && os_gettime_ns() - begin_ns < READY_TIMEOUT_NS) {
        if (!frame(demo, draw))
            return false;
        starting = hipfx_filter_is_starting(demo->filter);
    }
    return true;
}

static bool save_picture(struct demo *demo, const char *path)
{
    return frame(demo, draw_and_read) && hipfx_output_png(path, demo->grab.pixels, demo->grab.width,
                                                          demo->grab.height, &demo->why);
}

static bool save_pictures(struct demo *demo)
{
    obs_source_set_enabled(demo->filter, false);
    bool ok = save_picture(demo, demo->before_png);
    obs_source_set_enabled(demo->filter, true);
    ok = ok && wait_until_ready(demo) && save_picture(demo, demo->after_png);
    for (int i = 0; ok && i < TIMED_FRAMES && !interrupted; i++) {
        ok = frame(demo, draw) && hipfx_times_add(&demo->frame_ms, demo->grab.draw_ms);
    }
    return ok;
}

/* Waits until the recording has all frames. */
static bool follow_recording(struct demo *demo, const struct demo_record *record)
{
    const int64_t total = demo->options.frames;
    struct hipfx_progress progress = hipfx_progress_start("recording", total);
    int64_t done = 0;
    uint64_t moved_ns = os_gettime_ns();
    while (done < total && !interrupted) {
        os_sleep_ms(20);
        const int64_t now = demo_record_frames(record);
        if (now != done)
            moved_ns = os_gettime_ns();
        done = now;
        if (os_gettime_ns() - moved_ns > STALL_TIMEOUT_NS)
            return hipfx_fail(&demo->why, "OBS records no frames");
        hipfx_progress_show(&progress, done < total ? done : total);
    }
    hipfx_progress_end(&progress);
    return true;
}

static void begin_time(void *param)
{
    struct demo *demo = param;
    demo->begin_ns = obs_get_video_frame_time();
    demo->fixed_time_s = -1;
}

static void begin_count(void *param)
{
    struct demo *demo = param;
    const struct options *o = &demo->options;
    demo->drawn_frames = 0;
    demo->count_end_ns =
        obs_get_video_frame_time() + (uint64_t)(1e9 * o->frames * o->fps_den / (double)o->fps_num);
}

static void end_count(void *param)
{
    struct demo *demo = param;
    const int64_t repeated = demo->options.frames - demo->drawn_frames;
    demo->lagged_frames = repeated > 0 ? repeated : 0;
}

static bool at_next_frame(struct demo *demo, void (*what)(void *param))
{
    const struct hipfx_host_job job = {.tick = what, .param = demo};
    return hipfx_host_frame(demo->host, &job) ||
           hipfx_fail(&demo->why, "the scene could not be drawn");
}

static bool record(struct demo *demo)
{
    demo->before = hipfx_filter_report(demo->filter);
    obs_set_output_source(0, demo_scene_source(demo->scene));
    struct demo_record *recording = NULL;
    bool ok = at_next_frame(demo, begin_time);
    if (ok)
        recording = demo_record_start(demo->recording, &demo->why);
    ok = recording && at_next_frame(demo, begin_count) && follow_recording(demo, recording) &&
         at_next_frame(demo, end_count);
    ok = demo_record_stop(&recording, &demo->why) && ok;
    obs_set_output_source(0, NULL);
    return ok && !interrupted &&
           demo_record_cut(demo->recording, demo->video, demo->options.frames, &demo->why);
}

/* Writes report.json and says on stdout what there is to see. */
static bool tell(struct demo *demo)
{
    json_t *after = hipfx_filter_report(demo->filter);
    const struct hipfx_report_params params = {
        .width = demo->options.width,
        .height = demo->options.height,
        .frames = demo->options.frames,
        .lagged_frames = demo->lagged_frames,
        .frame_ms = &demo->frame_ms,
        .effects = {"sine_wave"},
        .before = {demo->before},
        .after = {after},
        .filter_count = 1,
    };
    json_t *report = hipfx_report_make(&params);
    json_decref(after);
    const bool ok = hipfx_report_write(report, demo->report, &demo->why);

    const char *device = json_string_value(json_object_get(report, "device_name"));
    const char *memory = json_string_value(json_object_get(report, "memory"));
    const char *order = json_string_value(json_object_get(report, "order"));
    char errors[512];
    if (json_array_size(json_object_get(report, "errors")))
        fprintf(stderr, "demo: %s\n", hipfx_report_errors(report, errors, sizeof(errors)));
    if (ok) {
        printf("device    %s, memory %s, order %s\n", device ? device : "none",
               memory ? memory : "none", order ? order : "none");
        printf("drawn     scene and filter in %.1f ms (median), %.1f ms (99 %%)\n",
               json_number_value(json_object_get(report, "frame_ms_p50")),
               json_number_value(json_object_get(report, "frame_ms_p99")));
        printf("recorded  %d frames, of which %lld repeat the one before\n", demo->options.frames,
               (long long)demo->lagged_frames);
        printf("files     %s\n          %s\n          %s\n          %s\n", demo->before_png,
               demo->after_png, demo->video, demo->report);
    }
    json_decref(report);
    return ok;
}

static void stop_libobs(struct demo *demo)
{
    if (demo->filter)
        obs_remove_tick_callback(on_tick, demo);
    hipfx_filter_remove(&demo->filter);
    hipfx_grab_free(&demo->grab);
    if (demo->scene)
        obs_source_dec_active(demo_scene_source(demo->scene));
    demo_scene_destroy(&demo->scene);
    const long leaks = hipfx_host_stop(&demo->host);
    if (leaks)
        fprintf(stderr, "demo: warning: libobs counts %ld memory leaks\n", leaks);
}

static void clean_up(struct demo *demo)
{
    if (demo->recording)
        unlink(demo->recording);
    json_decref(demo->before);
    hipfx_times_free(&demo->frame_ms);
    free(demo->before_png);
    free(demo->after_png);
    free(demo->video);
    free(demo->report);
    free(demo->recording);
}

int main(int argc, char **argv)
{
    struct demo demo = {
        .options = {1280, 720, 300, 60, 1, "out/demo", false},
    };
    switch (parse(argc, argv, &demo.options, &demo.why)) {
    case HIPFX_COMMAND_HELP:
        help();
        return STATUS_DONE;
    case HIPFX_COMMAND_BAD:
        fprintf(stderr, "demo: %s\n", demo.why.text);
        return STATUS_BAD;
    case HIPFX_COMMAND_RUN:
        break;
    }

    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    av_log_set_level(demo.options.verbose ? AV_LOG_WARNING : AV_LOG_QUIET);

    int status = STATUS_NOT_DRAWN;
    if (!make_paths(&demo))
        status = STATUS_BAD;
    else if (start_libobs(&demo) && build_scene(&demo) && wait_until_ready(&demo) &&
             save_pictures(&demo) && record(&demo) && tell(&demo))
        status = STATUS_DONE;
    stop_libobs(&demo);
    clean_up(&demo);
    if (interrupted)
        return STATUS_INTERRUPTED;
    if (status != STATUS_DONE)
        fprintf(stderr, "demo: %s\n", demo.why.text);
    return status;
}
