#include "tests/gpu/stale.h"

#include "interop/match.h"
#include "interop/timeout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TILE_PX 16

/* A delay has a random length up to the short one, and now and then is a long one: longer than a
 * GPU gives one context before the next has its turn, or work without an order between the two
 * would still run in the order in which it was given. */
#define DELAY_SHORT_NS 2000000.0
#define DELAY_LONG_NS  6000000.0
#define ONE_IS_LONG_OF 8
#define TOIL_PX        256
#define GL_ROUNDS      4096 /* to measure one by */
#define HIP_ROUNDS     16
#define SCRATCH_BYTES  ((size_t)8 << 20)

static const char vertex_source[] =
    "#version 330 core\n"
    "void main() {\n"
    "    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);\n"
    "    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);\n"
    "}\n";

/* The frame's number, the tile's, and a mix of both, as stamp_tile makes them on the host. */
static const char stamp_source[] =
    "#version 330 core\n"
    "uniform int frame;\n"
    "uniform int columns;\n"
    "out vec4 color;\n"
    "void main() {\n"
    "    ivec2 tile = ivec2(gl_FragCoord.xy) / 16;\n"
    "    int number = tile.y * columns + tile.x;\n"
    "    ivec4 bytes = ivec4(frame, frame >> 8, number, frame * 31 + number * 7) & 255;\n"
    "    color = vec4(bytes) / 255.0;\n"
    "}\n";

static const char toil_source[] = "#version 330 core\n"
                                  "uniform int rounds;\n"
                                  "out vec4 color;\n"
                                  "void main() {\n"
                                  "    uint x = uint(gl_FragCoord.x) + 1u;\n"
                                  "    for (int i = 0; i < rounds; i++)\n"
                                  "        x = x * 1664525u + (x >> 7) + uint(gl_FragCoord.y);\n"
                                  "    color = vec4(float(x & 255u) / 255.0);\n"
                                  "}\n";

static void stamp_tile(int frame, int number, uint8_t rgba[4])
{
    rgba[0] = (uint8_t)frame;
    rgba[1] = (uint8_t)(frame >> 8);
    rgba[2] = (uint8_t)number;
    rgba[3] = (uint8_t)(frame * 31 + number * 7);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static bool add_shader(GLuint program, GLenum type, const char *source, struct hipfx_why *why)
{
    const GLuint shader = glCreateShader(type);
    GLint ok = GL_FALSE;
    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (ok)
        glAttachShader(program, shader);
    glDeleteShader(shader);
    return ok || hipfx_fail(why, "a shader does not compile:\n%s", source);
}

static bool create_program(const char *fragment, GLuint *program, struct hipfx_why *why)
{
    GLint ok = GL_FALSE;
    *program = glCreateProgram();
    if (!add_shader(*program, GL_VERTEX_SHADER, vertex_source, why) ||
        !add_shader(*program, GL_FRAGMENT_SHADER, fragment, why))
        return false;
    glLinkProgram(*program);
    glGetProgramiv(*program, GL_LINK_STATUS, &ok);
    return ok || hipfx_fail(why, "a program does not link");
}

/* A framebuffer over the texture, which gets storage unless it has some. */
static bool create_target(GLuint texture, bool storage, int width, int height, GLuint *framebuffer,
                          struct hipfx_why *why)
{
    glBindTexture(GL_TEXTURE_2D, texture);
    if (storage) {
        glTexImage2D(GL_TEXTURE_2D, 0, GL_SRGB8_ALPHA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                     NULL);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 0);
    }
    glGenFramebuffers(1, framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, *framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE ||
           hipfx_fail(why, "OpenGL cannot draw into a texture");
}

static bool create_gl(struct stale *stale, struct hipfx_why *why)
{
    glGenVertexArrays(1, &stale->vertices);
    glBindVertexArray(stale->vertices);
    glGenTextures(STALE_RING, stale->ring);
    glGenTextures(1, &stale->toil_texture);
    for (int i = 0; i < STALE_RING; i++) {
        if (!create_target(stale->ring[i], true, stale->width_px, stale->height_px,
                           &stale->ring_framebuffer[i], why))
            return false;
    }
    return create_target(stale->toil_texture, true, TOIL_PX, TOIL_PX, &stale->toil_framebuffer,
                         why) &&
           create_program(stamp_source, &stale->stamp, why) &&
           create_program(toil_source, &stale->toil, why);
}

static const struct hipfx_hip *open_provider(struct stale *stale, enum hipfx_hip_kind kind,
                                             struct hipfx_why *why)
{
    const struct hipfx_hip *hip = hipfx_hip_open(kind, why);
    const bool ok = hip && hipfx_match_device(hip, stale->vk, &stale->device, why) &&
                    HIP(why, hip, hipSetDevice, stale->device);
    return ok ? hip : NULL;
}

static const struct hipfx_hip *open_hip(struct stale *stale, enum hipfx_hip_kind wanted,
                                        struct hipfx_why *why)
{
    static const enum hipfx_hip_kind ladder[] = {HIPFX_HIP_AMD, HIPFX_HIP_NVIDIA, HIPFX_HIP_CPU};
    if (wanted)
        return open_provider(stale, wanted, why);
    for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
        struct hipfx_why reason = {0};
        const struct hipfx_hip *hip = open_provider(stale, ladder[i], &reason);
        if (hip)
            return hip;
    }
    hipfx_fail(why, "no device runs HIP");
    return NULL;
}

