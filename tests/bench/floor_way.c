#include "tests/bench/floor_way.h"
#include "tests/bench/picture.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT            HIPFX_PIXEL_RGBA8_SRGB
#define FINISH_TIMEOUT_NS UINT64_C(10000000000)

static const char *const vertex_shader =
    "#version 330\n"
    "void main() {\n"
    "    vec2 at = vec2(gl_VertexID << 1 & 2, gl_VertexID & 2);\n"
    "    gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);\n"
    "}\n";

static const char *const fragment_shader =
    "#version 330\n"
    "uniform sampler2D image;\n"
    "out vec4 color;\n"
    "void main() { color = texelFetch(image, ivec2(gl_FragCoord.xy), 0); }\n";

static GLuint create_shader(GLenum type, const char *text)
{
    const GLuint shader = glCreateShader(type);
    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    return shader;
}

static bool create_program(struct bench_passes *passes, struct hipfx_why *why)
{
    const GLuint vertex = create_shader(GL_VERTEX_SHADER, vertex_shader);
    const GLuint fragment = create_shader(GL_FRAGMENT_SHADER, fragment_shader);
    GLint linked = 0;
    passes->program = glCreateProgram();
    glAttachShader(passes->program, vertex);
    glAttachShader(passes->program, fragment);
    glLinkProgram(passes->program);
    glGetProgramiv(passes->program, GL_LINK_STATUS, &linked);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    glGenVertexArrays(1, &passes->vertices);
    return linked || hipfx_fail(why, "OpenGL does not link the bench's shaders");
}

static bool attach(GLuint *framebuffer, GLuint texture, struct hipfx_why *why)
{
    glGenFramebuffers(1, framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, *framebuffer);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE ||
           hipfx_fail(why, "OpenGL cannot draw into the texture");
}

static bool create_textures(struct bench_passes *passes, struct hipfx_why *why)
{
    const int width = passes->width_px, height = passes->height_px;
    uint8_t *picture = bench_picture((uint32_t)width, (uint32_t)height, 1);
    if (!picture)
        return hipfx_fail(why, "out of memory");
    glGenTextures(1, &passes->source);
    glGenTextures(1, &passes->target);
    bool ok = hipfx_gl_texture_storage(passes->source, FORMAT, width, height, why) &&
              hipfx_gl_texture_storage(passes->target, FORMAT, width, height, why) &&
              attach(&passes->target_fbo, passes->target, why);
    if (ok) {
        glBindTexture(GL_TEXTURE_2D, passes->source);
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, picture);
        ok = hipfx_gl_check(why, "glTexSubImage2D");
    }
    free(picture);
    return ok;
}

/* A kernel has to run, or the GPU need not turn to HIP at all. One of a single pixel is as good as
 * empty, and every provider has it. */
static bool run_kernel(const struct bench_passes *passes, struct hipfx_why *why)
{
    const struct hipfx_effect *effect = hipfx_effect_find("color");
    struct hipfx_values values = hipfx_values_default(effect);
    values.v[hipfx_param_find(effect, "exposure_ev")] = 1.0;
    struct hipfx_scratch scratch = {0}; /* this effect takes none, and keeps nothing */
    struct hipfx_effect_state state = {0};
    const struct hipfx_run run = {
        .kernels = passes->kernels,
        .stream = passes->stream,
        .scratch = &scratch,
        .state = &state,
        .area = {0, 0, 1, 1},
        .why = why,
    };
    struct hipfx_frame frames[2];
    for (int i = 0; i < 2; i++)
        frames[i] = (struct hipfx_frame){.data = (char *)passes->pixels + 256 * i,
                                         .pitch = 256,
                                         .width = 1,
                                         .height = 1,
                                         .format = FORMAT};
    return hipfx_apply(&run, effect, &values, &frames[0], &frames[1]);
}

