/* Which rungs this device has, decided by capability before any call that could fail, and then
 * proved by pixels: what an import returns does not tell whether the two sides see the same bytes.
 */
#include "interop/gl/semaphore.h"
#include "interop/link.h"
#include "interop/timeout.h"

#include <string.h>

#define PROOF_PX   64
#define PROOF_CELL 16

static const char *missing_image(const struct hipfx_link_params *params,
                                 const struct hipfx_gl_caps *gl, VkImageTiling tiling)
{
    if (!params->vk)
        return "there is no Vulkan device";
    if (!params->vk->external_memory_fd)
        return "the Vulkan driver has no VK_KHR_external_memory_fd";
    if (!gl->memory_fd)
        return "OpenGL has no GL_EXT_memory_object_fd";
    const bool linear = tiling == VK_IMAGE_TILING_LINEAR;
    if (!hipfx_gl_has_tiling(params->format, tiling))
        return linear ? "OpenGL takes no LINEAR images" : "OpenGL takes no OPTIMAL images";
    if (!hipfx_vk_image_can_export(params->vk, hipfx_vk_format(params->format), tiling, PROOF_PX,
                                   PROOF_PX, NULL))
        return linear ? "Vulkan exports no LINEAR image of this format"
                      : "Vulkan exports no OPTIMAL image of this format";
    return NULL;
}

static const char *missing_array(const struct hipfx_link_params *params,
                                 const struct hipfx_gl_caps *gl)
{
    switch (params->hip->kind) {
    case HIPFX_HIP_CPU:
        return "HIP on the CPU has no arrays";
    case HIPFX_HIP_AMD:
        return "AMD's runtime lays arrays out by its own rules, not as Vulkan does";
    default:
        return missing_image(params, gl, VK_IMAGE_TILING_OPTIMAL);
    }
}

static const char *missing_staged(const struct hipfx_link_params *params,
                                  const struct hipfx_gl_caps *gl, const struct hipfx_force *force)
{
    if (!gl->buffer_storage)
        return "OpenGL has no GL_ARB_buffer_storage";
    if (force->memory == HIPFX_MEMORY_STAGED)
        return NULL;
    /* A driver that lacks what this filter exists for is to be mended, not worked around in silence
     * at the cost of every frame. */
    if (!params->vk || !params->vk->external_memory_fd)
        return "taken only when forced where Vulkan cannot share memory";
    return NULL;
}

/* A semaphore of Vulkan's that HIP takes part in. */
static const char *missing_semaphore(const struct hipfx_link_params *params, VkSemaphoreType type)
{
    if (!params->hip->imports_semaphores)
        return "HIP imports no semaphores";
    if (!params->vk || !hipfx_vk_semaphore_can_export(params->vk, type))
        return "Vulkan exports no such semaphore";
    return NULL;
}

static const char *missing_relay(const struct hipfx_link_params *params)
{
    if (!params->vk)
        return "there is no Vulkan device";
    if (params->hip->hipLaunchHostFunc || !missing_semaphore(params, VK_SEMAPHORE_TYPE_TIMELINE))
        return NULL;
    return "HIP neither imports timelines nor has hipLaunchHostFunc";
}

