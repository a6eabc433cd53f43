/* hipfx-bench: what a frame with the filter takes in libobs, and the least that it could take. */
#define _GNU_SOURCE /* asprintf, getloadavg */
#include "tests/bench/child.h"
#include "tests/bench/json.h"
#include "tests/bench/marks.h"
#include "tests/bench/output.h"
#include "tests/bench/parts.h"
#include "tests/bench/plot.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of bench.json: raised when a figure changes its name, unit or meaning. */
#define SCHEMA 2

enum {
    STATUS_DONE = 0,
    STATUS_NOT_MEASURED = 1,
    STATUS_BAD = 2,
};

struct bench {
    struct bench_options options;
    char *path;       /* of bench.json */
    char scratch[64]; /* a folder of our own */
    double load;      /* before anything was measured */
    json_t *all;      /* bench.json */
    json_t *errors;   /* borrowed from it, as are the next two */
    json_t *machine;
    json_t *sizes;
    struct hipfx_why why;
};

static bool make_path(struct bench *b)
{
    const char *out = b->options.out;
    char *dir = strdup(out);
    bool ok = dir || hipfx_fail(&b->why, "out of memory");
    for (char *p = dir; ok && p && *p; p++) {
        const char after = p[1];
        if (after && after != '/')
            continue;
        p[1] = '\0';
        ok = mkdir(dir, 0777) == 0 || errno == EEXIST ||
             hipfx_fail(&b->why, "%s: %s", dir, strerror(errno));
        p[1] = after;
    }
    free(dir);
    if (ok && asprintf(&b->path, "%s/bench.json", out) < 0) {
        b->path = NULL;
        ok = hipfx_fail(&b->why, "out of memory");
    }
    return ok;
}

static bool make_scratch(struct bench *b)
{
    snprintf(b->scratch, sizeof(b->scratch), "/tmp/hipfx-bench-XXXXXX");
    if (mkdtemp(b->scratch))
        return true;
    b->scratch[0] = '\0';
    return hipfx_fail(&b->why, "no temporary folder: %s", strerror(errno));
}

static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

static void note_error(struct bench *b, const char *what, const char *size, const char *reason)
{
    char line[512];
    snprintf(line, sizeof(line), "%s%s%s: %s", what, *size ? ", " : "", size, reason);
    json_array_append_new(b->errors, json_string(line));
    fprintf(stderr, "bench: %s\n", line);
}

static bool wanted(const struct bench *b, const char *part)
{
    return !b->options.only || strcmp(b->options.only, part) == 0;
}

/* A part's members become `into`'s. */
static void run_part(struct bench *b, const char *part, int size, const char *cache, json_t *into)
{
    const char *text = json_string_value(json_object_get(into, "size"));
    struct hipfx_why why = {0};
    const struct bench_child child = {
        .options = &b->options,
        .part = part,
        .size = size,
        .dir = b->scratch,
        .cache = cache,
    };
    fprintf(stderr, "bench: %s%s%s\n", part, text ? ", " : "", text ? text : "");
    json_t *result = bench_child_run(&child, &why);
    if (result)
        json_object_update(into, result);
    else
        note_error(b, part, text ? text : "", why.text);
    json_decref(result);
}

static void note_missing_rows(struct bench *b, const json_t *size)
{
    size_t i;
    json_t *row;
    static const char *const arrays[] = {"rows", "kernels"};
    for (size_t k = 0; k < sizeof(arrays) / sizeof(arrays[0]); k++) {
        json_array_foreach(json_object_get(size, arrays[k]), i, row)
        {
            const char *missing = json_string_value(json_object_get(row, "missing"));
            if (missing)
                note_error(b, bench_json_text(row, "name"), bench_json_text(size, "size"), missing);
        }
    }
}

static void measure_size(struct bench *b, int index)
{
    static const char *const parts[] = {"floor", "kernels", "frames"};
    char text[32];
    json_t *size = json_object();
    snprintf(text, sizeof(text), "%ux%u", b->options.sizes[index].width,
             b->options.sizes[index].height);
    json_object_set_new(size, "size", json_string(text));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (wanted(b, parts[i]))
            run_part(b, parts[i], index, NULL, size);
    }
    /* The same at every size; the first that a filter ran at knows all of it. */
    const json_t *machine = json_object_get(size, "machine");
    if (!json_is_string(json_object_get(b->machine, "device")))
        json_object_update(b->machine, (json_t *)machine);
    if (!json_is_string(json_object_get(b->machine, "device"))) {
        json_object_set(b->machine, "device", json_object_get(size, "device"));
        json_object_set(b->machine, "device_name", json_object_get(size, "device_name"));
    }
    static const char *const moved[] = {"machine", "device", "device_name"};
    for (size_t i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
        json_object_del(size, moved[i]);
    note_missing_rows(b, size);
    json_array_append_new(b->sizes, size);
}

