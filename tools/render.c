/* hipfx-render: the filter applied to a picture or a video, through the plugin in libobs.
 *
 * One frame of libobs for each frame of the input, with the filter's clock set to the frame's time:
 * nothing depends on how fast the machine is. While the graphics thread draws frame i, this thread
 * encodes frame i - 1 and decodes frame i + 1. */
#include "tools/alpha.h"
#include "tools/filter.h"
#include "tools/grab.h"
#include "tools/host.h"
#include "tools/input.h"
#include "tools/light.h"
#include "tools/picture.h"
#include "tools/progress.h"
#include "tools/render_options.h"
#include "tools/tempfile.h"

#include <libavutil/log.h>
#include <obs/util/platform.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READY_TIMEOUT_NS UINT64_C(60000000000)
#define FRAME_TIMEOUT_S  60
#define PICTURE_LENGTH_S 5

enum {
    STATUS_DONE = 0,
    STATUS_NOT_DRAWN = 1,
    STATUS_BAD = 2,
    STATUS_INTERRUPTED = 130,
};

struct render;

/* One frame on its way. */
struct slot {
    struct render *render;
    uint8_t *straight;   /* as the input gave it, in 8 bits */
    float *light;        /* ... and as light */
    void *premultiplied; /* as libobs draws it */
    void *result;        /* as libobs drew it, premultiplied */
    bool fresh;          /* the source does not show it yet */
    bool drawn;
    double time_s; /* the filter's clock */
    double draw_ms;
};

struct render {
    struct render_options options;
    struct hipfx_input *input;
    struct hipfx_input_info info;
    struct hipfx_output *output;
    int fps_num, fps_den;
    int64_t frame_limit; /* 0: until the input ends */
    int64_t frames;      /* written */
    size_t pixels;       /* in a frame */
    size_t frame_size;   /* bytes, as libobs has it */
    struct slot slots[2];

    struct hipfx_host *host;
    obs_source_t *source;
    obs_source_t *filters[HIPFX_FILTERS_MAX];
    struct hipfx_grab grab;

