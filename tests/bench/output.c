#define _GNU_SOURCE /* getloadavg */
#include "tests/bench/output.h"
#include "hipfx_version.h"
#include "interop/hip/cpu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_size_free(struct bench_size *size)
{
    for (int i = 0; i < BENCH_ROW_COUNT; i++) {
        bench_series_free(&size->frames[i]);
        json_decref(size->reports[i]);
        size->reports[i] = NULL;
    }
    for (int i = 0; i < BENCH_DIRECT_COUNT; i++)
        bench_series_free(&size->kernels[i]);
}

static json_t *rounded(double value)
{
    return json_real(round(value * 1000) / 1000);
}

static json_t *processor(void)
{
    char line[512];
    json_t *model = NULL;
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && !model && fgets(line, sizeof(line), file)) {
        char *value = strchr(line, ':');
        if (!value || strncmp(line, "model name", strlen("model name")) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        model = json_string(value + 1 + strspn(value + 1, " "));
    }
    if (file)
        fclose(file);
    return model ? model : json_null();
}

json_t *bench_output_machine(const struct bench_gl *gl, const json_t *report)
{
    static const char *const of_device[] = {"device",          "device_name", "driver",
                                            "runtime_version", "memory",      "order"};
    json_t *machine = json_object();
    json_object_set_new(machine, "obs-hipfx", json_string(HIPFX_VERSION));
    json_object_set_new(machine, "obs", json_string(obs_get_version_string()));
    json_object_set_new(machine, "cpu", processor());
    json_object_set_new(machine, "cores", json_integer(hipfx_cpu_core_count()));
    /* More than the cores: other programs ran beside this one, and the times say little. */
    double load = 0;
    json_object_set_new(machine, "load_before",
                        getloadavg(&load, 1) == 1 ? rounded(load) : json_null());
    json_object_set_new(machine, "gl_renderer", json_string(gl->renderer));
    json_object_set_new(machine, "gl_version", json_string(gl->version));
    for (size_t i = 0; i < sizeof(of_device) / sizeof(of_device[0]); i++)
        json_object_set(machine, of_device[i], json_object_get(report, of_device[i]));
    return machine;
}

static void add_hip_figures(json_t *out, const struct bench_size *size, int row)
{
    static const char *const ms_of_filter[] = {"graphics_thread_ms_p50", "graphics_thread_ms_p99",
                                               "kernel_ms_p50"};
    const json_t *report = size->reports[row];
    const struct bench_start *start = &size->start[row];
    for (size_t i = 0; i < sizeof(ms_of_filter) / sizeof(ms_of_filter[0]); i++)
        json_object_set_new(out, ms_of_filter[i],
                            rounded(json_number_value(json_object_get(report, ms_of_filter[i]))));
    json_object_set(out, "host_bytes_per_frame", json_object_get(report, "host_bytes_per_frame"));
    json_object_set_new(out, "start_ms", rounded(start->until_effect_ms));
    json_object_set_new(out, "start_longest_frame_ms", rounded(start->longest_frame_ms));
    json_object_set_new(out, "start_unfiltered_frames", json_integer(start->frames));
}

static json_t *ratio_object(struct bench_ratio ratio)
{
    json_t *out = json_object();
    json_object_set_new(out, "p50", rounded(ratio.p50));
    json_object_set_new(out, "min", rounded(ratio.min));
    json_object_set_new(out, "max", rounded(ratio.max));
    return out;
}

static json_t *row_object(struct bench_size *size, int row)
{
    struct bench_series *series = &size->frames[row];
    json_t *settings =
        bench_rows[row].settings ? json_loads(bench_rows[row].settings, 0, NULL) : json_null();
    json_t *out = json_object();
    json_object_set_new(out, "row", json_string(bench_rows[row].key));
    json_object_set_new(out, "name", json_string(bench_rows[row].name));
    json_object_set_new(out, "settings", settings);
    json_object_set_new(out, "frames", json_integer((json_int_t)series->all.count));
    json_object_set_new(out, "frame_ms_p50", rounded(bench_series_p50(series)));
    json_object_set_new(out, "frame_ms_p99", rounded(bench_series_p99(series)));
    json_object_set_new(out, "over_color_correction",
                        ratio_object(bench_series_ratio(series, &size->frames[BENCH_REFERENCE])));
    if (size->reports[row])
        add_hip_figures(out, size, row);
    return out;
}

static json_t *kernel_object(struct bench_size *size, int row)
{
    struct bench_series *series = &size->kernels[row];
    json_t *out = json_object();
    json_object_set_new(out, "row", json_string(row == BENCH_COPY ? "copy" : bench_rows[row].key));
    json_object_set_new(out, "name",
                        json_string(row == BENCH_COPY ? "a device copy" : bench_rows[row].name));
    json_object_set_new(out, "ms_p50", rounded(bench_series_p50(series)));
    json_object_set_new(out, "ms_p99", rounded(bench_series_p99(series)));
    json_object_set_new(out, "over_copy",
                        ratio_object(bench_series_ratio(series, &size->kernels[BENCH_COPY])));
    return out;
}

static json_t *mark_object(const struct bench_size *size, const struct bench_mark *mark)
{
    const int row = bench_row_find(mark->row);
    const double value =
        mark->kind == BENCH_MARK_RATIO
            ? bench_series_ratio(&size->frames[row], &size->frames[BENCH_REFERENCE]).p50
            : bench_series_p50(&size->kernels[row]);
    json_t *out = json_object();
    json_object_set_new(out, "mark", json_string(mark->text));
    json_object_set_new(out, "limit", json_real(mark->limit));
    json_object_set_new(out, "value", rounded(value));
    json_object_set_new(out, "met", json_boolean(value <= mark->limit));
    if (mark->note)
        json_object_set_new(out, "note", json_string(mark->note));
    return out;
}

static bool applies(const struct bench_mark *mark, const struct bench_size *size,
                    const json_t *machine)
{
    const char *device = json_string_value(json_object_get(machine, "device"));
    const json_int_t cores = json_integer_value(json_object_get(machine, "cores"));
    return size->width == 1920 && size->height == 1080 && device && strcmp(device, "cpu") == 0 &&
           (!mark->cores || mark->cores == cores);
}

json_t *bench_output_size(struct bench_size *size, const json_t *machine)
{
    json_t *rows = json_array(), *kernels = json_array(), *marks = json_array();
    for (int i = 0; i < BENCH_ROW_COUNT; i++)
        json_array_append_new(rows, row_object(size, i));
    for (int i = 0; i < BENCH_DIRECT_COUNT; i++) {
        if (size->kernels[i].rounds)
            json_array_append_new(kernels, kernel_object(size, i));
    }
    for (size_t i = 0; i < bench_mark_count; i++) {
        if (applies(&bench_marks[i], size, machine))
            json_array_append_new(marks, mark_object(size, &bench_marks[i]));
    }
    char text[32];
    snprintf(text, sizeof(text), "%ux%u", size->width, size->height);
    json_t *out = json_object();
    json_object_set_new(out, "size", json_string(text));
    json_object_set_new(out, "rounds", json_integer(size->frames[BENCH_REFERENCE].rounds));
    json_object_set_new(out, "rows", rows);
    json_object_set_new(out, "kernels", kernels);
    json_object_set_new(out, "marks", marks);
    return out;
}
