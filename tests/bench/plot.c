#define _GNU_SOURCE /* asprintf */
#include "tests/bench/plot.h"
#include "tests/bench/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define WIDTH_PX  1030.0
#define BAR_PX    15.0
#define GAP_PX    7.0  /* between one row's bars and the next row's */
#define ABOVE_PX  42.0 /* of a panel: its title */
#define BELOW_PX  56.0 /* its axis */
#define HEADER_PX 84.0
#define FOOTER_PX 26.0
#define LEFT_PX   370.0
#define RIGHT_PX  60.0

static const char *const colors[] = {"#4878a8", "#e08040", "#60a060", "#a06090"};
#define COLOR_COUNT (sizeof(colors) / sizeof(colors[0]))

/* One chart of horizontal bars: for each row one of each size of the picture. */
struct panel {
    const char *title, *unit;
    bool legend;         /* which colour is which size */
    double line;         /* a vertical line, or 0 */
    const char *line_of; /* what it means */
    bool log;
    int rows;
    /* Value and floor of a row at a size; 0: none. */
    double (*value)(const json_t *size, int row);
    double (*least)(const json_t *size, int row);
    void (*name)(const json_t *size, int row, char *out, size_t out_size);
};

struct plot {
    FILE *out; /* to gnuplot */
    const json_t *sizes;
    double height_px, top_px; /* of the picture; of what is drawn next */
};

static const json_t *rows_of(const json_t *size)
{
    return json_object_get(size, "rows");
}

static const json_t *way_at(const json_t *size, int row)
{
    return json_array_get(json_object_get(json_object_get(size, "floor"), "ways"), (size_t)row);
}

static double way_us(const json_t *way)
{
    return bench_json_value(json_object_get(way, "finish_us"), "p50");
}

static double frame_ms(const json_t *size, int row)
{
    return bench_json_value(json_array_get(rows_of(size), (size_t)row), "frame_ms_p50");
}

/* The least of the bare ways: what the best order takes. */
static double bare_us(const json_t *size)
{
    size_t i;
    json_t *way;
    double least = 0;
    json_array_foreach(json_object_get(json_object_get(size, "floor"), "ways"), i, way)
    {
        const double us = way_us(way);
        if (us > 0 && strcmp(bench_json_text(way, "way"), "bare") == 0 && (!least || us < least))
            least = us;
    }
    return least;
}

/* For our filters: two passes in libobs, and the bare hand-off. */
static double frame_floor_ms(const json_t *size, int row)
{
    const json_t *object = json_array_get(rows_of(size), (size_t)row);
    const double passes_ms =
        bench_json_value(bench_json_find(rows_of(size), "row", "two_passes"), "frame_ms_p50");
    const double bare = bare_us(size), passes_us = way_us(way_at(size, 0));
    if (!json_object_get(object, "kernel_ms_p50") || !passes_ms || !bare || !passes_us)
        return 0;
    return passes_ms + (bare - passes_us) * 1e-3;
}

static void frame_name(const json_t *size, int row, char *out, size_t out_size)
{
    const json_t *object = json_array_get(rows_of(size), (size_t)row);
    snprintf(out, out_size, "%s%s", json_object_get(object, "kernel_ms_p50") ? "HIP Effects: " : "",
             bench_json_text(object, "name"));
}

static double floor_us(const json_t *size, int row)
{
    return way_us(way_at(size, row));
}

static double passes_us(const json_t *size, int row)
{
    return row > 0 && floor_us(size, row) > 0 ? way_us(way_at(size, 0)) : 0;
}

static void floor_name(const json_t *size, int row, char *out, size_t out_size)
{
    const json_t *way = way_at(size, row);
    const bool link = strcmp(bench_json_text(way, "way"), "link") == 0;
    if (row == 0)
        snprintf(out, out_size, "two passes, no hand-off");
    else
        snprintf(out, out_size, "%s%s", bench_json_text(way, "order"),
                 link ? ", link with its copies" : ", bare");
}

/* The copy of each format is what the others are compared with. Regions and worst cases have rows
 * of an effect that is there already: they are for the table. */