    struct hipfx_times frame_ms;
    json_t *before[HIPFX_FILTERS_MAX];
    const char *not_ready; /* the reason if a filter never became ready */
    int status;
    struct hipfx_why why;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* A second Ctrl-C ends the program at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static bool fail_with(struct render *r, int status)
{
    if (r->status == STATUS_DONE)
        r->status = status;
    return false;
}

static bool open_input(struct render *r)
{
    const struct render_options *o = &r->options;
    r->input = hipfx_input_open(o->input, o->width, o->height, &r->why);
    if (!r->input)
        return fail_with(r, STATUS_BAD);
    r->info = hipfx_input_info(r->input);
    r->fps_num = o->fps_num ? o->fps_num : r->info.fps_num ? r->info.fps_num : 60;
    r->fps_den = o->fps_num ? o->fps_den : r->info.fps_num ? r->info.fps_den : 1;
    r->frame_limit = o->frames;
    if (o->kind == HIPFX_OUTPUT_PNG)
        r->frame_limit = 1;
    else if (r->info.is_picture && !o->frames)
        r->frame_limit = (PICTURE_LENGTH_S * (int64_t)r->fps_num + r->fps_den - 1) / r->fps_den;
    return true;
}

static bool open_output(struct render *r)
{
    /* The report comes last, but that it cannot be written should be known first. */
    struct hipfx_tempfile probe = {0};
    if (r->options.report && !hipfx_tempfile_create(&probe, r->options.report, &r->why))
        return fail_with(r, STATUS_BAD);
    hipfx_tempfile_discard(&probe);
    const struct hipfx_output_params params = {
        .path = r->options.output,
        .width = r->info.width,
        .height = r->info.height,
        .fps_num = r->fps_num,
        .fps_den = r->fps_den,
        .aspect_num = r->info.aspect_num,
        .aspect_den = r->info.aspect_den,
    };
    r->output = hipfx_output_open(&params, &r->why);
    return r->output || fail_with(r, STATUS_BAD);
}

static bool allocate_slots(struct render *r)
{
    r->pixels = (size_t)r->info.width * r->info.height;
    r->frame_size = r->pixels * gs_get_format_bpp(gs_get_format_from_space(r->options.space)) / 8;
    for (int i = 0; i < 2; i++) {
        struct slot *slot = &r->slots[i];
        slot->render = r;
        if (r->options.space == GS_CS_SRGB)
            slot->straight = malloc(r->pixels * 4);
        else
            slot->light = malloc(r->pixels * 4 * sizeof(float));
        slot->premultiplied = malloc(r->frame_size);
        slot->result = malloc(r->frame_size);
        if (!(slot->straight || slot->light) || !slot->premultiplied || !slot->result) {
            hipfx_fail(&r->why, "out of memory");
            return fail_with(r, STATUS_NOT_DRAWN);
        }
    }
    return true;
}

static bool add_filters(struct render *r)
{
    for (int i = 0; i < r->options.filter_count; i++) {
        r->filters[i] = hipfx_filter_add(r->source, r->options.settings[i], &r->why);
        if (!r->filters[i])
            return false;
    }
    return true;
}

static bool start_libobs(struct render *r)
{
    const struct render_options *o = &r->options;
    if (o->force[0])
        setenv("HIPFX_FORCE", o->force, true);

    /* libobs rounds its canvas down to these steps; the source's size is its own. */
    const struct hipfx_host_params params = {
        .width = (r->info.width + 3) & ~3U,
        .height = (r->info.height + 1) & ~1U,
        .fps_num = 1000,
        .fps_den = 1,
        .in_step = true,
        .verbose = o->verbose,
    };
    r->host = hipfx_host_start(&params, &r->why);
    if (!r->host)
        return fail_with(r, STATUS_NOT_DRAWN);
    if (!o->no_filter && !hipfx_host_load_plugin(r->host, &r->why))
        return fail_with(r, STATUS_NOT_DRAWN);

    hipfx_picture_register();
    r->source = obs_source_create_private(HIPFX_PICTURE_ID, "input", NULL);
    if (!r->source) {
        hipfx_fail(&r->why, "libobs cannot make a source");
        return fail_with(r, STATUS_NOT_DRAWN);
    }
    /* As a scene on air holds its sources: a filter may rest while its source is hidden. */
    obs_source_inc_active(r->source);
    r->grab.space = o->space;
    return add_filters(r) || fail_with(r, STATUS_NOT_DRAWN);
}

static void tick(void *param)
{
    const struct slot *slot = param;
    const struct render *r = slot->render;
    for (int i = 0; i < r->options.filter_count; i++)
        hipfx_filter_set_time(r->filters[i], slot->time_s);
}

static void draw(void *param)
{
    struct slot *slot = param;
    struct render *r = slot->render;
    if (slot->fresh)
        hipfx_picture_show(r->source, r->options.space, slot->premultiplied, r->info.width,
                           r->info.height);
    slot->fresh = false;
    slot->drawn = hipfx_grab_draw(&r->grab, r->source) && hipfx_grab_read(&r->grab) &&
                  r->grab.width == r->info.width && r->grab.height == r->info.height;
    slot->draw_ms = r->grab.draw_ms;
    if (slot->drawn)
        memcpy(slot->result, r->grab.pixels, r->frame_size);
}

static void post(struct render *r, struct slot *slot)
{
    const struct hipfx_host_job job = {.tick = tick, .draw = draw, .param = slot};
    hipfx_host_post(r->host, &job);
}

static bool finish(struct render *r, const struct slot *slot)
{
    if (!hipfx_host_wait(r->host, FRAME_TIMEOUT_S)) {
        /* The job still uses this program's memory: there is no way on from here. */
        fprintf(stderr, "render: a frame was not drawn within %d s\n", FRAME_TIMEOUT_S);
        hipfx_output_abort(&r->output);
        _Exit(STATUS_NOT_DRAWN);
    }
    if (slot->drawn)
        return true;
    hipfx_fail(&r->why, "a frame could not be drawn");
    return fail_with(r, STATUS_NOT_DRAWN);
}

static bool any_starting(const struct render *r)
{
    for (int i = 0; i < r->options.filter_count; i++) {
        if (hipfx_filter_is_starting(r->filters[i]))
            return true;
    }
    return false;
}

/* Draws the first frame until every filter knows whether it can run. */
static bool wait_until_ready(struct render *r, struct slot *slot)
{
    const uint64_t begin_ns = os_gettime_ns();
    bool starting = true;
    while (starting && !interrupted && os_gettime_ns() - begin_ns < READY_TIMEOUT_NS) {
        post(r, slot);
        if (!finish(r, slot))
            return false;
        starting = any_starting(r);
        if (starting)
            os_sleep_ms(5);
    }
    if (starting)
        r->not_ready = "the filter was not ready after a minute";

    for (int i = 0; i < r->options.filter_count; i++)
        r->before[i] = hipfx_filter_report(r->filters[i]);
    return true;
}

static enum hipfx_input_result next_frame(struct render *r, struct slot *slot)
{
    enum hipfx_input_result result;
    if (slot->light) {
        result = hipfx_input_next_light(r->input, (float)r->options.peak, slot->light, &r->why);
        if (result == HIPFX_INPUT_FRAME)
            hipfx_halves_from_floats(slot->premultiplied, slot->light, r->pixels * 4);
    } else {
        result = hipfx_input_next(r->input, slot->straight, &r->why);
        if (result == HIPFX_INPUT_FRAME)
            hipfx_premultiply(slot->premultiplied, slot->straight, r->pixels);
    }
    return result;
}

/* Brings frame `index` into the slot. False: there is none, or it failed (`status` tells). */
static bool load_frame(struct render *r, struct slot *slot, int64_t index)
{
    if (interrupted || (r->frame_limit && index >= r->frame_limit))
        return false;
    slot->time_s = r->options.time_s + (double)index * r->fps_den / r->fps_num;
    slot->fresh = index == 0 || !r->info.is_picture;
    if (!slot->fresh)
        return true;
    switch (next_frame(r, slot)) {
    case HIPFX_INPUT_FRAME:
        return true;
    case HIPFX_INPUT_END:
        return false;
    default:
        return fail_with(r, STATUS_BAD);
    }
}

static bool write_frame(struct render *r, struct slot *slot)
{
    bool ok;
    if (slot->light) {
        hipfx_floats_from_halves(slot->light, slot->result, r->pixels * 4);
        ok = hipfx_output_write_light(r->output, slot->light, (float)r->options.peak, &r->why);
    } else {
        if (r->options.kind == HIPFX_OUTPUT_PNG)
            hipfx_unpremultiply(slot->result, slot->result, slot->premultiplied, slot->straight,
                                r->pixels);
        ok = hipfx_output_write(r->output, slot->result, &r->why);
    }
    if (!ok)
        return fail_with(r, STATUS_BAD);
    r->frames++;
    return true;
}

static bool draw_all(struct render *r)
{
    struct hipfx_progress progress = hipfx_progress_start("rendering", r->frame_limit);
    bool more = load_frame(r, &r->slots[0], 0) && wait_until_ready(r, &r->slots[0]);
    struct slot *last = NULL;
    for (int64_t i = 0; more; i++) {
        struct slot *slot = &r->slots[i % 2], *other = &r->slots[(i + 1) % 2];
        post(r, slot);
        more = (!last || write_frame(r, last)) && load_frame(r, other, i + 1);
        if (!finish(r, slot))
            break;
        if (!hipfx_times_add(&r->frame_ms, slot->draw_ms)) {
            hipfx_fail(&r->why, "out of memory");
            more = fail_with(r, STATUS_NOT_DRAWN);
        }
        last = slot;
        hipfx_progress_show(&progress, i + 1);
    }
    const bool ok = r->status == STATUS_DONE && last && write_frame(r, last);
    hipfx_progress_end(&progress);
    return ok && !interrupted;
}

static void tell_shortage(const struct render *r)
{
    if (r->frames < r->options.frames)
        fprintf(stderr, "render: warning: %s has %lld frames only, not %d\n", r->options.input,
                (long long)r->frames, r->options.frames);
}

static void tell_errors(const json_t *report)
{
    char errors[512];
    hipfx_report_errors(report, errors, sizeof(errors));
    const json_int_t unfiltered = json_integer_value(json_object_get(report, "passthrough_frames"));
    if (unfiltered)
        fprintf(stderr, "render: %lld frames passed through unfiltered: %s\n",
                (long long)unfiltered, errors[0] ? errors : "no reason is known");
    else if (errors[0])
        fprintf(stderr, "render: %s\n", errors);
}

static bool write_report(struct render *r)
{
    struct hipfx_report_params params = {
        .width = r->info.width,
        .height = r->info.height,
        .frames = r->frames,
        .lagged_frames = -1,
        .frame_ms = &r->frame_ms,
        .error = r->not_ready,
        .filter_count = r->options.filter_count,
    };
    for (int i = 0; i < params.filter_count; i++) {
        params.effects[i] = r->options.effects[i];
        params.before[i] = r->before[i];
        params.after[i] = hipfx_filter_report(r->filters[i]);
    }
    json_t *report = hipfx_report_make(&params);
    for (int i = 0; i < params.filter_count; i++)
        json_decref(params.after[i]);

    tell_errors(report);
    const bool ok = !r->options.report || hipfx_report_write(report, r->options.report, &r->why);
    json_decref(report);
    return ok || fail_with(r, STATUS_BAD);
}

static void stop_libobs(struct render *r)
{
    for (int i = r->options.filter_count; i-- > 0;) {
        hipfx_filter_remove(&r->filters[i]);
        json_decref(r->before[i]);
    }
    hipfx_grab_free(&r->grab);
    if (r->source)
        obs_source_dec_active(r->source);
    obs_source_release(r->source);
    const long leaks = hipfx_host_stop(&r->host);
    if (leaks)
        fprintf(stderr, "render: warning: libobs counts %ld memory leaks\n", leaks);
}

static void clean_up(struct render *r)
{
    hipfx_output_abort(&r->output);
    hipfx_input_close(&r->input);
    for (int i = 0; i < 2; i++) {
        free(r->slots[i].straight);
        free(r->slots[i].light);
        free(r->slots[i].premultiplied);
        free(r->slots[i].result);
    }
    hipfx_times_free(&r->frame_ms);
}

static int render(struct render *r)
{
    if (open_input(r) && open_output(r) && allocate_slots(r) && start_libobs(r) && draw_all(r) &&
        write_report(r)) {
        tell_shortage(r);
        if (!hipfx_output_finish(&r->output, &r->why))
            fail_with(r, STATUS_BAD);
    }
    stop_libobs(r);
    clean_up(r);
    if (interrupted)
        return STATUS_INTERRUPTED;
    if (r->status != STATUS_DONE)
        fprintf(stderr, "render: %s\n", r->why.text);
    return r->status;
}

int main(int argc, char **argv)
{
    struct render r = {.status = STATUS_DONE};
    switch (render_options_parse(argc, argv, &r.options, &r.why)) {
    case HIPFX_COMMAND_HELP:
        render_options_help();
        return STATUS_DONE;
    case HIPFX_COMMAND_BAD:
        fprintf(stderr, "render: %s\n", r.why.text);
        return STATUS_BAD;
    case HIPFX_COMMAND_RUN:
        break;
    }
    catch_signals();
    av_log_set_level(r.options.verbose ? AV_LOG_WARNING : AV_LOG_QUIET);
    return render(&r);
}