static struct hipfx_rungs_missing find_missing(const struct hipfx_link_params *params,
                                               const struct hipfx_gl_caps *gl,
                                               const struct hipfx_force *force)
{
    struct hipfx_rungs_missing missing = {0};
    missing.memory[HIPFX_MEMORY_LINEAR] = missing_image(params, gl, VK_IMAGE_TILING_LINEAR);
    missing.memory[HIPFX_MEMORY_ARRAY] = missing_array(params, gl);
    missing.memory[HIPFX_MEMORY_COPY] = missing_image(params, gl, VK_IMAGE_TILING_OPTIMAL);
    if (missing.memory[HIPFX_MEMORY_COPY] && !missing.memory[HIPFX_MEMORY_LINEAR])
        missing.memory[HIPFX_MEMORY_COPY] = NULL;
    missing.memory[HIPFX_MEMORY_STAGED] = missing_staged(params, gl, force);

    missing.order[HIPFX_ORDER_GL_TIMELINE] =
        !hipfx_gl_has_timeline() ? "OpenGL has no GL_NV_timeline_semaphore"
                                 : missing_semaphore(params, VK_SEMAPHORE_TYPE_TIMELINE);
    missing.order[HIPFX_ORDER_GL_BINARY] =
        !gl->semaphore_fd ? "OpenGL has no GL_EXT_semaphore_fd"
                          : missing_semaphore(params, VK_SEMAPHORE_TYPE_BINARY);
    missing.order[HIPFX_ORDER_VK_RELAY] = missing_relay(params);
    return missing;
}

/* A colour for each cell, all channels different, none of them what a fresh texture holds. */
static void cell_color(int cell, uint8_t rgba[4])
{
    rgba[0] = (uint8_t)(17 + cell * 13);
    rgba[1] = (uint8_t)(241 - cell * 11);
    rgba[2] = (uint8_t)(cell * 7 + 3);
    rgba[3] = (uint8_t)(255 - cell * 5);
}

static void draw_pattern(GLuint framebuffer)
{
    const int columns = PROOF_PX / PROOF_CELL;
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, framebuffer);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    glDisable(GL_FRAMEBUFFER_SRGB);
    glEnable(GL_SCISSOR_TEST);
    for (int cell = 0; cell < columns * columns; cell++) {
        uint8_t rgba[4];
        cell_color(cell, rgba);
        glScissor(cell % columns * PROOF_CELL, cell / columns * PROOF_CELL, PROOF_CELL, PROOF_CELL);
        glClearColor(rgba[0] / 255.0f, rgba[1] / 255.0f, rgba[2] / 255.0f, rgba[3] / 255.0f);
        glClear(GL_COLOR_BUFFER_BIT);
    }
}

static bool pattern_came_back(GLuint framebuffer, struct hipfx_why *why)
{
    static const int columns = PROOF_PX / PROOF_CELL;
    uint8_t pixels[PROOF_PX * PROOF_PX * 4];
    GLint pack_buffer = 0, alignment = 0;
    glGetIntegerv(GL_PIXEL_PACK_BUFFER_BINDING, &pack_buffer);
    glGetIntegerv(GL_PACK_ALIGNMENT, &alignment);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    glPixelStorei(GL_PACK_ALIGNMENT, 4);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer);
    const bool read =
        GL(why, glReadPixels, 0, 0, PROOF_PX, PROOF_PX, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    glPixelStorei(GL_PACK_ALIGNMENT, alignment);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, (GLuint)pack_buffer);
    if (!read)
        return false;

    for (int i = 0; i < PROOF_PX * PROOF_PX; i++) {
        int cell = i / PROOF_PX / PROOF_CELL * columns + i % PROOF_PX / PROOF_CELL;
        uint8_t wanted[4];
        cell_color(cell, wanted);
        if (memcmp(pixels + (size_t)i * 4, wanted, 4) != 0)
            return hipfx_fail(why, "a test frame came back with other pixels");
    }
    return true;
}

/* GL state that the proof changes. */
struct gl_state {
    GLint draw, read, scissor[4];
    GLfloat clear[4];
    GLboolean mask[4];
    GLboolean scissor_on, srgb_on;
};

static struct gl_state save_state(void)
{
    struct gl_state state;
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &state.draw);
    glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &state.read);
    glGetIntegerv(GL_SCISSOR_BOX, state.scissor);
    glGetFloatv(GL_COLOR_CLEAR_VALUE, state.clear);
    glGetBooleanv(GL_COLOR_WRITEMASK, state.mask);
    state.scissor_on = glIsEnabled(GL_SCISSOR_TEST);
    state.srgb_on = glIsEnabled(GL_FRAMEBUFFER_SRGB);
    return state;
}

