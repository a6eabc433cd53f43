#include "tests/bench/floor.h"
#include "tests/bench/clock.h"
#include "tests/bench/floor_way.h"
#include "tests/bench/json.h"

#include <stdlib.h>
#include <string.h>

#define UNCOUNTED_FRAMES 2

/* Two passes alone, then each order bare and through the link. */
#define WAYS (1 + 2 * (HIPFX_ORDER_COUNT - 1))

struct bench_floor {
    struct bench_floor_params params;
    struct bench_passes passes;
    enum hipfx_memory memory;
    struct bench_way ways[WAYS];
};

static bool find_memory(struct bench_floor *floor, struct hipfx_why *why)
{
    const struct bench_device *device = floor->passes.device;
    const struct hipfx_link_params params = {
        .hip = device->hip,
        .device = device->ordinal,
        .stream = floor->passes.stream,
        .vk = device->vk,
        .format = HIPFX_PIXEL_RGBA8_SRGB,
    };
    const struct hipfx_force force = {.memory = device->force.memory};
    struct hipfx_rungs rungs;
    if (!hipfx_link_choose(&params, &force, &rungs, why))
        return false;
    floor->memory = rungs.memory;
    return true;
}

static void create_order(struct bench_floor *floor, enum hipfx_order order, struct bench_way *bare,
                         struct bench_way *link)
{
    const struct bench_device *device = floor->passes.device;
    const struct hipfx_link_params params = {
        .hip = device->hip,
        .device = device->ordinal,
        .stream = floor->passes.stream,
        .vk = device->vk,
        .format = HIPFX_PIXEL_RGBA8_SRGB,
    };
    const struct hipfx_force force = {.memory = floor->memory, .order = order};
    const struct hipfx_rungs wanted = {.memory = floor->memory, .order = order};
    struct hipfx_rungs rungs;
    struct hipfx_why missing = {0};
    *bare = (struct bench_way){.kind = BENCH_WAY_BARE, .rungs = wanted};
    *link = (struct bench_way){.kind = BENCH_WAY_LINK, .rungs = wanted};
    if (!hipfx_link_choose(&params, &force, &rungs, &missing)) {
        /* That it was forced is the bench's own doing. */
        const char *but = strstr(missing.text, "but ");
        hipfx_fail(&bare->missing, "%s", but ? but + strlen("but ") : missing.text);
        link->missing = bare->missing;
        return;
    }
    bench_way_create(bare, &floor->passes, BENCH_WAY_BARE, &wanted);
    bench_way_create(link, &floor->passes, BENCH_WAY_LINK, &wanted);
}

static bool create(struct bench_floor *floor, const struct bench_device *device,
                   struct hipfx_why *why)
{
    const struct hipfx_rungs none = {0};
    if (!device->has_gl)
        return hipfx_fail(why, "%s", device->vk_why.text);
    if (!bench_passes_create(&floor->passes, device, floor->params.width_px,
                             floor->params.height_px, why))
        return false;
    bench_way_create(&floor->ways[0], &floor->passes, BENCH_WAY_TWO_PASSES, &none);
    struct hipfx_why missing = {0};
    const bool shared = find_memory(floor, &missing);
    for (int order = 1; order < HIPFX_ORDER_COUNT; order++) {
        struct bench_way *bare = &floor->ways[2 * order - 1], *link = bare + 1;
        if (shared) {
            create_order(floor, (enum hipfx_order)order, bare, link);
            continue;
        }
        *bare = (struct bench_way){
            .kind = BENCH_WAY_BARE, .rungs.order = (enum hipfx_order)order, .missing = missing};
        *link = *bare;
        link->kind = BENCH_WAY_LINK;
    }
    return true;
}

static bool finish(struct hipfx_why *why)
{
    glFinish();
    return hipfx_gl_check(why, "glFinish");
}

