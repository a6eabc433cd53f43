/* Each memory x order rung that the machine has: what GL draws is what HIP reads, and what HIP
 * writes is what GL draws next, frame after frame, at odd sizes, with the validation layer looking
 * on (its messages fail the test: see CMakeLists.txt). */
#include "interop/link.h"
#include "interop/match.h"
#include "tests/interop/gl_context.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FRAMES 40

static const struct hipfx_hip *hip;
static int device; /* HIP's number of it */
static struct hipfx_vk *vk;

/* OpenGL's device, whoever runs HIP on it. */
static const struct hipfx_hip *open_hip(struct hipfx_why *why)
{
    static const enum hipfx_hip_kind ladder[] = {HIPFX_HIP_AMD, HIPFX_HIP_NVIDIA, HIPFX_HIP_CPU};
    for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
        const struct hipfx_hip *opened = hipfx_hip_open(ladder[i], why);
        if (opened && hipfx_match_device(opened, vk, &device, why) &&
            HIP(why, opened, hipSetDevice, device)) {
            print_message("device=%s\n", opened->name);
            return opened;
        }
    }
    return NULL;
}

static int open_all(void **state)
{
    struct hipfx_why why = {0};
    (void)state;
    const struct hipfx_gl_caps gl = hipfx_gl_query();
    const struct hipfx_vk_params params = {
        .device_uuid = gl.device_uuid,
        .driver_uuid = gl.driver_uuid,
    };
    vk = hipfx_vk_create(&params, &why);
    hip = vk ? open_hip(&why) : NULL;
    if (!hip || !vk)
        print_error("%s\n", why.text);
    return hip && vk ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    hipfx_vk_destroy(&vk);
    return 0;
}

/* A frame as a GL user has it: two textures with framebuffers, and the link between them. */
struct rig {
    hipStream_t stream;
    GLuint textures[2], framebuffers[2];
    struct hipfx_link_params params;
    struct hipfx_link *link;
};

static void rig_open(struct rig *rig, const struct hipfx_rungs *rungs, int width, int height,
                     int more, enum hipfx_pixel format)
{
    struct hipfx_why why = {0};
    *rig = (struct rig){0};
    assert_int_equal(hip->hipStreamCreateWithFlags(&rig->stream, hipStreamNonBlocking), hipSuccess);
    glGenTextures(2, rig->textures);
    glGenFramebuffers(2, rig->framebuffers);
    rig->params = (struct hipfx_link_params){
        .hip = hip,
        .device = device,
        .stream = rig->stream,
        .vk = vk,
        .input = rig->textures[0],
        .output = rig->textures[1],
        .width_px = width,
        .height_px = height,
        .more_px = more,
        .format = format,
    };
    rig->link = hipfx_link_create(&rig->params, rungs, &why);
    if (!rig->link)
        fail_msg("%s", why.text);
    for (int i = 0; i < 2; i++) {
        glBindFramebuffer(GL_FRAMEBUFFER, rig->framebuffers[i]);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D,
                               rig->textures[i], 0);
        assert_int_equal(glCheckFramebufferStatus(GL_FRAMEBUFFER), GL_FRAMEBUFFER_COMPLETE);
    }
}

static void rig_close(struct rig *rig)
{
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(2, rig->framebuffers);
    hipfx_link_destroy(&rig->link);
    glDeleteTextures(2, rig->textures);
    assert_int_equal(hip->hipStreamDestroy(rig->stream), hipSuccess);
}

static uint8_t stamp(int frame, int x, int y, int channel)
{
    return (uint8_t)(frame * 29 + x * 7 + y * 13 + channel * 61);
}

/* GL work that takes a while, so that an order that does not hold shows: the whole picture in small
 * scissored clears, each with the frame's own number in it. */
static void draw_stamped(const struct rig *rig, int frame)
{
    const int w = rig->params.width_px, h = rig->params.height_px + rig->params.more_px;
    glBindFramebuffer(GL_FRAMEBUFFER, rig->framebuffers[0]);
    glEnable(GL_SCISSOR_TEST);
    for (int y = 0; y < h; y += 16) {
        for (int x = 0; x < w; x += 16) {
            glScissor(x, y, 16, 16);
            glClearColor(stamp(frame, x, y, 0) / 255.0f, stamp(frame, x, y, 1) / 255.0f,
                         stamp(frame, x, y, 2) / 255.0f, stamp(frame, x, y, 3) / 255.0f);
            glClear(GL_COLOR_BUFFER_BIT);
        }
    }
    glDisable(GL_SCISSOR_TEST);
}