static double kernel_ratio(const json_t *size, int row)
{
    const json_t *kernel = json_array_get(json_object_get(size, "kernels"), (size_t)row);
    if (strcmp(bench_json_text(kernel, "row"), "copy") == 0 ||
        json_object_get(kernel, "over_whole") || json_object_get(kernel, "over_opaque"))
        return 0;
    return bench_json_value(json_object_get(kernel, "over_copy"), "p50");
}

static void kernel_name(const json_t *size, int row, char *out, size_t out_size)
{
    const json_t *kernel = json_array_get(json_object_get(size, "kernels"), (size_t)row);
    snprintf(out, out_size, "%s, %s", bench_json_text(kernel, "name"),
             bench_json_text(kernel, "format"));
}

/* A text in gnuplot's double quotes. */
static void quote(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        fputs((const char[]){*text == '"' || *text == '\\' ? '\'' : *text, '\0'}, out);
    fputc('"', out);
}

/* A row is left out if no size has a value of it. */
static bool has_row(const struct plot *plot, const struct panel *panel, int row)
{
    size_t i;
    json_t *size;
    json_array_foreach(plot->sizes, i, size)
    {
        if (panel->value(size, row) > 0)
            return true;
    }
    return false;
}

static int count_rows(const struct plot *plot, const struct panel *panel)
{
    int count = 0;
    for (int row = 0; row < panel->rows; row++)
        count += has_row(plot, panel, row);
    return count;
}

static double row_px(const struct plot *plot)
{
    return BAR_PX * (double)json_array_size(plot->sizes) + GAP_PX;
}

static double panel_px(const struct plot *plot, const struct panel *panel)
{
    const int rows = count_rows(plot, panel);
    return rows ? ABOVE_PX + rows * row_px(plot) + BELOW_PX : 0;
}

