#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SKIPPED 77

/* Bytes before and behind a picture in device memory that no kernel may touch. */
#define GUARD_BYTES 4096
#define GUARD_BYTE  0xa5

/* Of memory that an effect must write before it reads it: floats of it are NaN. */
#define SPOILT_BYTE 0xff

static struct {
    bool gpu, quick;
    const struct hipfx_hip *hip;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    struct hipfx_scratch scratch;
    struct hipfx_effect_state state;
    void *memory[8];
    int memory_count;
    unsigned calls;
} fixture;

static const struct hipfx_hip *open_gpu(struct hipfx_why *why)
{
    struct hipfx_why amd = {0}, nvidia = {0};
    const struct hipfx_hip *hip = hipfx_hip_open(HIPFX_HIP_NVIDIA, &nvidia);
    if (!hip)
        hip = hipfx_hip_open(HIPFX_HIP_AMD, &amd);
    if (!hip)
        hipfx_fail(why, "no GPU: %s; %s", nvidia.text, amd.text);
    return hip;
}

void fixture_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--gpu") == 0) {
            fixture.gpu = true;
        } else if (strcmp(argv[i], "--quick") == 0) {
            fixture.quick = true;
        } else {
            fprintf(stderr, "usage: %s [--gpu] [--quick]\n", argv[0]);
            exit(2);
        }
    }
    struct hipfx_why why = {0};
    if (fixture.gpu && !open_gpu(&why)) {
        printf("skipped: %s\n", why.text);
        exit(SKIPPED);
    }
}

int fixture_open(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    fixture.hip = fixture.gpu ? open_gpu(&why) : hipfx_hip_open(HIPFX_HIP_CPU, &why);
    if (!fixture.hip || !HIP(&why, fixture.hip, hipSetDevice, 0) ||
        !HIP(&why, fixture.hip, hipStreamCreateWithFlags, &fixture.stream, hipStreamNonBlocking)) {
        print_error("%s\n", why.text);
        return -1;
    }
    fixture_use(0);
    return 0;
}

int fixture_close(void **state)
{
    (void)state;
    hipfx_scratch_free(fixture.hip, &fixture.scratch);
    hipfx_effect_state_free(fixture.hip, &fixture.state);
    hipfx_kernels_destroy(&fixture.kernels);
    bool ok = fixture.hip->hipStreamDestroy(fixture.stream) == hipSuccess;
    for (int i = 0; i < fixture.memory_count; i++)
        ok = fixture.hip->hipFree(fixture.memory[i]) == hipSuccess && ok;
    return ok ? 0 : -1;
}

int fixture_image_count(void)
{
    int count = 0;
    while (!fixture.gpu && hipfx_cpu_image_at(count))
        count++;
    return fixture.gpu ? 1 : count;
}

/* A GPU's driver compiles its one image on loading: once will do. */
const char *fixture_use(int image)
{
    struct hipfx_why why = {0};
    if (!fixture.gpu) {
        hipfx_kernels_destroy(&fixture.kernels);
        fixture.kernels = hipfx_kernels_load(fixture.hip, hipfx_cpu_image_at(image), &why);
    } else if (!fixture.kernels) {
        fixture.kernels = hipfx_kernels_create(fixture.hip, 0, &why);
    }
    if (!fixture.kernels)
        fail_msg("%s", why.text);
    return fixture.gpu ? fixture.hip->name : hipfx_cpu_image_at(image)->isa;
}

int fixture_rounds(int count)
{
    return fixture.quick ? (count + 9) / 10 : count;
}

struct picture fixture_random_picture(const struct fixture_pictures *pictures, int format,
                                      struct rng *rng, uint64_t seed)
{
    const int most = (int)(sizeof(pictures->sizes) / sizeof(pictures->sizes[0]));
    int sizes = 0;
    while (sizes < most && pictures->sizes[sizes][0])
        sizes++;
    const int *size = pictures->sizes[rng_below(rng, sizes)];
    const int kinds = (int)pictures->last_kind - (int)pictures->first_kind + 1;
    const enum picture_kind kind = pictures->first_kind + (enum picture_kind)rng_below(rng, kinds);
    return picture_random(rng, kind, size[0], size[1], format, 16 * (seed % 3));
}

