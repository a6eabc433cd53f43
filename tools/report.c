#include "tools/report.h"
#include "tools/tempfile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hipfx_times_add(struct hipfx_times *times, double ms)
{
    if (times->count == times->capacity) {
        const size_t capacity = times->capacity ? 2 * times->capacity : 256;
        double *more = realloc(times->ms, capacity * sizeof(*more));
        if (!more)
            return false;
        times->ms = more;
        times->capacity = capacity;
    }
    times->ms[times->count++] = ms;
    return true;
}

void hipfx_times_free(struct hipfx_times *times)
{
    free(times->ms);
    *times = (struct hipfx_times){0};
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double hipfx_times_percentile(struct hipfx_times *times, double percent)
{
    if (!times->count)
        return 0;
    qsort(times->ms, times->count, sizeof(*times->ms), by_value);
    const size_t rank = (size_t)ceil(percent / 100 * (double)times->count);
    return times->ms[rank ? rank - 1 : 0];
}

/* Microseconds are as fine as the clock is worth. */
static json_t *ms_value(double ms)
{
    return json_real(round(ms * 1000) / 1000);
}

static json_t *first_value(const struct hipfx_report_params *p, const char *key)
{
    json_t *value = p->filter_count ? json_object_get(p->after[0], key) : NULL;
    return value ? json_incref(value) : json_null();
}

/* Null if no filter tells it. */
static json_t *sum_value(const struct hipfx_report_params *p, const char *key, bool since_start)
{
    double sum = 0;
    bool known = false, whole = true;
    for (int i = 0; i < p->filter_count; i++) {
        const json_t *value = json_object_get(p->after[i], key);
        if (!json_is_number(value))
            continue;
        known = true;
        whole = whole && json_is_integer(value);
        sum += json_number_value(value);
        if (since_start)
            sum -= json_number_value(json_object_get(p->before[i], key));
    }
    if (!known)
        return json_null();
    return whole ? json_integer((json_int_t)sum) : ms_value(sum);
}

static json_t *effect_list(const struct hipfx_report_params *p)
{
    json_t *list = json_array();
    for (int i = 0; i < p->filter_count; i++)
        json_array_append_new(list, json_string(p->effects[i]));
    return list;
}

static json_t *error_list(const struct hipfx_report_params *p)
{
    json_t *list = json_array();
    if (p->error)
        json_array_append_new(list, json_string(p->error));
    for (int i = 0; i < p->filter_count; i++) {
        size_t index;
        json_t *error;
        json_array_foreach(json_object_get(p->after[i], "errors"), index, error)
            json_array_append(list, json_object_get(error, "reason"));
        if (!p->after[i])
            json_array_append_new(list, json_string("the filter gave no report"));
    }
    return list;
}

json_t *hipfx_report_make(const struct hipfx_report_params *p)
{
    static const char *const of_device[] = {"device",          "device_name", "driver",
                                            "runtime_version", "memory",      "order"};
    json_t *report = json_object();
    for (size_t i = 0; i < sizeof(of_device) / sizeof(of_device[0]); i++)
        json_object_set_new(report, of_device[i], first_value(p, of_device[i]));
    json_object_set_new(report, "effects", effect_list(p));

    char size[32];
    snprintf(size, sizeof(size), "%ux%u", p->width, p->height);
    json_object_set_new(report, "size", json_string(size));
    json_object_set_new(report, "format", first_value(p, "format"));
    json_object_set_new(report, "frames", json_integer(p->frames));
    json_object_set_new(report, "passthrough_frames", sum_value(p, "passthrough_frames", true));
    if (p->lagged_frames >= 0)
        json_object_set_new(report, "lagged_frames", json_integer(p->lagged_frames));
    json_object_set_new(report, "host_bytes_per_frame",
                        sum_value(p, "host_bytes_per_frame", false));
    json_object_set_new(report, "frame_ms_p50", ms_value(hipfx_times_percentile(p->frame_ms, 50)));
    json_object_set_new(report, "frame_ms_p99", ms_value(hipfx_times_percentile(p->frame_ms, 99)));
    json_object_set_new(report, "graphics_thread_ms_p50",
                        sum_value(p, "graphics_thread_ms_p50", false));
    json_object_set_new(report, "graphics_thread_ms_p99",
                        sum_value(p, "graphics_thread_ms_p99", false));
    json_object_set_new(report, "kernel_ms_p50", sum_value(p, "kernel_ms_p50", false));
    json_object_set_new(report, "errors", error_list(p));
    return report;
}

bool hipfx_report_write(const json_t *report, const char *path, struct hipfx_why *why)
{
    struct hipfx_tempfile temp;
    if (!hipfx_tempfile_create(&temp, path, why))
        return false;
    FILE *file = fopen(temp.path, "w");
    bool ok = file && json_dumpf(report, file, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0 &&
              fputc('\n', file) != EOF;
    if (file && fclose(file) != 0)
        ok = false;
    if (ok)
        return hipfx_tempfile_commit(&temp, why);
    hipfx_fail(why, "%s: cannot be written: %s", path, strerror(errno));
    hipfx_tempfile_discard(&temp);
    return false;
}

const char *hipfx_report_errors(const json_t *report, char *out, size_t size)
{
    const json_t *errors = json_object_get(report, "errors");
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(errors) && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i ? "; " : "",
                                   json_string_value(json_array_get(errors, i)));
    return out;
}