static void restore_state(const struct gl_state *state)
{
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, (GLuint)state->draw);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, (GLuint)state->read);
    glScissor(state->scissor[0], state->scissor[1], state->scissor[2], state->scissor[3]);
    glClearColor(state->clear[0], state->clear[1], state->clear[2], state->clear[3]);
    glColorMask(state->mask[0], state->mask[1], state->mask[2], state->mask[3]);
    if (!state->scissor_on)
        glDisable(GL_SCISSOR_TEST);
    if (state->srgb_on)
        glEnable(GL_FRAMEBUFFER_SRGB);
}

static bool go_round(struct hipfx_link *link, const struct hipfx_link_params *params,
                     const GLuint framebuffers[2], struct hipfx_why *why)
{
    struct hipfx_frame in, out;
    draw_pattern(framebuffers[0]);
    if (!hipfx_link_begin(link, &in, &out, why))
        return false;
    const size_t row = (size_t)in.width * (size_t)hipfx_pixel_bytes(params->format);
    bool ok = HIP(why, params->hip, hipMemcpy2DAsync, out.data, out.pitch, in.data, in.pitch, row,
                  (size_t)in.height, hipMemcpyDeviceToDevice, params->stream);
    /* glReadPixels waits without a bound, and it may be for HIP. */
    return hipfx_link_end(link, why) && ok && hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, why) &&
           pattern_came_back(framebuffers[1], why);
}

static bool prove(const struct hipfx_link_params *like, const struct hipfx_rungs *rungs,
                  struct hipfx_why *why)
{
    struct hipfx_link_params params = *like;
    GLuint textures[2] = {0}, framebuffers[2] = {0};
    hipfx_gl_clear_errors();
    const struct gl_state state = save_state();
    const bool named =
        GL(why, glGenTextures, 2, textures) && GL(why, glGenFramebuffers, 2, framebuffers);
    params.input = textures[0];
    params.output = textures[1];
    params.width_px = params.height_px = PROOF_PX;
    params.surfaces = false; /* there is no kernel here */

    struct hipfx_link *link = named ? hipfx_link_create(&params, rungs, why) : NULL;
    bool ok = link;
    for (int i = 0; ok && i < 2; i++) {
        glBindFramebuffer(GL_FRAMEBUFFER, framebuffers[i]);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, textures[i], 0);
        ok = HIPFX_FAULT_POINT(
                 HIPFX_FAULT_GL, "glCheckFramebufferStatus", GL_FRAMEBUFFER_UNSUPPORTED,
                 glCheckFramebufferStatus(GL_FRAMEBUFFER)) == GL_FRAMEBUFFER_COMPLETE ||
             hipfx_fail(why, "OpenGL cannot draw into the shared image");
    }
    ok = ok && go_round(link, &params, framebuffers, why);

    restore_state(&state);
    glDeleteFramebuffers(2, framebuffers);
    hipfx_link_abandon(&link);
    glDeleteTextures(2, textures);
    return ok;
}

bool hipfx_link_choose(const struct hipfx_link_params *params, const struct hipfx_force *force,
                       struct hipfx_rungs *rungs, struct hipfx_why *why)
{
    const struct hipfx_gl_caps gl = hipfx_gl_query();
    struct hipfx_rungs_missing missing = find_missing(params, &gl, force);
    struct hipfx_why failed[HIPFX_MEMORY_COUNT] = {0};

    /* Each turn takes a rung away, so this ends. */
    while (hipfx_rungs_choose(&missing, force, rungs, why)) {
        struct hipfx_why *reason = &failed[rungs->memory];
        if (prove(params, rungs, reason))
            return true;
        if (force->memory)
            return hipfx_fail(why, "memory=%s was forced, but its test frame failed: %s",
                              hipfx_memory_name(rungs->memory), reason->text);
        missing.memory[rungs->memory] = reason->text;
    }
    return false;
}