void fixture_random_pictures(const struct fixture_pictures *pictures, int format,
                             fixture_check_fn check)
{
    for (uint64_t seed = 1; seed <= (uint64_t)fixture_rounds(pictures->count); seed++) {
        struct rng rng = {seed};
        struct picture in = fixture_random_picture(pictures, format, &rng, seed);
        check(&in, &rng, seed);
        picture_destroy(&in);
    }
}

void fixture_skip_large(void)
{
    if (fixture.quick)
        skip();
}

/* A picture in device memory with guards around it, and what was written there from the host. */
struct area {
    void *device;
    unsigned char *host;
    size_t size;
    struct hipfx_frame frame;
};

static size_t row_bytes(const struct picture *p)
{
    return (size_t)p->width * (p->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
}

static bool area_create(struct area *area, const struct picture *p, bool aligned,
                        struct hipfx_why *why)
{
    const size_t pitch = aligned ? (p->pitch + 15) / 16 * 16 + 32 : p->pitch;
    area->size = pitch * (size_t)p->height + (size_t)2 * GUARD_BYTES;
    area->host = malloc(area->size);
    if (!area->host)
        return hipfx_fail(why, "no memory for a picture");
    memset(area->host, GUARD_BYTE, area->size);
    for (int y = 0; y < p->height; y++)
        memcpy(area->host + GUARD_BYTES + (size_t)y * pitch, p->bytes + (size_t)y * p->pitch,
               row_bytes(p));
    if (!HIP(why, fixture.hip, hipMalloc, &area->device, area->size) ||
        !HIP(why, fixture.hip, hipMemcpyAsync, area->device, area->host, area->size,
             hipMemcpyHostToDevice, fixture.stream))
        return false;
    area->frame = (struct hipfx_frame){.data = (char *)area->device + GUARD_BYTES,
                                       .pitch = pitch,
                                       .width = p->width,
                                       .height = p->height,
                                       .format = p->format};
    return true;
}

static bool area_fetch(struct area *area, unsigned char *bytes, struct hipfx_why *why)
{
    return HIP(why, fixture.hip, hipMemcpyAsync, bytes, area->device, area->size,
               hipMemcpyDeviceToHost, fixture.stream) &&
           HIP(why, fixture.hip, hipStreamSynchronize, fixture.stream);
}

static void area_destroy(struct area *area, struct hipfx_why *why)
{
    if (area->device)
        HIP(why, fixture.hip, hipFree, area->device);
    free(area->host);
}

/* Takes the pixels out; what is left must be as it was. */
static bool take_picture(struct area *area, struct picture *out, struct hipfx_why *why)
{
    unsigned char *bytes = malloc(area->size);
    if (!bytes)
        return hipfx_fail(why, "no memory for a picture");
    bool ok = area_fetch(area, bytes, why);
    for (int y = 0; ok && y < out->height; y++) {
        const size_t at = GUARD_BYTES + (size_t)y * area->frame.pitch;
        memcpy(out->bytes + (size_t)y * out->pitch, bytes + at, row_bytes(out));
        memcpy(bytes + at, area->host + at, row_bytes(out));
    }
    for (size_t i = 0; ok && i < area->size; i++) {
        if (bytes[i] != area->host[i])
            ok = hipfx_fail(why,
                            "byte %lld from the picture's start, with a pitch of %llu, was written",
                            (long long)i - GUARD_BYTES, (unsigned long long)area->frame.pitch);
    }
    free(bytes);
    return ok;
}

static bool is_unchanged(struct area *area, struct hipfx_why *why)
{
    unsigned char *bytes = malloc(area->size);
    if (!bytes)
        return hipfx_fail(why, "no memory for a picture");
    bool ok = area_fetch(area, bytes, why);
    if (ok && memcmp(bytes, area->host, area->size) != 0)
        ok = hipfx_fail(why, "the input was written to");
    free(bytes);
    return ok;
}

static struct hipfx_run run_in(const struct hipfx_rect *area, double time_s, struct hipfx_why *why)
{
    return (struct hipfx_run){
        .kernels = fixture.kernels,
        .stream = fixture.stream,
        .scratch = &fixture.scratch,
        .state = &fixture.state,
        .area = *area,
        .time_s = time_s,
        .why = why,
    };
}

struct picture fixture_apply(const char *effect, const struct hipfx_values *values, double time_s,
                             const struct picture *in)
{
    const struct hipfx_rect all = {.right = in->width, .bottom = in->height};
    return fixture_apply_in(&all, effect, values, time_s, in);
}

void fixture_forget(void)
{
    hipfx_effect_state_forget(&fixture.state);
    fixture.state.table.holds = 0;
}

/* What to do with two frames. */
struct job {
    const struct hipfx_effect *effect;
    const struct hipfx_values *values;
    const struct fixture_live *live;   /* NULL: all is wanted */
    const struct hipfx_region *region; /* NULL: the effect itself */
    const struct picture *mask;
};

static bool apply_region(const struct job *job, const struct hipfx_run *run,
                         const struct hipfx_frame *in, const struct hipfx_frame *out)
{
    struct area mask = {0};
    const bool ok =
        (!job->mask || area_create(&mask, job->mask, false, run->why)) &&
        hipfx_apply_region(run, job->effect, job->values, job->region, &mask.frame, in, out) &&
        (!job->mask || is_unchanged(&mask, run->why));
    area_destroy(&mask, run->why);
    return ok;
}

static bool apply(const struct job *job, const struct hipfx_run *run, const struct hipfx_frame *in,
                  const struct hipfx_frame *out)
{
    return job->region ? apply_region(job, run, in, out)
                       : hipfx_apply(run, job->effect, job->values, in, out);
}

/* An effect must not read what it has not written. */
static bool spoil(struct hipfx_why *why)
{
    struct hipfx_effect_state *state = &fixture.state;
    const struct hipfx_scratch *const memory[] = {
        &fixture.scratch,
        &state->mask[0],
        &state->mask[1],
        &state->live,
        state->table.holds ? NULL : &state->table.memory,
        state->history.holds ? NULL : &state->history.memory,
    };
    bool ok = true;
    for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
        if (memory[i] && memory[i]->data)
            ok = HIP(why, fixture.hip, hipMemsetAsync, memory[i]->data, SPOILT_BYTE,
                     memory[i]->size, fixture.stream) &&
                 ok;
    }
    return ok;
}