/* The last rows of what was drawn. */
static void check_stamped(const struct rig *rig, int frame, uint8_t *pixels)
{
    const int w = rig->params.width_px, h = rig->params.height_px;
    glBindFramebuffer(GL_FRAMEBUFFER, rig->framebuffers[1]);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, w, h, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            for (int c = 0; c < 4; c++) {
                const uint8_t wanted = stamp(frame, x & ~15, (y + rig->params.more_px) & ~15, c);
                const uint8_t got = pixels[((size_t)y * (size_t)w + (size_t)x) * 4 + (size_t)c];
                if (got != wanted)
                    fail_msg("frame %d, pixel %d,%d channel %d: %u, not %u", frame, x, y, c, got,
                             wanted);
            }
        }
    }
}

/* Holds the stream up, so that GL would draw a stale frame if it did not wait. */
static void delay(void *data)
{
    const int *us = data;
    usleep((unsigned)*us);
}

static void pass_frames(struct rig *rig, int frames)
{
    const int w = rig->params.width_px, h = rig->params.height_px;
    const size_t row = (size_t)w * (size_t)hipfx_pixel_bytes(rig->params.format);
    const size_t below = (size_t)rig->params.more_px;
    uint8_t *pixels = malloc((size_t)w * (size_t)h * 4);
    assert_non_null(pixels);
    unsigned random = 1;
    for (int frame = 0; frame < frames; frame++) {
        struct hipfx_why why = {0};
        struct hipfx_frame in, out;
        static int delay_us; /* the stream reads it before the frame is checked */
        draw_stamped(rig, frame);
        if (!hipfx_link_begin(rig->link, &in, &out, &why))
            fail_msg("%s", why.text);
        random = random * 1664525 + 1013904223;
        delay_us = frame % 3 ? 0 : (int)(random >> 20);
        assert_int_equal(hip->hipLaunchHostFunc(rig->stream, delay, &delay_us), hipSuccess);
        assert_int_equal(hip->hipMemcpy2DAsync(out.data, out.pitch,
                                               (char *)in.data + below * in.pitch, in.pitch, row,
                                               (size_t)h, hipMemcpyDeviceToDevice, rig->stream),
                         hipSuccess);
        if (!hipfx_link_end(rig->link, &why))
            fail_msg("%s", why.text);
        check_stamped(rig, frame, pixels);
    }
    free(pixels);
}

static bool choose(const char *force_text, struct hipfx_rungs *rungs, struct hipfx_why *why)
{
    struct hipfx_force force;
    struct hipfx_link_params params = {
        .hip = hip, .device = device, .vk = vk, .format = HIPFX_PIXEL_RGBA8_SRGB};
    assert_true(hipfx_force_parse(force_text, &force, why));
    assert_int_equal(hip->hipStreamCreateWithFlags(&params.stream, hipStreamNonBlocking),
                     hipSuccess);
    const bool ok = hipfx_link_choose(&params, &force, rungs, why);
    assert_int_equal(hip->hipStreamDestroy(params.stream), hipSuccess);
    return ok;
}

/* The rungs that each kind of device must have: one that is refused there is a fault. */
static bool must_have(enum hipfx_memory memory, enum hipfx_order order)
{
    const bool gpu = hip->kind == HIPFX_HIP_NVIDIA;
    switch (memory) {
    case HIPFX_MEMORY_LINEAR:
        return !gpu && order >= HIPFX_ORDER_VK_RELAY;
    case HIPFX_MEMORY_ARRAY:
        return gpu;
    case HIPFX_MEMORY_COPY:
        return order >= HIPFX_ORDER_VK_RELAY;
    default:
        return order == HIPFX_ORDER_HOST;
    }
}

/* Not known yet: no card of AMD's has been asked. */
static bool may_have(enum hipfx_memory memory, enum hipfx_order order)
{
    return hip->kind == HIPFX_HIP_AMD && must_have(memory, order) && memory == HIPFX_MEMORY_LINEAR;
}

static void carry_frames(const struct hipfx_rungs *rungs)
{
    static const int sizes[][2] = {{1, 1}, {1, 7}, {641, 361}, {256, 2}};
    static const enum hipfx_pixel formats[] = {HIPFX_PIXEL_RGBA8_SRGB, HIPFX_PIXEL_RGBA16F};
    for (size_t i = 0; i < 4 * 4; i++) {
        const int *size = sizes[i % 4];
        struct rig rig;
        rig_open(&rig, rungs, size[0], size[1], i < 8 ? 0 : size[1], formats[i / 4 % 2]);
        pass_frames(&rig, FRAMES);
        assert_int_equal(hipfx_link_host_bytes(rig.link) != 0,
                         rungs->memory == HIPFX_MEMORY_STAGED);
        rig_close(&rig);
    }
}

