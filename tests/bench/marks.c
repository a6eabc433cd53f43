#include "tests/bench/marks.h"
#include "tests/bench/json.h"

#include <stdio.h>
#include <string.h>

#define IDENTITY_OVER_FLOOR    1.10
#define GRAPHICS_THREAD_P50_US 60.0
#define GRAPHICS_THREAD_P99_US 200.0
#define KERNEL_OVER_COPY       1.15
#define SINGLE_PASS_OVER_COPY  1.25

/* What a frame takes in libobs with no filter and with Composite Blur's Gaussian, from glFinish to
 * glFinish as the bench's frames, and what ours may add to a frame over what that adds. Measured
 * apart from the bench, on another machine with the same card. */
#define COMPOSITE_BLUR_CARD "H100"
static const struct {
    const char *size;
    int radius_px; /* and our sigma */
    const char *row;
    double none_us, us, limit;
} composite_blur[] = {
    {"1920x1080", 10, "gaussian_blur_10", 184, 5640, 0.15},
    {"1920x1080", 80, "gaussian_blur_80", 184, 40246, 0.02},
    {"3840x2160", 10, "gaussian_blur_10", 630, 22320, 0.09},
    {"3840x2160", 80, "gaussian_blur_80", 630, 160309, 0.012},
};

struct value {
    double value;
    const char *missing; /* why there is none, or NULL */
};

static void add(json_t *marks, const char *text, double limit, struct value value, const char *note)
{
    json_t *mark = json_object();
    json_object_set_new(mark, "mark", json_string(text));
    json_object_set_new(mark, "limit", json_real(limit));
    if (value.missing) {
        json_object_set_new(mark, "value", json_null());
        json_object_set_new(mark, "met", json_null());
        json_object_set_new(mark, "note", json_string(value.missing));
    } else {
        json_object_set_new(mark, "value", bench_json_number(value.value));
        json_object_set_new(mark, "met", json_boolean(value.value <= limit));
        if (note)
            json_object_set_new(mark, "note", json_string(note));
    }
    json_array_append_new(marks, mark);
}

/* A member of an object, or why the object has none. */
static struct value of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    const char *missing = json_string_value(json_object_get(object, "missing"));
    if (json_is_number(value))
        return (struct value){json_number_value(value), NULL};
    return (struct value){0, missing ? missing : "not measured"};
}

static const json_t *find_way(const json_t *size, const char *way, const char *order)
{
    size_t i;
    const json_t *ways = json_object_get(json_object_get(size, "floor"), "ways");
    json_t *object;
    json_array_foreach(ways, i, object)
    {
        const char *of_order = json_string_value(json_object_get(object, "order"));
        if (strcmp(bench_json_text(object, "way"), way) == 0 &&
            (!order || (of_order && strcmp(of_order, order) == 0)))
            return object;
    }
    return NULL;
}

static struct value finish_us(const json_t *way)
{
    const json_t *times = json_object_get(way, "finish_us");
    return times ? of(times, "p50") : of(way, "finish_us");
}

static const json_t *find_row(const json_t *size, const char *row)
{
    return bench_json_find(json_object_get(size, "rows"), "row", row);
}

/* What the plugin adds to two passes in libobs, over what a hand-off adds to two passes without.
 */
static struct value identity_over(const json_t *size, const char *way, const char *order)
{
    const struct value parts[] = {
        of(find_row(size, "identity"), "frame_ms_p50"),
        of(find_row(size, "two_passes"), "frame_ms_p50"),
        finish_us(find_way(size, way, order)),
        finish_us(find_way(size, "two_passes", NULL)),
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].missing)
            return parts[i];
    }
    const json_t *identity = json_object_get(size, "identity");
    if (!json_is_true(identity))
        return (struct value){0, json_is_string(identity) ? json_string_value(identity)
                                                          : "not an identity"};
    const double floor_us = parts[2].value - parts[3].value;
    if (floor_us <= 0)
        return (struct value){0, "the bare hand-off is lost in the noise"};
    return (struct value){(parts[0].value - parts[1].value) * 1e3 / floor_us, NULL};
}

static void add_identity(json_t *marks, const json_t *size, const json_t *machine)
{
    const char *order = json_string_value(json_object_get(machine, "order"));
    const struct value link = identity_over(size, "link", order ? order : "");
    char note[128] = "";
    if (!link.missing)
        snprintf(note, sizeof(note), "%.2f x the hand-off with the link's own copies", link.value);
    add(marks, "identity less two passes, over the bare hand-off", IDENTITY_OVER_FLOOR,
        identity_over(size, "bare", order ? order : ""), *note ? note : NULL);
}

static void add_graphics_thread(json_t *marks, const json_t *size)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(size, "rows"), i, row)
    {
        const char *effect =
            json_string_value(json_object_get(json_object_get(row, "settings"), "effect"));
        char text[128];
        struct value p50 = of(row, "graphics_thread_ms_p50");
        struct value p99 = of(row, "graphics_thread_ms_p99");
        if (!effect)
            continue;
        p50.value *= 1e3;
        p99.value *= 1e3;
        snprintf(text, sizeof(text), "%s: graphics thread p50, us", bench_json_text(row, "name"));
        add(marks, text, GRAPHICS_THREAD_P50_US, p50, NULL);
        snprintf(text, sizeof(text), "%s: graphics thread p99, us", bench_json_text(row, "name"));
        add(marks, text, GRAPHICS_THREAD_P99_US, p99, NULL);
    }
}