static bool overlap(const struct hipfx_rect *a, const struct hipfx_rect *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* The tiles that are wanted of those up to the one at (x, y). */
static uint32_t count_tiles(const struct fixture_live *live, int x, int y)
{
    uint32_t count = 0;
    for (int row = 0; row <= y; row++) {
        for (int column = 0; column <= x; column++) {
            const struct hipfx_rect tile = {column * HIPFX_LIVE_COLUMNS, row * HIPFX_LIVE_ROWS,
                                            (column + 1) * HIPFX_LIVE_COLUMNS,
                                            (row + 1) * HIPFX_LIVE_ROWS};
            bool wanted = false;
            for (int i = 0; i < live->count; i++)
                wanted = wanted || overlap(&tile, &live->boxes[i]);
            count += wanted;
        }
    }
    return count;
}

/* `sums` is in device memory, until it is freed; NULL on failure. */
static struct hipfx_live_map upload_map(const struct fixture_live *live, const struct picture *in,
                                        struct hipfx_why *why)
{
    enum { most = 64 };
    const int columns = (in->width + HIPFX_LIVE_COLUMNS - 1) / HIPFX_LIVE_COLUMNS;
    const int rows = (in->height + HIPFX_LIVE_ROWS - 1) / HIPFX_LIVE_ROWS;
    uint32_t sums[most * most];
    void *memory = NULL;
    assert_true(columns <= most && rows <= most);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            sums[y * columns + x] = count_tiles(live, x, y);
    const size_t size = (size_t)columns * (size_t)rows * sizeof(sums[0]);
    if (HIP(why, fixture.hip, hipMalloc, &memory, size) &&
        HIP(why, fixture.hip, hipMemcpyAsync, memory, sums, size, hipMemcpyHostToDevice,
            fixture.stream))
        HIP(why, fixture.hip, hipStreamSynchronize, fixture.stream);
    return (struct hipfx_live_map){
        .width = in->width, .height = in->height, .hole = live->hole, .sums = memory};
}

static struct picture run_job(const struct job *job, const struct hipfx_rect *area, double time_s,
                              const struct picture *in)
{
    struct picture out =
        picture_create(in->width, in->height, in->format, in->pitch - row_bytes(in));
    struct hipfx_why why = {0};
    struct area from = {0}, to = {0};
    const unsigned call = fixture.calls++;
    struct hipfx_run run = run_in(area, time_s, &why);
    if (job->live)
        run.live = upload_map(job->live, in, &why);
    bool ok = spoil(&why) && area_create(&from, in, call & 1, &why) &&
              area_create(&to, &out, call & 2, &why) && apply(job, &run, &from.frame, &to.frame) &&
              take_picture(&to, &out, &why) && is_unchanged(&from, &why);
    area_destroy(&from, &why);
    area_destroy(&to, &why);
    if (run.live.sums)
        HIP(&why, fixture.hip, hipFree, (void *)run.live.sums);
    hipfx_scratch_trim(fixture.hip, &fixture.scratch);
    hipfx_effect_state_trim(fixture.hip, &fixture.state);
    if (!ok || why.text[0])
        fail_msg("%s, %dx%d: %s", job->effect->id, in->width, in->height, why.text);
    return out;
}

struct picture fixture_apply_in(const struct hipfx_rect *area, const char *effect,
                                const struct hipfx_values *values, double time_s,
                                const struct picture *in)
{
    const struct job job = {.effect = hipfx_effect_find(effect), .values = values};
    return run_job(&job, area, time_s, in);
}

struct picture fixture_apply_live(const struct fixture_live *live, const char *effect,
                                  const struct hipfx_values *values, double time_s,
                                  const struct picture *in)
{
    const struct hipfx_rect all = {.right = in->width, .bottom = in->height};
    const struct job job = {.effect = hipfx_effect_find(effect), .values = values, .live = live};
    return run_job(&job, &all, time_s, in);
}

size_t fixture_scratch_written(void)
{
    const size_t size = fixture.scratch.size;
    struct hipfx_why why = {0};
    size_t written = 0;
    unsigned char *bytes = calloc(1, size + 1);
    if (!bytes ||
        !HIP(&why, fixture.hip, hipMemcpyAsync, bytes, fixture.scratch.data, size,
             hipMemcpyDeviceToHost, fixture.stream) ||
        !HIP(&why, fixture.hip, hipStreamSynchronize, fixture.stream)) {
        free(bytes);
        fail_msg("what was written cannot be read: %s", why.text);
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        written += bytes[i] != SPOILT_BYTE;
    free(bytes);
    return written;
}

struct picture fixture_apply_region(const struct hipfx_region *region, const struct picture *mask,
                                    const char *effect, const struct hipfx_values *values,
                                    double time_s, const struct picture *in)
{
    const struct job job = {
        .effect = hipfx_effect_find(effect), .values = values, .region = region, .mask = mask};
    const struct hipfx_rect all = {.right = in->width, .bottom = in->height};
    return run_job(&job, &all, time_s, in);
}

bool fixture_accepts(const char *effect, const struct hipfx_frame *in,
                     const struct hipfx_frame *out, struct hipfx_why *why)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    const struct hipfx_values values = hipfx_values_default(e);
    const struct hipfx_rect all = hipfx_frame_area(in);
    const struct hipfx_run run = run_in(&all, 0, why);
    bool ok = hipfx_apply(&run, e, &values, in, out);
    return HIP(why, fixture.hip, hipStreamSynchronize, fixture.stream) && ok;
}

void *fixture_memory(size_t size)
{
    struct hipfx_why why = {0};
    void *memory = NULL;
    assert_true(fixture.memory_count < (int)(sizeof(fixture.memory) / sizeof(fixture.memory[0])));
    if (!HIP(&why, fixture.hip, hipMalloc, &memory, size))
        fail_msg("%s", why.text);
    fixture.memory[fixture.memory_count++] = memory;
    return memory;
}

void fixture_set(const char *effect, struct hipfx_values *values, const char *key, double value)
{
    values->v[hipfx_param_find(hipfx_effect_find(effect), key)] = value;
}
