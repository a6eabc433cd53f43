/* hipfx-gallery: before and after of every effect and every preset, drawn by one libobs, and a page
 * that shows them. */
#define _GNU_SOURCE /* asprintf */

#include "tools/alpha.h"
#include "tools/args.h"
#include "tools/filter.h"
#include "tools/gallery_page.h"
#include "tools/grab.h"
#include "tools/host.h"
#include "tools/light.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/picture.h"
#include "tools/progress.h"
#include "tools/tempfile.h"

#include <obs/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READY_TIMEOUT_NS UINT64_C(60000000000)
#define TIME_S           1.85 /* on the filter's clock, at the last frame */
#define NOISY_FRAMES     24   /* before the picture, for effects that look back */
#define FPS              60

enum {
    STATUS_DONE = 0,
    STATUS_NOT_DRAWN = 1,
    STATUS_BAD = 2,
};

struct options {
    uint32_t width, height; /* px */
    const char *out;        /* directory */
    bool verbose;
};

struct gallery {
    struct options options;
    struct hipfx_host *host;
    obs_source_t *source, *filter;
    struct hipfx_grab grab;
    struct gallery_shots shots;
    float *scene, *spoiled;
    uint16_t *halves; /* as the source shows them */
    size_t pixels;
    double time_s; /* of the frame that is drawn */
    bool fresh;    /* the source does not show `halves` yet */
    bool drawn;
    char *device; /* of the filters */
    struct hipfx_why why;
};

static void help(void)
{
    fputs(
        "usage: gallery [--size 960x540] [--out out/gallery]\n"
        "\n"
        "Draws every effect, as it is when a user adds it, and every preset in data/presets over\n"
        "a picture of its own, through the plugin in libobs. Writes the pictures without and\n"
        "with the filter as PNGs into the output directory, and index.html, which shows them.\n"
        "\n"
        "  -v, --verbose     all of libobs's log\n"
        "\n"
        "The source is of 16 bits, and has light above white. Denoising is shown on the last of\n"
        "some noisy frames, debanding on a picture of too few steps.\n"
        "Exit status: 0; 1 if the pictures could not be drawn or written; 2 for a wrong argument,\n"
        "a broken preset, or a directory that cannot be made.\n",
        stdout);
}

