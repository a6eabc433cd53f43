#include "tests/bench/output.h"

#include <stdio.h>

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "unknown";
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

void bench_output_print_machine(const json_t *machine)
{
    printf("obs-hipfx %s in OBS %s\n", text(machine, "obs-hipfx"), text(machine, "obs"));
    printf("%s, %.0f cores, load %.1f before\n", text(machine, "cpu"), number(machine, "cores"),
           number(machine, "load_before"));
    printf("OpenGL: %s, %s\n", text(machine, "gl_renderer"), text(machine, "gl_version"));
    printf("HIP: device %s \"%s\", driver %s, memory %s, order %s\n", text(machine, "device"),
           text(machine, "device_name"), text(machine, "driver"), text(machine, "memory"),
           text(machine, "order"));
}

static void print_rows(const json_t *rows)
{
    size_t i;
    json_t *row;
    printf("\n  %-39s %8s %8s   %s\n", "frame drawn and finished, ms", "p50", "p99",
           "x Color Correction (its rounds)");
    json_array_foreach(rows, i, row)
    {
        const json_t *ratio = json_object_get(row, "over_color_correction");
        printf("  %-39s %8.2f %8.2f   %6.3f (%.3f to %.3f)\n", text(row, "name"),
               number(row, "frame_ms_p50"), number(row, "frame_ms_p99"), number(ratio, "p50"),
               number(ratio, "min"), number(ratio, "max"));
    }
}

static void print_filters(const json_t *rows)
{
    size_t i;
    json_t *row;
    printf("\n  %-39s %8s %8s %8s %8s %8s\n", "inside HIP Effects, ms", "kernels", "hand-off",
           "p99", "start", "longest");
    json_array_foreach(rows, i, row)
    {
        if (json_object_get(row, "kernel_ms_p50"))
            printf("  %-39s %8.2f %8.2f %8.2f %8.0f %8.0f\n", text(row, "name"),
                   number(row, "kernel_ms_p50"), number(row, "graphics_thread_ms_p50"),
                   number(row, "graphics_thread_ms_p99"), number(row, "start_ms"),
                   number(row, "start_longest_frame_ms"));
    }
    puts("  hand-off, p99: the graphics thread from OpenGL to HIP and back, kernels included;\n"
         "  start: until the filter's first frame with the effect; longest: of the frames until "
         "then");
}

static void print_kernels(const json_t *kernels)
{
    size_t i;
    json_t *kernel;
    printf("\n  %-39s %8s %8s   %s\n", "kernels alone, ms", "p50", "p99", "x copy (its rounds)");
    json_array_foreach(kernels, i, kernel)
    {
        const json_t *ratio = json_object_get(kernel, "over_copy");
        printf("  %-39s %8.3f %8.3f   %6.2f (%.2f to %.2f)\n", text(kernel, "name"),
               number(kernel, "ms_p50"), number(kernel, "ms_p99"), number(ratio, "p50"),
               number(ratio, "min"), number(ratio, "max"));
    }
}

static void print_marks(const json_t *marks)
{
    size_t i;
    json_t *mark;
    if (!json_array_size(marks))
        return;
    printf("\n  %-48s %8s %8s\n", "marks", "at most", "measured");
    json_array_foreach(marks, i, mark)
    {
        printf("  %-48s %8.2f %8.3f   %s\n", text(mark, "mark"), number(mark, "limit"),
               number(mark, "value"),
               json_is_true(json_object_get(mark, "met")) ? "met" : "NOT MET");
        if (json_object_get(mark, "note"))
            printf("    %s\n", text(mark, "note"));
    }
}

void bench_output_print_size(const json_t *size)
{
    const json_t *rows = json_object_get(size, "rows");
    printf("\n%s, %.0f rounds\n", text(size, "size"), number(size, "rounds"));
    print_rows(rows);
    print_filters(rows);
    print_kernels(json_object_get(size, "kernels"));
    print_marks(json_object_get(size, "marks"));
}