/* Each time with an empty cache first, then with what that start left in it. */
static void measure_starts(struct bench *b)
{
    json_t *start = json_object(), *cold = json_array(), *warm = json_array();
    for (int i = 0; i < b->options.starts; i++) {
        char cache[128];
        snprintf(cache, sizeof(cache), "%s/cache-%d", b->scratch, i);
        if (mkdir(cache, 0700) != 0) {
            note_error(b, "start", "", strerror(errno));
            break;
        }
        json_t *pair[] = {json_object(), json_object()};
        run_part(b, "start", 0, cache, pair[0]);
        run_part(b, "start", 0, cache, pair[1]);
        json_array_append_new(cold, pair[0]);
        json_array_append_new(warm, pair[1]);
    }
    json_object_set_new(start, "cold", cold);
    json_object_set_new(start, "warm", warm);
    json_object_set_new(b->all, "start", start);
}

static void measure(struct bench *b)
{
    b->all = json_object();
    b->machine = json_object();
    b->sizes = json_array();
    b->errors = json_array();
    json_object_set_new(b->all, "schema", json_integer(SCHEMA));
    json_object_set_new(b->all, "machine", b->machine);
    json_object_set_new(b->all, "rounds", json_integer(b->options.rounds));
    json_object_set_new(b->all, "frames_per_round", json_integer(b->options.frames));
    json_object_set_new(b->all, "sizes", b->sizes);
    json_object_set_new(b->all, "errors", b->errors);

    for (int i = 0; i < b->options.size_count; i++)
        measure_size(b, i);
    if (wanted(b, "start"))
        measure_starts(b);

    /* More than the cores: other programs ran beside this one, and the times say little. */
    json_object_set_new(b->machine, "load_before", bench_json_number(b->load));
    size_t i;
    json_t *size;
    json_array_foreach(b->sizes, i, size)
        json_object_set_new(size, "marks", bench_marks(size, b->machine));
    json_object_set_new(b->all, "notes", bench_notes(b->machine));
}

static bool tell(struct bench *b)
{
    bench_output_print(b->all);
    if (!hipfx_report_write(b->all, b->path, &b->why))
        return false;
    printf("\n%s has all of this\n", b->path);
    struct hipfx_why why = {0};
    char *picture = bench_plot(b->path, &why);
    if (picture)
        printf("%s shows it\n", picture);
    else
        printf("no plot: %s\n", why.text);
    free(picture);
    return json_array_size(b->errors) == 0 ||
           hipfx_fail(&b->why, "not all could be measured: see above");
}

static int run_all(struct bench *b)
{
    if (getloadavg(&b->load, 1) != 1)
        b->load = 0;
    if (b->options.force)
        setenv("HIPFX_FORCE", b->options.force, true);
    int status = STATUS_NOT_MEASURED;
    if (!make_path(b) || !make_scratch(b)) {
        status = STATUS_BAD;
    } else {
        measure(b);
        if (tell(b))
            status = STATUS_DONE;
    }
    if (b->scratch[0])
        nftw(b->scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    json_decref(b->all);
    free(b->path);
    return status;
}

static void log_warnings(enum hipfx_log_level level, const char *line)
{
    if (level <= HIPFX_LOG_WARNING)
        fprintf(stderr, "bench: %s\n", line);
}

/* One part, in this process. */
static int run_one(struct bench *b)
{
    static const struct {
        const char *name;
        json_t *(*measure)(const struct bench_options *options, struct hipfx_why *why);
    } parts[] = {
        {"floor", bench_part_floor},
        {"kernels", bench_part_kernels},
        {"frames", bench_part_frames},
        {"start", bench_part_start},
    };
    json_t *result = NULL;
    struct hipfx_why why = {0};
    if (!b->options.verbose)
        hipfx_log_set_sink(log_warnings);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(parts[i].name, b->options.only) == 0)
            result = parts[i].measure(&b->options, &why);
    }
    const int status = result ? STATUS_DONE : STATUS_NOT_MEASURED;
    if (!result) {
        result = json_object();
        json_object_set_new(result, "error", json_string(why.text));
    }
    const bool written = hipfx_report_write(result, b->options.result, &b->why);
    json_decref(result);
    return written ? status : STATUS_BAD;
}

static int plot(struct bench *b)
{
    char *picture = bench_plot(b->options.plot, &b->why);
    if (picture)
        puts(picture);
    const int status = picture ? STATUS_DONE : STATUS_NOT_MEASURED;
    free(picture);
    return status;
}

int main(int argc, char **argv)
{
    struct bench b = {0};
    switch (bench_options_parse(argc, argv, &b.options, &b.why)) {
    case HIPFX_COMMAND_HELP:
        bench_options_help();
        return STATUS_DONE;
    case HIPFX_COMMAND_BAD:
        fprintf(stderr, "bench: %s\n", b.why.text);
        return STATUS_BAD;
    case HIPFX_COMMAND_RUN:
        break;
    }
    const int status = b.options.plot ? plot(&b) : b.options.result ? run_one(&b) : run_all(&b);
    if (b.why.text[0])
        fprintf(stderr, "bench: %s\n", b.why.text);
    return status;
}