static struct hipfx_vk *open_vk(struct hipfx_why *why)
{
    const struct hipfx_gl_caps gl = hipfx_gl_query();
    const struct hipfx_vk_params params = {
        .device_uuid = gl.device_uuid,
        .driver_uuid = gl.driver_uuid,
    };
    return hipfx_vk_create(&params, why);
}

static void toil_in_gl(const struct stale *stale, int rounds)
{
    glBindFramebuffer(GL_FRAMEBUFFER, stale->toil_framebuffer);
    glViewport(0, 0, TOIL_PX, TOIL_PX);
    glUseProgram(stale->toil);
    glUniform1i(glGetUniformLocation(stale->toil, "rounds"), rounds);
    glDrawArrays(GL_TRIANGLES, 0, 3);
}

static bool toil_in_hip(const struct stale *stale, int rounds, struct hipfx_why *why)
{
    for (int i = 0; i < rounds; i++) {
        if (!HIP(why, stale->hip, hipMemsetAsync, stale->scratch, i, SCRATCH_BYTES, stale->stream))
            return false;
    }
    return true;
}

/* The first turn of each only warms up. */
static bool measure_toil(struct stale *stale, struct hipfx_why *why)
{
    for (int turn = 0; turn < 2; turn++) {
        const double gl_ns = now_ns();
        toil_in_gl(stale, GL_ROUNDS);
        glFinish();
        stale->gl_round_ns = (now_ns() - gl_ns) / GL_ROUNDS;
        const double hip_ns = now_ns();
        if (!toil_in_hip(stale, HIP_ROUNDS, why) ||
            !HIP(why, stale->hip, hipStreamSynchronize, stale->stream))
            return false;
        stale->hip_round_ns = (now_ns() - hip_ns) / HIP_ROUNDS;
    }
    return true;
}

bool stale_open(struct stale *stale, const struct stale_params *params, struct hipfx_why *why)
{
    *stale = (struct stale){.width_px = params->width_px, .height_px = params->height_px};
    const size_t row = (size_t)params->width_px * 4;
    stale->pixels = malloc(row * (size_t)params->height_px);
    stale->wanted = malloc(row);
    if (!stale->pixels || !stale->wanted)
        return hipfx_fail(why, "out of memory");
    stale->vk = open_vk(why);
    stale->hip = stale->vk ? open_hip(stale, params->device, why) : NULL;
    return stale->hip &&
           HIP(why, stale->hip, hipStreamCreateWithFlags, &stale->stream, hipStreamNonBlocking) &&
           HIP(why, stale->hip, hipMalloc, &stale->scratch, SCRATCH_BYTES) &&
           create_gl(stale, why) && measure_toil(stale, why);
}

