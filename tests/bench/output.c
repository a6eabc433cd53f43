#define _GNU_SOURCE /* getloadavg */
#include "tests/bench/output.h"
#include "hipfx_version.h"
#include "interop/hip/cpu.h"
#include "tests/bench/json.h"

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

json_t *bench_output_machine(const struct bench_gl *gl, const struct bench_size *size)
{
    static const char *const of_device[] = {"device",          "device_name", "driver",
                                            "runtime_version", "memory",      "order"};
    const json_t *report = NULL;
    for (int i = 0; !report && i < BENCH_ROW_COUNT; i++)
        report = size->reports[i];
    json_t *machine = json_object();
    json_object_set_new(machine, "obs-hipfx", json_string(HIPFX_VERSION));
    json_object_set_new(machine, "obs", json_string(obs_get_version_string()));
    json_object_set_new(machine, "cpu", processor());
    json_object_set_new(machine, "cores", json_integer(hipfx_cpu_core_count()));
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
                            bench_json_number(bench_json_value(report, ms_of_filter[i])));
    json_object_set(out, "host_bytes_per_frame", json_object_get(report, "host_bytes_per_frame"));
    json_object_set_new(out, "start_ms", bench_json_number(start->until_effect_ms));
    json_object_set_new(out, "start_longest_frame_ms", bench_json_number(start->longest_frame_ms));
    json_object_set_new(out, "start_unfiltered_frames", json_integer(start->frames));
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
    if (size->missing[row]) {
        json_object_set_new(out, "missing", json_string(size->missing[row]));
        return out;
    }
    json_object_set_new(out, "rounds", json_integer(series->rounds));
    json_object_set_new(out, "frames", json_integer((json_int_t)series->all.count));
    json_object_set_new(out, "frame_ms_p50", bench_json_number(bench_series_p50(series)));
    json_object_set_new(out, "frame_ms_p99", bench_json_number(bench_series_p99(series)));
    json_object_set_new(
        out, "over_color_correction",
        bench_json_ratio(bench_series_ratio(series, &size->frames[BENCH_ROW_REFERENCE])));
    if (size->reports[row])
        add_hip_figures(out, size, row);
    return out;
}

json_t *bench_output_rows(struct bench_size *size)
{
    json_t *rows = json_array();
    for (int i = 0; i < BENCH_ROW_COUNT; i++)
        json_array_append_new(rows, row_object(size, i));
    return rows;
}