bool bench_passes_create(struct bench_passes *passes, const struct bench_device *device,
                         int width_px, int height_px, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = device->hip;
    *passes = (struct bench_passes){.device = device, .width_px = width_px, .height_px = height_px};
    passes->kernels = hipfx_kernels_create(hip, device->ordinal, why);
    if (passes->kernels &&
        HIP(why, hip, hipStreamCreateWithFlags, &passes->stream, hipStreamNonBlocking) &&
        HIP(why, hip, hipMalloc, &passes->pixels, 512) &&
        HIP(why, hip, hipMemsetAsync, passes->pixels, 0, 512, passes->stream) &&
        create_program(passes, why) && create_textures(passes, why))
        return true;
    bench_passes_destroy(passes);
    return false;
}

void bench_passes_destroy(struct bench_passes *passes)
{
    struct hipfx_why why = {0};
    if (!passes->device)
        return;
    const struct hipfx_hip *hip = passes->device->hip;
    if (passes->stream)
        HIP(&why, hip, hipStreamSynchronize, passes->stream);
    if (passes->pixels)
        HIP(&why, hip, hipFree, passes->pixels);
    if (passes->stream)
        HIP(&why, hip, hipStreamDestroy, passes->stream);
    hipfx_kernels_destroy(&passes->kernels);
    if (why.text[0])
        hipfx_log(HIPFX_LOG_WARNING, "while freeing: %s", why.text);
    glDeleteFramebuffers(1, &passes->target_fbo);
    glDeleteTextures(1, &passes->source);
    glDeleteTextures(1, &passes->target);
    glDeleteVertexArrays(1, &passes->vertices);
    glDeleteProgram(passes->program);
    *passes = (struct bench_passes){0};
}

static bool create_image(struct bench_way *way, int i, struct hipfx_why *why)
{
    const struct bench_passes *passes = way->passes;
    struct hipfx_vk *vk = passes->device->vk;
    const VkImageTiling tiling =
        way->rungs.memory == HIPFX_MEMORY_LINEAR ? VK_IMAGE_TILING_LINEAR : VK_IMAGE_TILING_OPTIMAL;
    const bool host = passes->device->hip->kind == HIPFX_HIP_CPU;
    if (!hipfx_vk_image_create(vk, hipfx_vk_format(FORMAT), tiling, (uint32_t)passes->width_px,
                               (uint32_t)passes->height_px, host, &way->images[i], why))
        return false;
    int fd = hipfx_vk_memory_fd(vk, &way->images[i].memory, why);
    if (fd == HIPFX_FD_NONE)
        return false;
    const bool ok =
        hipfx_gl_texture_import(way->textures[i], FORMAT, passes->width_px, passes->height_px,
                                &way->images[i], &fd, &way->memory_objects[i], why);
    hipfx_fd_close(&fd);
    return ok;
}

static struct hipfx_vk_relay_side relay_side(const struct bench_way *way, int i)
{
    return (struct hipfx_vk_relay_side){
        .image = way->images[i].image,
        .width_px = (uint32_t)way->passes->width_px,
        .height_px = (uint32_t)way->passes->height_px,
    };
}

static bool create_bare(struct bench_way *way, struct hipfx_why *why)
{
    const struct bench_device *device = way->passes->device;
    if (way->rungs.memory != HIPFX_MEMORY_LINEAR && way->rungs.memory != HIPFX_MEMORY_ARRAY)
        return hipfx_fail(why, "memory=%s is never without copies",
                          hipfx_memory_name(way->rungs.memory));
    if (!create_image(way, 0, why) || !create_image(way, 1, why))
        return false;
    const struct hipfx_vk_relay_side in = relay_side(way, 0), out = relay_side(way, 1);
    if (!hipfx_vk_relay_create(device->vk, &in, &out, &way->relay, why))
        return false;
    const struct hipfx_order_params params = {
        .hip = device->hip,
        .device = device->ordinal,
        .stream = way->passes->stream,
        .vk = device->vk,
        .relay = &way->relay,
        .order = way->rungs.order,
        .gl_semaphores = device->gl.semaphore_fd &&
                         hipfx_vk_semaphore_can_export(device->vk, VK_SEMAPHORE_TYPE_BINARY),
        .input = way->textures[0],
        .output = way->textures[1],
    };
    return hipfx_order_create(&way->order, &params, why);
}