void stale_close(struct stale *stale)
{
    const struct hipfx_hip *hip = stale->hip;
    struct hipfx_why why = {0};
    if (stale->stream && (!HIP(&why, hip, hipStreamSynchronize, stale->stream) ||
                          !HIP(&why, hip, hipStreamDestroy, stale->stream)))
        fprintf(stderr, "%s\n", why.text);
    if (stale->scratch && !HIP(&why, hip, hipFree, stale->scratch))
        fprintf(stderr, "%s\n", why.text);
    glDeleteFramebuffers(STALE_RING, stale->ring_framebuffer);
    glDeleteTextures(STALE_RING, stale->ring);
    glDeleteFramebuffers(1, &stale->toil_framebuffer);
    glDeleteTextures(1, &stale->toil_texture);
    glDeleteProgram(stale->stamp);
    glDeleteProgram(stale->toil);
    glDeleteVertexArrays(1, &stale->vertices);
    hipfx_vk_destroy(&stale->vk);
    free(stale->pixels);
    free(stale->wanted);
    *stale = (struct stale){0};
}

bool stale_choose(const struct stale *stale, const struct hipfx_force *force,
                  struct hipfx_rungs *rungs, struct hipfx_why *why)
{
    const struct hipfx_link_params params = {
        .hip = stale->hip,
        .device = stale->device,
        .stream = stale->stream,
        .vk = stale->vk,
        .format = HIPFX_PIXEL_RGBA8_SRGB,
    };
    return hipfx_link_choose(&params, force, rungs, why);
}

/* The link between two textures, and the frames that went through it. */
struct course {
    struct stale *stale;
    struct hipfx_link *link;
    GLuint textures[2], framebuffers[2];
    uint32_t random;
};

static bool course_open(struct course *course, struct stale *stale, const struct hipfx_rungs *rungs,
                        struct hipfx_why *why)
{
    *course = (struct course){.stale = stale, .random = 1};
    glGenTextures(2, course->textures);
    const struct hipfx_link_params params = {
        .hip = stale->hip,
        .device = stale->device,
        .stream = stale->stream,
        .vk = stale->vk,
        .input = course->textures[0],
        .output = course->textures[1],
        .width_px = stale->width_px,
        .height_px = stale->height_px,
        .format = HIPFX_PIXEL_RGBA8_SRGB,
    };
    course->link = hipfx_link_create(&params, rungs, why);
    return course->link &&
           create_target(course->textures[0], false, 0, 0, &course->framebuffers[0], why) &&
           create_target(course->textures[1], false, 0, 0, &course->framebuffers[1], why);
}

static void course_close(struct course *course)
{
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(2, course->framebuffers);
    hipfx_link_destroy(&course->link);
    glDeleteTextures(2, course->textures);
}

static unsigned next_random(struct course *course)
{
    course->random = course->random * 1664525 + 1013904223;
    return course->random >> 16;
}

/* True in one frame of `n`. */
static bool one_in(struct course *course, unsigned n)
{
    return next_random(course) % n == 0;
}

/* In one case of four a delay, otherwise 0. */
static double random_delay_ns(struct course *course, bool delays)
{
    if (!delays || !one_in(course, 4))
        return 0.0;
    if (one_in(course, ONE_IS_LONG_OF))
        return DELAY_LONG_NS;
    return DELAY_SHORT_NS * (next_random(course) % 1000) * 1e-3;
}

static void delay_gl(const struct stale *stale, double ns)
{
    if (ns > 0.0)
        toil_in_gl(stale, (int)fmin(ns / stale->gl_round_ns + 1.0, 1e6));
}

static void pause_stream(void *us)
{
    usleep((unsigned)(uintptr_t)us);
}

static void draw_stamp(const struct course *course, int frame)
{
    const struct stale *stale = course->stale;
    glBindFramebuffer(GL_FRAMEBUFFER, course->framebuffers[0]);
    glViewport(0, 0, stale->width_px, stale->height_px);
    glUseProgram(stale->stamp);
    glUniform1i(glGetUniformLocation(stale->stamp, "frame"), frame);
    glUniform1i(glGetUniformLocation(stale->stamp, "columns"),
                (stale->width_px + TILE_PX - 1) / TILE_PX);
    glDrawArrays(GL_TRIANGLES, 0, 3);
}