static void every_rung_carries_every_frame(void **state)
{
    (void)state;
    for (int m = HIPFX_MEMORY_LINEAR; m < HIPFX_MEMORY_COUNT; m++) {
        for (int o = HIPFX_ORDER_GL_TIMELINE; o < HIPFX_ORDER_COUNT; o++) {
            struct hipfx_rungs rungs;
            struct hipfx_why why = {0};
            char force[64];
            snprintf(force, sizeof(force), "memory=%s,order=%s", hipfx_memory_name(m),
                     hipfx_order_name(o));
            const bool has = choose(force, &rungs, &why);
            print_message("%s: %s\n", force, has ? "there" : why.text);
            if (!may_have(m, o))
                assert_int_equal(has, must_have(m, o));
            if (has)
                carry_frames(&rungs);
        }
    }
}

static void auto_takes_the_best_and_says_what_it_passed_over(void **state)
{
    struct hipfx_rungs rungs;
    struct hipfx_why why = {0};
    (void)state;
    if (!choose("", &rungs, &why))
        fail_msg("%s", why.text);
    if (hip->kind == HIPFX_HIP_NVIDIA) {
        assert_int_equal(rungs.memory, HIPFX_MEMORY_ARRAY);
        assert_int_equal(rungs.order, HIPFX_ORDER_GL_TIMELINE);
        assert_non_null(strstr(rungs.skipped, "linear"));
    } else {
        print_message("memory=%s\n", hipfx_memory_name(rungs.memory));
        if (!may_have(HIPFX_MEMORY_LINEAR, HIPFX_ORDER_VK_RELAY))
            assert_int_equal(rungs.memory, HIPFX_MEMORY_LINEAR);
        assert_int_equal(rungs.order, HIPFX_ORDER_VK_RELAY);
        assert_non_null(strstr(rungs.skipped, "gl-timeline"));
        assert_non_null(strstr(rungs.skipped, "gl-binary"));
    }
}

static void a_forced_rung_is_taken_or_refused_with_the_reason(void **state)
{
    struct hipfx_rungs rungs;
    struct hipfx_why why = {0};
    (void)state;
    assert_true(choose("memory=copy,order=host", &rungs, &why));
    assert_int_equal(rungs.memory, HIPFX_MEMORY_COPY);
    assert_int_equal(rungs.order, HIPFX_ORDER_HOST);
    assert_false(choose("memory=copy,order=gl-timeline", &rungs, &why));
    assert_non_null(strstr(why.text, "gl-timeline"));
    why = (struct hipfx_why){0};
    assert_false(choose("memory=staged,order=vk-relay", &rungs, &why));
    assert_non_null(strstr(why.text, "staged"));
}

static int count_fds(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    assert_int_not_equal(count, 0);
    return count;
}

static void a_hundred_links_leave_no_descriptor_open(void **state)
{
    struct hipfx_rungs rungs;
    int before = 0;
    (void)state;
    assert_true(choose("", &rungs, NULL));
    for (int i = 0; i < 100; i++) {
        struct rig rig;
        rig_open(&rig, &rungs, 64 + i, 48, 0, HIPFX_PIXEL_RGBA8_SRGB);
        pass_frames(&rig, 1);
        rig_close(&rig);
        if (i == 0)
            before = count_fds();
    }
    assert_int_equal(count_fds(), before);
}

static void a_size_beyond_the_device_is_refused_with_a_reason(void **state)
{
    struct hipfx_why why = {0};
    (void)state;
    assert_false(hipfx_vk_image_can_export(vk, VK_FORMAT_R8G8B8A8_SRGB, VK_IMAGE_TILING_OPTIMAL,
                                           1u << 20, 16, &why));
    assert_non_null(strstr(why.text, "1048576x16"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rung_carries_every_frame),
        cmocka_unit_test(auto_takes_the_best_and_says_what_it_passed_over),
        cmocka_unit_test(a_forced_rung_is_taken_or_refused_with_the_reason),
        cmocka_unit_test(a_hundred_links_leave_no_descriptor_open),
        cmocka_unit_test(a_size_beyond_the_device_is_refused_with_a_reason),
    };
    if (!test_gl_open()) {
        puts("skipped: EGL offers no OpenGL context without a window");
        return 77;
    }
    int failed = cmocka_run_group_tests_name("rungs", tests, open_all, close_all);
    test_gl_close();
    return failed;
}
