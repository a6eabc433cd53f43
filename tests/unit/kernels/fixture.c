#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct {
    const struct hipfx_hip *hip;
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    struct hipfx_scratch scratch;
} fixture;

int fixture_open(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    fixture.hip = hipfx_hip_open(HIPFX_HIP_CPU, &why);
    if (!fixture.hip ||
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
    hipfx_kernels_destroy(&fixture.kernels);
    return fixture.hip->hipStreamDestroy(fixture.stream) == hipSuccess ? 0 : -1;
}

int fixture_image_count(void)
{
    int count = 0;
    while (hipfx_cpu_image_at(count))
        count++;
    return count;
}

const char *fixture_use(int image)
{
    struct hipfx_why why = {0};
    hipfx_kernels_destroy(&fixture.kernels);
    fixture.kernels = hipfx_kernels_load(fixture.hip, hipfx_cpu_image_at(image), &why);
    if (!fixture.kernels)
        fail_msg("%s", why.text);
    return hipfx_cpu_image_at(image)->isa;
}

static void check_padding(const struct picture *p)
{
    size_t row = (size_t)p->width * (p->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
    for (int y = 0; y < p->height; y++) {
        for (size_t i = row; i < p->pitch; i++) {
            if (p->bytes[(size_t)y * p->pitch + i] != 0xa5)
                fail_msg("row %d: byte %zu behind the pixels was written", y, i - row);
        }
    }
}

struct picture fixture_apply(const char *effect, const struct hipfx_values *values, double time_s,
                             const struct picture *in)
{
    const size_t size = in->pitch * (size_t)in->height;
    const size_t extra =
        in->pitch - (size_t)in->width * (in->format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
    struct picture out = picture_create(in->width, in->height, in->format, extra);
    struct hipfx_why why = {0};
    void *device[2] = {NULL, NULL};
    struct hipfx_frame frames[2];
    const struct hipfx_hip *hip = fixture.hip;
    hipStream_t stream = fixture.stream;
    bool ok = true;

    for (int i = 0; ok && i < 2; i++) {
        const void *bytes = i == 0 ? in->bytes : out.bytes;
        ok = HIP(&why, hip, hipMalloc, &device[i], size) &&
             HIP(&why, hip, hipMemcpyAsync, device[i], bytes, size, hipMemcpyHostToDevice, stream);
        frames[i] = (struct hipfx_frame){device[i], in->pitch, in->width, in->height, in->format};
    }
    const struct hipfx_run run = {fixture.kernels, stream, &fixture.scratch, time_s, &why};
    ok =
        ok && hipfx_effect_find(effect)->apply(&run, values, &frames[0], &frames[1]) &&
        HIP(&why, hip, hipMemcpyAsync, out.bytes, device[1], size, hipMemcpyDeviceToHost, stream) &&
        HIP(&why, hip, hipStreamSynchronize, stream);
    for (int i = 0; i < 2; i++) {
        if (device[i])
            HIP(&why, hip, hipFree, device[i]);
    }
    if (!ok || why.text[0])
        fail_msg("%s: %s", effect, why.text);
    check_padding(&out);
    return out;
}

bool fixture_accepts(const char *effect, const struct hipfx_frame *in,
                     const struct hipfx_frame *out, struct hipfx_why *why)
{
    const struct hipfx_effect *e = hipfx_effect_find(effect);
    const struct hipfx_values values = hipfx_values_default(e);
    const struct hipfx_run run = {fixture.kernels, fixture.stream, &fixture.scratch, 0, why};
    bool ok = e->apply(&run, &values, in, out);
    return HIP(why, fixture.hip, hipStreamSynchronize, fixture.stream) && ok;
}

void fixture_set(const char *effect, struct hipfx_values *values, const char *key, double value)
{
    values->v[hipfx_param_find(hipfx_effect_find(effect), key)] = value;
}
