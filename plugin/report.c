#include "plugin/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hipfx_status *hipfx_status_create(void)
{
    struct hipfx_status *status = bzalloc(sizeof(*status));
    if (pthread_mutex_init(&status->mutex, NULL) != 0) {
        bfree(status);
        return NULL;
    }
    atomic_init(&status->references, 1);
    status->fixed_time_s = -1.0;
    return status;
}

struct hipfx_status *hipfx_status_ref(struct hipfx_status *status)
{
    atomic_fetch_add(&status->references, 1);
    return status;
}

void hipfx_status_release(struct hipfx_status *status)
{
    if (atomic_fetch_sub(&status->references, 1) != 1)
        return;
    pthread_mutex_destroy(&status->mutex);
    bfree(status);
}

void hipfx_samples_add(struct hipfx_samples *samples, double ms)
{
    samples->ms[samples->count++ % HIPFX_SAMPLES] = (float)ms;
}

static int compare_float(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The percentile of the last samples: the one at the nearest place; 0 if there are none. */
static double percentile(const struct hipfx_samples *samples, double percent)
{
    float sorted[HIPFX_SAMPLES];
    size_t count = samples->count < HIPFX_SAMPLES ? (size_t)samples->count : HIPFX_SAMPLES;
    if (!count)
        return 0.0;
    memcpy(sorted, samples->ms, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_float);
    return (double)sorted[(size_t)(percent / 100.0 * (double)(count - 1) + 0.5)];
}

static const char *format_name(enum hipfx_pixel format)
{
    switch (format) {
    case HIPFX_PIXEL_RGBA8_SRGB:
        return "RGBA8 sRGB";
    case HIPFX_PIXEL_RGBA16F:
        return "RGBA16F";
    case HIPFX_PIXEL_NONE:
        break;
    }
    return "";
}

static const char *state_name(enum hipfx_state state)
{
    switch (state) {
    case HIPFX_STATE_STARTING:
        return "starting";
    case HIPFX_STATE_READY:
        return "ready";
    case HIPFX_STATE_PASSTHROUGH:
        break;
    }
    return "passthrough";
}

static void fill_report(const struct hipfx_status *status, obs_data_t *report)
{
    obs_data_set_string(report, "state", state_name(status->state));
    obs_data_set_string(report, "device", status->device);
    obs_data_set_string(report, "device_name", status->device_name);
    obs_data_set_string(report, "driver", status->driver);
    obs_data_set_int(report, "runtime_version", status->runtime_version);
    obs_data_set_string(report, "memory", hipfx_memory_name(status->rungs.memory));
    obs_data_set_string(report, "order", hipfx_order_name(status->rungs.order));
    obs_data_set_string(report, "effect", status->effect ? status->effect : "");
    obs_data_set_bool(report, "in_flight", status->in_flight);
    obs_data_set_int(report, "width", status->width_px);
    obs_data_set_int(report, "height", status->height_px);
    obs_data_set_string(report, "format", format_name(status->format));
    obs_data_set_int(report, "frames", (long long)status->frames);
    obs_data_set_int(report, "passthrough_frames", (long long)status->passthrough_frames);
    obs_data_set_int(report, "first_frames", (long long)status->first_frames);
    obs_data_set_int(report, "host_bytes_per_frame", (long long)status->host_bytes);
    obs_data_set_double(report, "graphics_thread_ms_p50", percentile(&status->graphics_ms, 50.0));
    obs_data_set_double(report, "graphics_thread_ms_p99", percentile(&status->graphics_ms, 99.0));
    obs_data_set_double(report, "kernel_ms_p50", percentile(&status->kernel_ms, 50.0));

    obs_data_array_t *errors = obs_data_array_create();
    if (status->why.text[0]) {
        obs_data_t *error = obs_data_create();
        obs_data_set_string(error, "reason", status->why.text);
        obs_data_array_push_back(errors, error);
        obs_data_release(error);
    }
    obs_data_set_array(report, "errors", errors);
    obs_data_array_release(errors);
}

static void proc_report(void *data, calldata_t *call)
{
    struct hipfx_status *status = data;
    obs_data_t *report = obs_data_create();
    pthread_mutex_lock(&status->mutex);
    fill_report(status, report);
    pthread_mutex_unlock(&status->mutex);
    calldata_set_string(call, "json", obs_data_get_json(report));
    obs_data_release(report);
}

static void proc_set_time(void *data, calldata_t *call)
{
    struct hipfx_status *status = data;
    pthread_mutex_lock(&status->mutex);
    status->fixed_time_s = calldata_float(call, "seconds");
    pthread_mutex_unlock(&status->mutex);
}

void hipfx_report_register(struct hipfx_status *status, obs_source_t *source)
{
    proc_handler_t *procs = obs_source_get_proc_handler(source);
    proc_handler_add(procs, "void hipfx_report(out string json)", proc_report, status);
    proc_handler_add(procs, "void hipfx_set_time(in float seconds)", proc_set_time, status);
}

bool hipfx_report_line(struct hipfx_status *status, char *line, size_t size)
{
    pthread_mutex_lock(&status->mutex);
    const bool warning = status->state == HIPFX_STATE_PASSTHROUGH;
    if (warning)
        snprintf(line, size, "%s: %s", obs_module_text("Status.Passthrough"), status->why.text);
    else if (!status->device[0])
        snprintf(line, size, "%s", obs_module_text("Status.NotDrawn"));
    else
        snprintf(line, size, "%s (%s), memory %s, order %s", status->device_name, status->device,
                 hipfx_memory_name(status->rungs.memory), hipfx_order_name(status->rungs.order));
    pthread_mutex_unlock(&status->mutex);
    return warning;
}