/* What a kernel may take over a copy; 0: there is no mark. */
static double kernel_limit(const char *row)
{
    static const char *const single_pass[] = {
        "grade", "lut", "sharpen", "deband", "film_grain", "vignette", "chromatic_aberration",
        "dither"};
    if (strcmp(row, "color") == 0 || strncmp(row, "sine_wave", strlen("sine_wave")) == 0)
        return KERNEL_OVER_COPY;
    for (size_t i = 0; i < sizeof(single_pass) / sizeof(single_pass[0]); i++) {
        if (strcmp(row, single_pass[i]) == 0)
            return SINGLE_PASS_OVER_COPY;
    }
    return 0;
}

static void add_kernels(json_t *marks, const json_t *size)
{
    size_t i;
    json_t *kernel;
    json_array_foreach(json_object_get(size, "kernels"), i, kernel)
    {
        const double limit = kernel_limit(bench_json_text(kernel, "row"));
        char text[128];
        if (limit == 0)
            continue;
        const json_t *ratio = json_object_get(kernel, "over_copy");
        snprintf(text, sizeof(text), "kernel of %s, %s, over a copy",
                 bench_json_text(kernel, "name"), bench_json_text(kernel, "format"));
        add(marks, text, limit, ratio ? of(ratio, "p50") : of(kernel, "over_copy"), NULL);
    }
}

static void add_composite_blur(json_t *marks, const json_t *size)
{
    for (size_t i = 0; i < sizeof(composite_blur) / sizeof(composite_blur[0]); i++) {
        const double us = composite_blur[i].us, none_us = composite_blur[i].none_us;
        const int radius_px = composite_blur[i].radius_px;
        const struct value none = of(find_row(size, "no_filter"), "frame_ms_p50");
        struct value over = of(find_row(size, composite_blur[i].row), "frame_ms_p50");
        char text[128], note[160];
        if (strcmp(composite_blur[i].size, bench_json_text(size, "size")) != 0)
            continue;
        const double whole = over.value * 1e3 / us;
        over.value = (over.value - none.value) * 1e3 / (us - none_us);
        over.missing = over.missing ? over.missing : none.missing;
        snprintf(text, sizeof(text),
                 "gaussian_blur sigma %d, over Composite Blur's radius %d, both less no filter",
                 radius_px, radius_px);
        snprintf(note, sizeof(note),
                 "whole frames %.3f; Composite Blur's %.0f us were measured apart, on another %s "
                 "machine",
                 whole, us, COMPOSITE_BLUR_CARD);
        add(marks, text, composite_blur[i].limit, over, note);
    }
}

static struct value over_color_correction(const json_t *size, const char *row)
{
    const json_t *object = find_row(size, row);
    const json_t *ratio = json_object_get(object, "over_color_correction");
    return ratio ? of(ratio, "p50") : of(object, "over_color_correction");
}

static void add_of_cpu(json_t *marks, const json_t *size, const json_t *machine)
{
    add(marks, "color, over Color Correction", 1.1, over_color_correction(size, "color"), NULL);
    if (json_integer_value(json_object_get(machine, "cores")) == 2)
        add(marks, "color's kernel alone on two cores, us", 4000,
            of(bench_json_find(json_object_get(size, "kernels"), "row", "color"), "us_p50"), NULL);
    add(marks, "gaussian_blur sigma 10, over Color Correction", 2.5,
        over_color_correction(size, "gaussian_blur_10"),
        "Composite Blur's Gaussian of radius 10 takes 9 x Color Correction on llvmpipe");
    const struct value ours = of(find_row(size, "sharpen_cas"), "frame_ms_p50");
    struct value over = of(find_row(size, "sharpen"), "frame_ms_p50");
    if (!over.missing && ours.missing)
        over = ours;
    else if (!over.missing)
        over.value = ours.value / over.value;
    add(marks, "sharpen, over OBS Sharpen", 1, over, NULL);
}

json_t *bench_marks(const json_t *size, const json_t *machine)
{
    const char *text = bench_json_text(size, "size");
    const bool hd = strcmp(text, "1920x1080") == 0, uhd = strcmp(text, "3840x2160") == 0;
    const char *device = bench_json_text(machine, "device");
    json_t *marks = json_array();
    if (!json_is_string(json_object_get(machine, "device")))
        return marks;
    if (strcmp(device, "cpu") == 0) {
        if (hd)
            add_of_cpu(marks, size, machine);
        return marks;
    }
    if (hd || uhd) {
        add_identity(marks, size, machine);
        add_graphics_thread(marks, size);
    }
    if (strstr(bench_json_text(machine, "device_name"), COMPOSITE_BLUR_CARD))
        add_composite_blur(marks, size);
    if (uhd)
        add_kernels(marks, size);
    return marks;
}

json_t *bench_notes(const json_t *machine)
{
    static const char *const compute_cards[] = {"A100", "H100", "H200", "GH200", "B200", "V100"};
    const char *device = bench_json_text(machine, "device");
    const char *name = bench_json_text(machine, "device_name");
    json_t *notes = json_array();
    char note[256];
    for (size_t i = 0; i < sizeof(compute_cards) / sizeof(compute_cards[0]); i++) {
        if (!strstr(name, compute_cards[i]))
            continue;
        snprintf(note, sizeof(note),
                 "%s is a compute card whose raster path is slow: what is said here about shader "
                 "filters does not hold for a gaming card.",
                 name);
        json_array_append_new(notes, json_string(note));
        break;
    }
    if (strcmp(device, "cpu") == 0)
        json_array_append_new(notes,
                              json_string("HIP runs on the processor here, and so does OpenGL if "
                                          "it is a software renderer: there is no GPU in these "
                                          "figures."));
    return notes;
}