static bool measure_finished(struct bench_way *way, int frames, struct hipfx_why *why)
{
    struct hipfx_times all = {0}, submit = {0};
    const double turn_ms = bench_now_ms();
    bool ok = true;
    for (int i = -UNCOUNTED_FRAMES; ok && i < frames; i++) {
        if (i > 0 && bench_now_ms() - turn_ms > BENCH_TURN_MS)
            break;
        const double begin_ms = bench_now_ms();
        ok = bench_way_frame(way, why);
        const double submitted_ms = bench_now_ms();
        ok = ok && finish(why);
        if (ok && i >= 0)
            ok = (hipfx_times_add(&all, bench_now_ms() - begin_ms) &&
                  hipfx_times_add(&submit, submitted_ms - begin_ms)) ||
                 hipfx_fail(why, "out of memory");
    }
    ok = ok && ((bench_series_add(&way->finish, &all) && bench_series_add(&way->submit, &submit)) ||
                hipfx_fail(why, "too many rounds"));
    hipfx_times_free(&all);
    hipfx_times_free(&submit);
    return ok;
}

static bool measure_pipelined(struct bench_way *way, int frames, struct hipfx_why *why)
{
    struct hipfx_times share = {0};
    int drawn = 0;
    const double begin_ms = bench_now_ms();
    bool ok = true;
    for (; ok && drawn < frames && bench_now_ms() - begin_ms < BENCH_TURN_MS; drawn++) {
        ok = bench_way_frame(way, why);
        glFlush();
    }
    ok = ok && finish(why) &&
         ((hipfx_times_add(&share, (bench_now_ms() - begin_ms) / drawn) &&
           bench_series_add(&way->pipelined, &share)) ||
          hipfx_fail(why, "too many rounds"));
    hipfx_times_free(&share);
    return ok;
}

static json_t *times_object(struct bench_series *series)
{
    json_t *out = json_object();
    json_object_set_new(out, "p50", bench_json_number(bench_series_p50(series) * 1e3));
    json_object_set_new(out, "p99", bench_json_number(bench_series_p99(series) * 1e3));
    return out;
}

static json_t *way_object(struct bench_way *way)
{
    static const char *const names[] = {
        [BENCH_WAY_TWO_PASSES] = "two_passes",
        [BENCH_WAY_BARE] = "bare",
        [BENCH_WAY_LINK] = "link",
    };
    json_t *out = json_object();
    json_object_set_new(out, "way", json_string(names[way->kind]));
    if (way->rungs.order)
        json_object_set_new(out, "order", json_string(hipfx_order_name(way->rungs.order)));
    if (way->missing.text[0]) {
        json_object_set_new(out, "missing", json_string(way->missing.text));
        return out;
    }
    json_object_set_new(out, "finish_us", times_object(&way->finish));
    json_object_set_new(out, "submit_us", times_object(&way->submit));
    json_object_set_new(out, "pipelined_us", times_object(&way->pipelined));
    return out;
}

static json_t *floor_object(struct bench_floor *floor)
{
    json_t *out = json_object(), *ways = json_array();
    for (int i = 0; i < WAYS; i++)
        json_array_append_new(ways, way_object(&floor->ways[i]));
    json_object_set_new(out, "memory", json_string(hipfx_memory_name(floor->memory)));
    json_object_set_new(out, "kernel", json_string("one pixel"));
    json_object_set_new(out, "ways", ways);
    return out;
}

static void destroy(struct bench_floor *floor)
{
    for (int i = 0; i < WAYS; i++) {
        struct bench_way *way = &floor->ways[i];
        if (way->passes)
            bench_way_destroy(way);
        bench_series_free(&way->finish);
        bench_series_free(&way->submit);
        bench_series_free(&way->pipelined);
    }
    bench_passes_destroy(&floor->passes);
}

json_t *bench_floor_measure(const struct bench_device *device,
                            const struct bench_floor_params *params, struct hipfx_why *why)
{
    struct bench_floor *floor = calloc(1, sizeof(*floor));
    json_t *out = NULL;
    if (!floor) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    floor->params = *params;
    if (create(floor, device, why)) {
        for (int round = 0; round < params->rounds; round++) {
            for (int i = 0; i < WAYS; i++) {
                struct bench_way *way = &floor->ways[i];
                if (!way->missing.text[0] && measure_finished(way, params->frames, &way->missing))
                    measure_pipelined(way, params->frames, &way->missing);
            }
        }
        out = floor_object(floor);
    }
    destroy(floor);
    free(floor);
    return out;
}