static void keep_output(const struct course *course, int slot)
{
    const struct stale *stale = course->stale;
    const int w = stale->width_px, h = stale->height_px;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, course->framebuffers[1]);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, stale->ring_framebuffer[slot]);
    glBlitFramebuffer(0, 0, w, h, 0, 0, w, h, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

static bool work_on_stream(struct course *course, bool delays, const struct hipfx_frame *in,
                           const struct hipfx_frame *out, struct hipfx_why *why)
{
    const struct stale *stale = course->stale;
    const struct hipfx_hip *hip = stale->hip;
    const double toil_ns = random_delay_ns(course, delays);
    const double pause_ns = random_delay_ns(course, delays);
    void *const pause_us = (void *)(uintptr_t)(pause_ns * 1e-3);
    if (toil_ns > 0.0 &&
        !toil_in_hip(stale, (int)fmin(toil_ns / stale->hip_round_ns + 1.0, 1e6), why))
        return false;
    if (pause_us && hip->hipLaunchHostFunc &&
        !HIP(why, hip, hipLaunchHostFunc, stale->stream, pause_stream, pause_us))
        return false;
    return HIP(why, hip, hipMemcpy2DAsync, out->data, out->pitch, in->data, in->pitch,
               (size_t)stale->width_px * 4, (size_t)stale->height_px, hipMemcpyDeviceToDevice,
               stale->stream);
}

static bool pass_frame(struct course *course, int frame, bool delays, struct hipfx_why *why)
{
    const struct stale *stale = course->stale;
    struct hipfx_frame in, out;
    delay_gl(stale, random_delay_ns(course, delays));
    draw_stamp(course, frame);
    if (!hipfx_link_begin(course->link, &in, &out, why))
        return false;
    const bool worked = work_on_stream(course, delays, &in, &out, why);
    if (delays && one_in(course, 8))
        usleep(next_random(course) % 1000);
    if (!hipfx_link_end(course->link, why) || !worked)
        return false;
    delay_gl(stale, random_delay_ns(course, delays));
    keep_output(course, frame % STALE_RING);
    return true;
}

static bool row_differs(const struct stale *stale, int frame, int y, struct stale_result *result)
{
    const uint8_t *got = stale->pixels + (size_t)y * (size_t)stale->width_px * 4;
    if (memcmp(got, stale->wanted, (size_t)stale->width_px * 4) == 0)
        return false;
    if (result->first[0])
        return true;
    int x = 0;
    while (memcmp(got + (size_t)x * 4, stale->wanted + (size_t)x * 4, 4) == 0)
        x++;
    const uint8_t *p = got + (size_t)x * 4, *w = stale->wanted + (size_t)x * 4;
    snprintf(result->first, sizeof(result->first),
             "frame %d at %d,%d: %d %d %d %d instead of %d %d %d %d", frame, x, y, p[0], p[1], p[2],
             p[3], w[0], w[1], w[2], w[3]);
    return true;
}

static void look_at(struct stale *stale, int frame, struct stale_result *result)
{
    const int columns = (stale->width_px + TILE_PX - 1) / TILE_PX;
    bool wrong = false;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, stale->ring_framebuffer[frame % STALE_RING]);
    glReadPixels(0, 0, stale->width_px, stale->height_px, GL_RGBA, GL_UNSIGNED_BYTE, stale->pixels);
    for (int y = 0; y < stale->height_px && !wrong; y++) {
        for (int x = 0; x < stale->width_px && y % TILE_PX == 0; x++)
            stamp_tile(frame, y / TILE_PX * columns + x / TILE_PX, stale->wanted + (size_t)x * 4);
        wrong = row_differs(stale, frame, y, result);
    }
    result->wrong += wrong;
    result->frames++;
}

bool stale_run(struct stale *stale, const struct hipfx_rungs *rungs, enum stale_pace pace,
               int frames, bool stop_when_wrong, struct stale_result *result, struct hipfx_why *why)
{
    struct course course;
    *result = (struct stale_result){0};
    bool ok = course_open(&course, stale, rungs, why);
    for (int frame = 0; ok && frame < frames; frame++) {
        ok = pass_frame(&course, frame, pace == STALE_DELAYED, why);
        const bool full = frame % STALE_RING == STALE_RING - 1 || frame == frames - 1;
        if (!ok || !full)
            continue;
        /* Bounded: somebody who waits for what nobody signals is to be told of, too. */
        ok = hipfx_hip_wait_stream(stale->hip, stale->stream, HIPFX_FRAME_TIMEOUT_NS, why) &&
             hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why) && hipfx_gl_check(why, "a frame");
        for (int i = frame - frame % STALE_RING; ok && i <= frame; i++)
            look_at(stale, i, result);
        if (stop_when_wrong && result->wrong)
            break;
    }
    course_close(&course);
    return ok;
}