static bool take_option(void *options, int id, const char *value, struct hipfx_why *why)
{
    struct options *o = options;
    switch (id) {
    case 's':
        return hipfx_parse_size(value, &o->width, &o->height) ||
               hipfx_fail(why, "--size: \"%s\" is no size, as 960x540", value);
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
        {"out", required_argument, NULL, 'o'},
        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    return hipfx_options_read_all(argc, argv, known, take_option, o, why);
}

static bool make_scene(struct gallery *g)
{
    const struct options *o = &g->options;
    g->pixels = (size_t)o->width * o->height;
    g->scene = gallery_scene_create(o->width, o->height);
    g->spoiled = malloc(g->pixels * 4 * sizeof(float));
    g->halves = malloc(g->pixels * 4 * sizeof(uint16_t));
    return (g->scene && g->spoiled && g->halves) || hipfx_fail(&g->why, "out of memory");
}

static bool start_libobs(struct gallery *g)
{
    const struct hipfx_host_params params = {
        .width = 128,
        .height = 64,
        .fps_num = 1000,
        .fps_den = 1,
        .in_step = true,
        .verbose = g->options.verbose,
    };
    g->host = hipfx_host_start(&params, &g->why);
    if (!g->host || !hipfx_host_load_plugin(g->host, &g->why))
        return false;
    hipfx_picture_register();
    g->source = obs_source_create_private(HIPFX_PICTURE_ID, "gallery", NULL);
    if (!g->source)
        return hipfx_fail(&g->why, "libobs cannot make a source");
    /* As a scene on air holds its sources: a filter may rest while its source is hidden. */
    obs_source_inc_active(g->source);
    return true;
}

static void tick(void *param)
{
    const struct gallery *g = param;
    if (g->filter)
        hipfx_filter_set_time(g->filter, g->time_s);
}

static void draw(void *param)
{
    struct gallery *g = param;
    if (g->fresh)
        hipfx_picture_show(g->source, GS_CS_SRGB_16F, g->halves, g->options.width,
                           g->options.height);
    g->fresh = false;
    g->drawn = hipfx_grab_draw(&g->grab, g->source) && hipfx_grab_read(&g->grab);
}

static bool draw_frame(struct gallery *g)
{
    const struct hipfx_host_job job = {.tick = tick, .draw = draw, .param = g};
    if (!hipfx_host_frame(g->host, &job)) {
        /* The job still uses this program's memory: there is no way on from here. */
        fprintf(stderr, "gallery: a frame was not drawn within a minute\n");
        _Exit(STATUS_NOT_DRAWN);
    }
    return g->drawn || hipfx_fail(&g->why, "a frame could not be drawn");
}

/* Draws until the filter knows whether it can run. */
static bool wait_until_ready(struct gallery *g)
{
    const uint64_t begin_ns = os_gettime_ns();
    while (g->filter && hipfx_filter_is_starting(g->filter)) {
        if (os_gettime_ns() - begin_ns > READY_TIMEOUT_NS)
            return hipfx_fail(&g->why, "the filter was not ready after a minute");
        if (!draw_frame(g))
            return false;
        os_sleep_ms(1);
    }
    return true;
}

/* The frames up to the one that is taken. */
static bool draw_frames(struct gallery *g, enum gallery_flaw flaw)
{
    const int count = flaw == GALLERY_NOISY ? NOISY_FRAMES : 1;
    for (int i = 0; i < count; i++) {
        gallery_scene_spoil(g->spoiled, g->scene, g->options.width, g->options.height, flaw, i);
        hipfx_halves_from_floats(g->halves, g->spoiled, g->pixels * 4);
        g->fresh = true;
        g->time_s = TIME_S - (double)(count - 1 - i) / FPS;
        if ((i == 0 && !wait_until_ready(g)) || !draw_frame(g))
            return false;
    }
    return true;
}

static bool write_picture(struct gallery *g, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", g->options.out, name) < 0)
        return hipfx_fail(&g->why, "out of memory");
    hipfx_unpremultiply(g->grab.pixels, g->grab.pixels, NULL, NULL, g->pixels);
    const bool ok = hipfx_output_png(path, g->grab.pixels, g->grab.width, g->grab.height, &g->why);
    free(path);
    return ok;
}

static bool check_filter(struct gallery *g, const struct gallery_shot *shot)
{
    json_t *report = hipfx_filter_report(g->filter);
    const char *state = json_string_value(json_object_get(report, "state"));
    const json_t *error = json_array_get(json_object_get(report, "errors"), 0);
    const char *reason = json_string_value(json_object_get(error, "reason"));
    const char *device = json_string_value(json_object_get(report, "device_name"));
    const bool ok = state && strcmp(state, "ready") == 0;
    if (!ok)
        hipfx_fail(&g->why, "%s: the frame passed through unfiltered: %s", shot->picture,
                   reason ? reason : "no reason is known");
    if (!g->device && device && *device)
        g->device = strdup(device);
    json_decref(report);
    return ok;
}

static bool draw_shot(struct gallery *g, const struct gallery_shot *shot)
{
    g->filter = hipfx_filter_add(g->source, shot->settings, &g->why);
    const bool ok = g->filter && draw_frames(g, shot->flaw) && check_filter(g, shot) &&
                    write_picture(g, shot->picture);
    hipfx_filter_remove(&g->filter);
    return ok;
}

static bool draw_all(struct gallery *g)
{
    for (int flaw = 0; flaw < GALLERY_FLAWS; flaw++) {
        if (!draw_frames(g, (enum gallery_flaw)flaw) ||
            !write_picture(g, gallery_before((enum gallery_flaw)flaw)))
            return false;
    }
    struct hipfx_progress progress = hipfx_progress_start("drawing", g->shots.count);
    bool ok = true;
    for (int i = 0; i < g->shots.count && ok; i++) {
        ok = draw_shot(g, &g->shots.list[i]);
        hipfx_progress_show(&progress, i + 1);
    }
    hipfx_progress_end(&progress);
    return ok;
}

static bool write_page(struct gallery *g)
{
    char *path = NULL;
    if (asprintf(&path, "%s/index.html", g->options.out) < 0)
        return hipfx_fail(&g->why, "out of memory");
    const struct gallery_page_params params = {
        .path = path,
        .shots = &g->shots,
        .plugin = obs_get_module("obs-hipfx"),
        .device = g->device ? g->device : "no device that is known",
        .width = g->options.width,
        .height = g->options.height,
    };
    const bool ok = gallery_page_write(&params, &g->why);
    if (ok)
        printf("gallery: %d pictures; open %s\n", g->shots.count, path);
    free(path);
    return ok;
}

static void stop_libobs(struct gallery *g)
{
    hipfx_grab_free(&g->grab);
    if (g->source)
        obs_source_dec_active(g->source);
    obs_source_release(g->source);
    const long leaks = hipfx_host_stop(&g->host);
    if (leaks)
        fprintf(stderr, "gallery: warning: libobs counts %ld memory leaks\n", leaks);
}

static int run(struct gallery *g)
{
    int status = STATUS_DONE;
    if (!hipfx_directories_create(g->options.out, &g->why) ||
        !gallery_shots_find(&g->shots, hipfx_host_plugin_data(), g->options.out, &g->why))
        status = STATUS_BAD;
    else if (!make_scene(g) || !start_libobs(g) || !draw_all(g) || !write_page(g))
        status = STATUS_NOT_DRAWN;
    stop_libobs(g);
    gallery_shots_free(&g->shots);
    free(g->scene);
    free(g->spoiled);
    free(g->halves);
    free(g->device);
    if (status != STATUS_DONE)
        fprintf(stderr, "gallery: %s\n", g->why.text);
    return status;
}

int main(int argc, char **argv)
{
    static struct gallery gallery = {
        .options = {.width = 960, .height = 540, .out = "out/gallery"},
    };
    switch (parse(argc, argv, &gallery.options, &gallery.why)) {
    case HIPFX_COMMAND_HELP:
        help();
        return STATUS_DONE;
    case HIPFX_COMMAND_BAD:
        fprintf(stderr, "gallery: %s\n", gallery.why.text);
        return STATUS_BAD;
    case HIPFX_COMMAND_RUN:
        break;
    }
    return run(&gallery);
}
