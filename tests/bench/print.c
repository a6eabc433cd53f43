#include "tests/bench/json.h"
#include "tests/bench/output.h"

#include <stdio.h>
#include <string.h>

static void print_machine(const json_t *machine)
{
    printf("obs-hipfx %s in OBS %s\n", bench_json_text(machine, "obs-hipfx"),
           bench_json_text(machine, "obs"));
    printf("%s, %.0f cores, load %.1f before\n", bench_json_text(machine, "cpu"),
           bench_json_value(machine, "cores"), bench_json_value(machine, "load_before"));
    printf("OpenGL: %s, %s\n", bench_json_text(machine, "gl_renderer"),
           bench_json_text(machine, "gl_version"));
    printf("HIP: device %s \"%s\", driver %s, memory %s, order %s\n",
           bench_json_text(machine, "device"), bench_json_text(machine, "device_name"),
           bench_json_text(machine, "driver"), bench_json_text(machine, "memory"),
           bench_json_text(machine, "order"));
}

static bool print_missing(const json_t *object, const char *name)
{
    const char *missing = json_string_value(json_object_get(object, "missing"));
    if (missing)
        printf("  %-39s %s\n", name, missing);
    return missing;
}

static void print_floor(const json_t *floor)
{
    size_t i;
    json_t *way;
    if (!floor)
        return;
    printf("\n  %-39s %8s %8s %8s %8s\n", "GL -> HIP -> GL with no OBS, us", "p50", "beyond",
           "enqueue", "in a row");
    double passes_us = 0;
    const json_t *missing = NULL; /* of the way before: both of an order lack the same */
    json_array_foreach(json_object_get(floor, "ways"), i, way)
    {
        char name[64] = "two passes alone";
        const json_t *finish = json_object_get(way, "finish_us");
        const double us = bench_json_value(finish, "p50");
        if (json_object_get(way, "order"))
            snprintf(name, sizeof(name), "%s%s", bench_json_text(way, "order"),
                     strcmp(bench_json_text(way, "way"), "bare") == 0 ? "" : ", the plugin's link");
        else
            passes_us = us;
        const bool again =
            json_equal(json_object_get(way, "missing"), missing) && json_is_string(missing);
        missing = json_object_get(way, "missing");
        if (!again && !print_missing(way, name))
            printf("  %-39s %8.1f %8.1f %8.1f %8.1f\n", name, us, us - passes_us,
                   bench_json_value(json_object_get(way, "submit_us"), "p50"),
                   bench_json_value(json_object_get(way, "pipelined_us"), "p50"));
    }
    printf("  memory %s, a kernel of %s; beyond: the two passes; enqueue: until the thread is free "
           "again;\n  in a row: of frames that are not waited for one by one\n",
           bench_json_text(floor, "memory"), bench_json_text(floor, "kernel"));
}

static void print_rows(const json_t *rows)
{
    size_t i;
    json_t *row;
    printf("\n  %-46s %8s %8s   %s\n", "frame drawn and finished, ms", "p50", "p99",
           "x Color Correction (its rounds)");
    json_array_foreach(rows, i, row)
    {
        const json_t *ratio = json_object_get(row, "over_color_correction");
        const char *name = bench_json_text(row, "name");
        if (!print_missing(row, name))
            printf("  %-46s %8.3f %8.3f   %6.3f (%.3f to %.3f)\n", name,
                   bench_json_value(row, "frame_ms_p50"), bench_json_value(row, "frame_ms_p99"),
                   bench_json_value(ratio, "p50"), bench_json_value(ratio, "min"),
                   bench_json_value(ratio, "max"));
    }
}

static void print_filters(const json_t *rows)
{
    size_t i;
    json_t *row;
    printf("\n  %-46s %8s %8s %8s %8s %8s\n", "inside HIP Effects, ms", "kernels", "hand-off",
           "p99", "start", "longest");
    json_array_foreach(rows, i, row)
    {
        if (json_object_get(row, "kernel_ms_p50"))
            printf("  %-46s %8.3f %8.3f %8.3f %8.1f %8.2f\n", bench_json_text(row, "name"),
                   bench_json_value(row, "kernel_ms_p50"),
                   bench_json_value(row, "graphics_thread_ms_p50"),
                   bench_json_value(row, "graphics_thread_ms_p99"),
                   bench_json_value(row, "start_ms"),
                   bench_json_value(row, "start_longest_frame_ms"));
    }
    puts("  hand-off, p99: the graphics thread's time, from OpenGL to HIP and back; start: until "
         "the\n  filter's first frame with the effect; longest: of the frames until then");
}