static bool create_link(struct bench_way *way, struct hipfx_why *why)
{
    const struct bench_passes *passes = way->passes;
    const struct hipfx_link_params params = {
        .hip = passes->device->hip,
        .device = passes->device->ordinal,
        .stream = passes->stream,
        .vk = passes->device->vk,
        .input = way->textures[0],
        .output = way->textures[1],
        .width_px = passes->width_px,
        .height_px = passes->height_px,
        .format = FORMAT,
    };
    way->link = hipfx_link_create(&params, &way->rungs, why);
    return way->link;
}

static bool create_kind(struct bench_way *way, struct hipfx_why *why)
{
    switch (way->kind) {
    case BENCH_WAY_BARE:
        return create_bare(way, why);
    case BENCH_WAY_LINK:
        return create_link(way, why);
    default:
        return hipfx_gl_texture_storage(way->textures[0], FORMAT, way->passes->width_px,
                                        way->passes->height_px, why);
    }
}

void bench_way_create(struct bench_way *way, const struct bench_passes *passes,
                      enum bench_way_kind kind, const struct hipfx_rungs *rungs)
{
    way->passes = passes;
    way->kind = kind;
    way->rungs = *rungs;
    glGenTextures(2, way->textures);
    if (!create_kind(way, &way->missing) ||
        !attach(&way->input_fbo, way->textures[0], &way->missing))
        bench_way_destroy(way);
}

void bench_way_destroy(struct bench_way *way)
{
    struct hipfx_vk *vk = way->passes ? way->passes->device->vk : NULL;
    struct hipfx_why why = {0};
    hipfx_link_destroy(&way->link);
    /* What does not end still uses the images: they are left then, as the link leaves its own. */
    if (!hipfx_order_destroy(&way->order) || !hipfx_gl_finish(FINISH_TIMEOUT_NS, &why)) {
        hipfx_log(HIPFX_LOG_ERROR, "a frame's work did not end: its memory is left allocated");
        return;
    }
    if (way->relay.pool)
        hipfx_vk_relay_destroy(vk, &way->relay);
    glDeleteFramebuffers(1, &way->input_fbo);
    glDeleteTextures(2, way->textures);
    for (int i = 0; i < 2; i++) {
        if (way->memory_objects[i])
            glDeleteMemoryObjectsEXT(1, &way->memory_objects[i]);
        if (way->images[i].image)
            hipfx_vk_image_destroy(vk, &way->images[i]);
        way->textures[i] = way->memory_objects[i] = 0;
    }
    way->input_fbo = 0;
}

static void draw(const struct bench_passes *passes, GLuint framebuffer, GLuint texture)
{
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glViewport(0, 0, passes->width_px, passes->height_px);
    glUseProgram(passes->program);
    glBindVertexArray(passes->vertices);
    glBindTexture(GL_TEXTURE_2D, texture);
    glDrawArrays(GL_TRIANGLES, 0, 3);
}

static bool hand_over(struct bench_way *way, struct hipfx_why *why)
{
    struct hipfx_frame in, out;
    bool ok;
    switch (way->kind) {
    case BENCH_WAY_BARE:
        if (!hipfx_order_to_hip(&way->order, why))
            return false;
        ok = run_kernel(way->passes, why);
        return hipfx_order_to_gl(&way->order, why) && ok;
    case BENCH_WAY_LINK:
        if (!hipfx_link_begin(way->link, &in, &out, why))
            return false;
        ok = run_kernel(way->passes, why);
        return hipfx_link_end(way->link, why) && ok;
    default:
        return true;
    }
}

bool bench_way_frame(struct bench_way *way, struct hipfx_why *why)
{
    const struct bench_passes *passes = way->passes;
    const bool shared = way->kind != BENCH_WAY_TWO_PASSES;
    /* As libobs draws: the textures hold sRGB, the passes see linear light. */
    glEnable(GL_FRAMEBUFFER_SRGB);
    draw(passes, way->input_fbo, passes->source);
    if (!hand_over(way, why))
        return false;
    draw(passes, passes->target_fbo, way->textures[shared]);
    return true;
}