static void label_value(FILE *out, double value)
{
    fprintf(out, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
}

/* Blocks of "top bottom value floor label", one of each size, and the names of the rows. */
static void write_data(const struct plot *plot, const struct panel *panel)
{
    const double step = row_px(plot);
    size_t k;
    json_t *size;
    json_array_foreach(plot->sizes, k, size)
    {
        int at = 0;
        fprintf(plot->out, "$size%zu << END\n", k);
        for (int row = 0; row < panel->rows; row++) {
            if (!has_row(plot, panel, row))
                continue;
            const double top = at++ * step + GAP_PX / 2 + BAR_PX * (double)k;
            const double value = panel->value(size, row);
            const double least = panel->least ? panel->least(size, row) : 0;
            if (value <= 0)
                continue;
            fprintf(plot->out, "%.1f %.1f %.4f %.4f ", top, top + BAR_PX - 1, value,
                    least > 0 ? least : -1.0);
            label_value(plot->out, value);
            fputc('\n', plot->out);
        }
        fputs("END\n", plot->out);
    }
}

static void write_rows(const struct plot *plot, const struct panel *panel)
{
    const json_t *first = json_array_get(plot->sizes, 0);
    const double step = row_px(plot);
    int at = 0;
    fputs("set ytics scale 0 noenhanced (", plot->out);
    for (int row = 0; row < panel->rows; row++) {
        char name[128];
        if (!has_row(plot, panel, row))
            continue;
        panel->name(first, row, name, sizeof(name));
        fputs(at ? ", " : "", plot->out);
        quote(plot->out, name);
        fprintf(plot->out, " %.1f", (at++ + 0.5) * step);
    }
    fputs(")\n", plot->out);
}

/* A logarithmic axis has no 0 for bars to start from: they start at its left end. */
static void find_range(const struct plot *plot, const struct panel *panel, double *from, double *to)
{
    double least = 0, most = 0;
    size_t i;
    json_t *size;
    json_array_foreach(plot->sizes, i, size)
    {
        for (int row = 0; row < panel->rows; row++) {
            const double value = panel->value(size, row);
            if (value > most)
                most = value;
            if (value > 0 && (!least || value < least))
                least = value;
        }
    }
    if (panel->line > most)
        most = panel->line;
    if (panel->line > 0 && panel->line < least)
        least = panel->line;
    *from = panel->log ? least * 0.6 : 0;
    *to = panel->log ? most * 1.7 : most * 1.12;
}

static void write_bars(const struct plot *plot, const struct panel *panel, double from)
{
    size_t k;
    json_t *size;
    fputs("plot ", plot->out);
    json_array_foreach(plot->sizes, k, size)
    {
        fprintf(plot->out,
                "%s$size%zu using 3:1:(%g):3:1:2 with boxxyerror fill solid 0.9 noborder "
                "lc rgb '%s' title '%s', "
                "$size%zu using 3:(($1+$2)/2):5 with labels left offset 0.4,0 font ',10' notitle",
                k ? ", " : "", k, from, colors[k % COLOR_COUNT], bench_json_text(size, "size"), k);
        if (panel->least)
            fprintf(plot->out,
                    ", $size%zu using ($4>0?$4:1/0):1:(0):($2-$1) with vectors nohead lw 3 "
                    "lc rgb 'black' notitle",
                    k);
    }
    fputc('\n', plot->out);
}

static void write_panel(struct plot *plot, const struct panel *panel)
{
    const double px = panel_px(plot, panel);
    double from, to;
    if (px <= 0)
        return;
    find_range(plot, panel, &from, &to);
    write_data(plot, panel);
    write_rows(plot, panel);
    fprintf(plot->out, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
            1 - (plot->top_px + ABOVE_PX) / plot->height_px,
            1 - (plot->top_px + px - BELOW_PX) / plot->height_px);
    fprintf(plot->out, "unset arrow\n%s logscale x\nset xrange [%g:%g]\n",
            panel->log ? "set" : "unset", from, to);
    fprintf(plot->out, "set yrange [%.1f:0]\n", count_rows(plot, panel) * row_px(plot));
    fputs("set title ", plot->out);
    quote(plot->out, panel->title);
    fputs(" noenhanced font ',14' offset 0,-0.3\nset xlabel ", plot->out);
    quote(plot->out, panel->unit);
    fputs(" noenhanced offset 0,0.4\n", plot->out);
    if (panel->line > 0) {
        fprintf(plot->out,
                "set arrow from %g, graph 0 to %g, graph 1 nohead lw 1.5 dt 2 lc rgb 'black' "
                "front\n"
                "set label ",
                panel->line, panel->line);
        quote(plot->out, panel->line_of);
        fprintf(plot->out, " at %g, graph 1 offset 0,0.5 center font ',10' noenhanced\n",
                panel->line);
    }
    if (panel->legend)
        fprintf(plot->out, "set key at screen 0.5, screen %.5f center horizontal\n",
                1 - 68 / plot->height_px);
    else
        fputs("unset key\n", plot->out);
    write_bars(plot, panel, from);
    /* The picture's own labels are drawn with its first panel. */
    fputs("unset label\n", plot->out);
    plot->top_px += px;
}

static void write_header(const struct plot *plot, const json_t *machine, const char *path)
{
    const bool cpu = strcmp(bench_json_text(machine, "device"), "cpu") == 0;
    char line[1024];
    fprintf(plot->out, "set terminal svg size %.0f,%.0f font 'sans-serif,12' background 'white'\n",
            WIDTH_PX, plot->height_px);
    fputs("set output ", plot->out);
    quote(plot->out, path);
    fputs("\nset encoding utf8\nset multiplot\nset border 3\nset grid x mx lc rgb '#c0c0c0', lc "
          "rgb '#e8e8e8'\n"
          "set xtics nomirror\n",
          plot->out);
    fprintf(plot->out, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
            LEFT_PX / WIDTH_PX, 1 - RIGHT_PX / WIDTH_PX);
    snprintf(line, sizeof(line), "obs-hipfx %s on %s", bench_json_text(machine, "obs-hipfx"),
             bench_json_text(machine, cpu ? "cpu" : "device_name"));
    fputs("set label 100 ", plot->out);
    quote(plot->out, line);
    fprintf(plot->out, " at screen 0.5, screen %.5f center noenhanced font ',16'\n",
            1 - 22 / plot->height_px);
    snprintf(line, sizeof(line), "driver %s; OBS %s; OpenGL %s; memory %s, order %s",
             bench_json_text(machine, "driver"), bench_json_text(machine, "obs"),
             bench_json_text(machine, "gl_version"), bench_json_text(machine, "memory"),
             bench_json_text(machine, "order"));
    fputs("set label 101 ", plot->out);
    quote(plot->out, line);
    fprintf(plot->out, " at screen 0.5, screen %.5f center noenhanced font ',10'\n",
            1 - 44 / plot->height_px);
}

static void write_footer(const struct plot *plot, const json_t *notes)
{
    const char *note = json_string_value(json_array_get(notes, 0));
    fputs("set label 102 ", plot->out);
    quote(plot->out, note ? note : "");
    fprintf(plot->out, " at screen 0.5, screen %.5f center noenhanced font ',10'\n",
            10 / plot->height_px);
}

static void write_all(FILE *out, const json_t *all, const char *path)
{
    const json_t *sizes = json_object_get(all, "sizes"), *first = json_array_get(sizes, 0);
    const struct panel panels[] = {
        {
            .title = "A frame in libobs: source and filters drawn and finished",
            .unit = "ms, median, logarithmic; black: two passes in libobs and the best bare "
                    "hand-off",
            .legend = true,
            .log = true,
            .rows = (int)json_array_size(rows_of(first)),
            .value = frame_ms,
            .least = frame_floor_ms,
            .name = frame_name,
        },
        {
            .title = "The hand-off alone, no OBS: two passes, OpenGL to HIP and back between them",
            .unit = "\u00b5s, median; black: the two passes alone",
            .rows = (int)json_array_size(json_object_get(json_object_get(first, "floor"), "ways")),
            .value = floor_us,
            .least = passes_us,
            .name = floor_name,
        },
        {
            .title = "Kernels alone, over a device copy of the same bytes",
            .unit = "times the copy, median; logarithmic",
            .line = 1,
            .line_of = "the copy",
            .log = true,
            .rows = (int)json_array_size(json_object_get(first, "kernels")),
            .value = kernel_ratio,
            .name = kernel_name,
        },
    };
    const size_t count = sizeof(panels) / sizeof(panels[0]);
    struct plot plot = {.out = out, .sizes = sizes, .height_px = HEADER_PX + FOOTER_PX};
    for (size_t i = 0; i < count; i++)
        plot.height_px += panel_px(&plot, &panels[i]);
    plot.top_px = HEADER_PX;
    write_header(&plot, json_object_get(all, "machine"), path);
    write_footer(&plot, json_object_get(all, "notes"));
    for (size_t i = 0; i < count; i++)
        write_panel(&plot, &panels[i]);
    fputs("unset multiplot\n", out);
}

static char *picture_path(const char *json_path)
{
    const char *end = strrchr(json_path, '.');
    const size_t length =
        end && strcmp(end, ".json") == 0 ? (size_t)(end - json_path) : strlen(json_path);
    char *path = NULL;
    return asprintf(&path, "%.*s.svg", (int)length, json_path) < 0 ? NULL : path;
}

static bool draw(const json_t *all, const char *path, struct hipfx_why *why)
{
    if (system("command -v gnuplot >/dev/null") != 0)
        return hipfx_fail(why, "there is no gnuplot");
    FILE *gnuplot = popen("gnuplot", "we");
    if (!gnuplot)
        return hipfx_fail(why, "gnuplot cannot be started");
    write_all(gnuplot, all, path);
    const int status = pclose(gnuplot);
    return status == 0 || hipfx_fail(why, "gnuplot failed with status %d", status);
}

char *bench_plot(const char *json_path, struct hipfx_why *why)
{
    json_error_t error;
    json_t *all = json_load_file(json_path, 0, &error);
    if (!all) {
        hipfx_fail(why, "%s: %s", json_path, error.text);
        return NULL;
    }
    char *path = picture_path(json_path);
    if (!path) {
        hipfx_fail(why, "out of memory");
    } else if (!draw(all, path, why)) {
        free(path);
        path = NULL;
    }
    json_decref(all);
    return path;
}