static void print_kernels(const json_t *kernels)
{
    size_t i;
    json_t *kernel;
    printf("\n  %-48s %8s %8s   %s\n", "kernels alone, us", "p50", "p99", "x copy (its rounds)");
    json_array_foreach(kernels, i, kernel)
    {
        const json_t *ratio = json_object_get(kernel, "over_copy");
        char name[64];
        snprintf(name, sizeof(name), "%s, %s", bench_json_text(kernel, "name"),
                 bench_json_text(kernel, "format"));
        if (!print_missing(kernel, name))
            printf("  %-48s %8.1f %8.1f   %6.2f (%.2f to %.2f)\n", name,
                   bench_json_value(kernel, "us_p50"), bench_json_value(kernel, "us_p99"),
                   bench_json_value(ratio, "p50"), bench_json_value(ratio, "min"),
                   bench_json_value(ratio, "max"));
    }
}

/* Rows that have such a ratio to another row. */
static void print_ratios(const json_t *kernels, const char *key, const char *rows, const char *over)
{
    size_t i;
    json_t *kernel;
    printf("\n  %-57s   %s\n", rows, over);
    json_array_foreach(kernels, i, kernel)
    {
        const json_t *ratio = json_object_get(kernel, key);
        char name[64];
        snprintf(name, sizeof(name), "%s, %s", bench_json_text(kernel, "name"),
                 bench_json_text(kernel, "format"));
        if (ratio)
            printf("  %-57s   %6.2f (%.2f to %.2f)\n", name, bench_json_value(ratio, "p50"),
                   bench_json_value(ratio, "min"), bench_json_value(ratio, "max"));
    }
}

static void print_marks(const json_t *marks)
{
    size_t i;
    json_t *mark;
    if (!json_array_size(marks))
        return;
    printf("\n  %-72s %8s %8s\n", "marks", "at most", "measured");
    json_array_foreach(marks, i, mark)
    {
        const json_t *met = json_object_get(mark, "met");
        if (json_is_null(met))
            printf("  %-72s %8.3f %8s   not measured\n", bench_json_text(mark, "mark"),
                   bench_json_value(mark, "limit"), "-");
        else
            printf("  %-72s %8.3f %8.3f   %s\n", bench_json_text(mark, "mark"),
                   bench_json_value(mark, "limit"), bench_json_value(mark, "value"),
                   json_is_true(met) ? "met" : "NOT MET");
        if (json_object_get(mark, "note"))
            printf("    %s\n", bench_json_text(mark, "note"));
    }
}

static void print_size(const json_t *size)
{
    const json_t *rows = json_object_get(size, "rows");
    const json_t *kernels = json_object_get(size, "kernels");
    printf("\n%s\n", bench_json_text(size, "size"));
    print_floor(json_object_get(size, "floor"));
    if (rows) {
        print_rows(rows);
        print_filters(rows);
    }
    if (kernels) {
        print_kernels(kernels);
        print_ratios(kernels, "over_whole", "in a part of the frame, the rest copied",
                     "x the whole frame (its rounds)");
        print_ratios(kernels, "over_opaque", "random colours and coverage, the worst case",
                     "x an opaque picture (its rounds)");
    }
    print_marks(json_object_get(size, "marks"));
}

static void print_start(const json_t *starts, const char *name)
{
    size_t i;
    json_t *start;
    json_array_foreach(starts, i, start)
    {
        if (json_object_get(start, "until_effect_ms"))
            printf("  %-42s %8.1f %8.2f %8.0f %8.2f\n", name,
                   bench_json_value(start, "until_effect_ms"),
                   bench_json_value(start, "longest_frame_ms"),
                   bench_json_value(start, "unfiltered_frames"),
                   bench_json_value(start, "no_filter_ms_p99"));
    }
}

void bench_output_print(const json_t *all)
{
    size_t i;
    json_t *item;
    const json_t *start = json_object_get(all, "start");
    print_machine(json_object_get(all, "machine"));
    json_array_foreach(json_object_get(all, "sizes"), i, item) print_size(item);
    if (start) {
        printf("\n%-44s %8s %8s %8s %8s\n", "first frame in a new process, ms", "start", "longest",
               "frames", "no filter");
        print_start(json_object_get(start, "cold"), "cold: the driver's kernel cache is empty");
        print_start(json_object_get(start, "warm"), "warm: with what the start before left");
        puts("  start: until the first frame with the effect; longest and frames: until then, "
             "unfiltered;\n  no filter: p99 of frames before there was a filter");
    }
    json_array_foreach(json_object_get(all, "notes"), i, item)
        printf("\n%s\n", json_string_value(item));
}
