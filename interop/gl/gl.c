#include "interop/gl/gl.h"

#include <stdio.h>
#include <string.h>

static const struct {
    GLenum internal_format, type;
    VkFormat vk_format;
    int bytes;
} formats[] = {
    [HIPFX_PIXEL_RGBA8_SRGB] = {GL_SRGB8_ALPHA8, GL_UNSIGNED_BYTE, VK_FORMAT_R8G8B8A8_SRGB, 4},
    [HIPFX_PIXEL_RGBA16F] = {GL_RGBA16F, GL_HALF_FLOAT, VK_FORMAT_R16G16B16A16_SFLOAT, 8},
};

GLenum hipfx_gl_internal_format(enum hipfx_pixel format)
{
    return formats[format].internal_format;
}

VkFormat hipfx_vk_format(enum hipfx_pixel format)
{
    return formats[format].vk_format;
}

int hipfx_pixel_bytes(enum hipfx_pixel format)
{
    return formats[format].bytes;
}

static const char *error_name(GLenum error)
{
    switch (error) {
    case GL_INVALID_ENUM:
        return "GL_INVALID_ENUM";
    case GL_INVALID_VALUE:
        return "GL_INVALID_VALUE";
    case GL_INVALID_OPERATION:
        return "GL_INVALID_OPERATION";
    case GL_INVALID_FRAMEBUFFER_OPERATION:
        return "GL_INVALID_FRAMEBUFFER_OPERATION";
    case GL_OUT_OF_MEMORY:
        return "GL_OUT_OF_MEMORY";
    default:
        return "an unknown GL error";
    }
}

bool hipfx_gl_check(struct hipfx_why *why, const char *call)
{
    return hipfx_gl_check_error(why, call, glGetError());
}

bool hipfx_gl_check_error(struct hipfx_why *why, const char *call, GLenum error)
{
    if (error == GL_NO_ERROR)
        return true;
    hipfx_gl_clear_errors();
    return hipfx_fail(why, "%s failed: %s", call, error_name(error));
}

void hipfx_gl_clear_errors(void)
{
    /* Bounded: a lost context reports an error for ever. */
    for (int i = 0; i < 16 && glGetError() != GL_NO_ERROR; i++)
        ;
}

static void copy_string(char *out, size_t size, GLenum name)
{
    const GLubyte *text = glGetString(name);
    snprintf(out, size, "%s", text ? (const char *)text : "unknown");
}

struct hipfx_gl_caps hipfx_gl_query(void)
{
    hipfx_gl_clear_errors();
    struct hipfx_gl_caps caps = {0};
    copy_string(caps.renderer, sizeof(caps.renderer), GL_RENDERER);
    copy_string(caps.version, sizeof(caps.version), GL_VERSION);
    caps.memory_fd = epoxy_has_gl_extension("GL_EXT_memory_object_fd");
    caps.semaphore_fd = epoxy_has_gl_extension("GL_EXT_semaphore_fd");
    caps.buffer_storage =
        epoxy_gl_version() >= 44 || epoxy_has_gl_extension("GL_ARB_buffer_storage");
    if (epoxy_has_gl_extension("GL_EXT_memory_object")) {
        struct hipfx_why why = {0};
        caps.has_uuid =
            GL(&why, glGetUnsignedBytei_vEXT, GL_DEVICE_UUID_EXT, 0, caps.device_uuid) &&
            GL(&why, glGetUnsignedBytevEXT, GL_DRIVER_UUID_EXT, caps.driver_uuid);
    }
    return caps;
}

bool hipfx_gl_has_tiling(enum hipfx_pixel format, VkImageTiling tiling)
{
    const GLint wanted =
        tiling == VK_IMAGE_TILING_LINEAR ? GL_LINEAR_TILING_EXT : GL_OPTIMAL_TILING_EXT;
    const GLenum internal = hipfx_gl_internal_format(format);
    GLint types[8] = {0};
    GLint count = 0;
    struct hipfx_why why = {0};
    hipfx_gl_clear_errors();
    if (!GL(&why, glGetInternalformativ, GL_TEXTURE_2D, internal, GL_NUM_TILING_TYPES_EXT, 1,
            &count) ||
        !GL(&why, glGetInternalformativ, GL_TEXTURE_2D, internal, GL_TILING_TYPES_EXT, 8, types))
        return false;
    for (int i = 0; i < count && i < 8; i++) {
        if (types[i] == wanted)
            return true;
    }
    return false;
}

/* Binds a texture and remembers what was bound. */
static GLint bind_texture(GLuint texture)
{
    GLint before = 0;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &before);
    glBindTexture(GL_TEXTURE_2D, texture);
    return before;
}

bool hipfx_gl_texture_import(GLuint texture, enum hipfx_pixel format, int width_px, int height_px,
                             const struct hipfx_vk_image *image, int *fd, GLuint *memory_object,
                             struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    *memory_object = 0;
    if (!GL(why, glCreateMemoryObjectsEXT, 1, memory_object))
        return false;
    GLint dedicated = image->memory.dedicated;
    if (!GL(why, glMemoryObjectParameterivEXT, *memory_object, GL_DEDICATED_MEMORY_OBJECT_EXT,
            &dedicated) ||
        !GL(why, glImportMemoryFdEXT, *memory_object, image->memory.size,
            GL_HANDLE_TYPE_OPAQUE_FD_EXT, *fd))
        goto error;
    *fd = HIPFX_FD_NONE; /* GL owns it now */

    GLint tiling =
        image->tiling == VK_IMAGE_TILING_LINEAR ? GL_LINEAR_TILING_EXT : GL_OPTIMAL_TILING_EXT;
    GLint before = bind_texture(texture);
    bool ok = GL(why, glTexParameteri, GL_TEXTURE_2D, GL_TEXTURE_TILING_EXT, tiling) &&
              GL(why, glTexStorageMem2DEXT, GL_TEXTURE_2D, 1, hipfx_gl_internal_format(format),
                 width_px, height_px, *memory_object, 0);
    glBindTexture(GL_TEXTURE_2D, (GLuint)before);
    if (ok)
        return true;

error:
    glDeleteMemoryObjectsEXT(1, memory_object);
    *memory_object = 0;
    return false;
}

bool hipfx_gl_texture_storage(GLuint texture, enum hipfx_pixel format, int width_px, int height_px,
                              struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    GLint before = bind_texture(texture);
    bool ok = GL(why, glTexStorage2D, GL_TEXTURE_2D, 1, hipfx_gl_internal_format(format), width_px,
                 height_px);
    glBindTexture(GL_TEXTURE_2D, (GLuint)before);
    return ok;
}

bool hipfx_gl_finish(uint64_t timeout_ns, struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    GLsync fence = HIPFX_FAULT_POINT(HIPFX_FAULT_GL, "glFenceSync", NULL,
                                     glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0));
    if (!fence)
        return hipfx_gl_check(why, "glFenceSync") && hipfx_fail(why, "glFenceSync gave no fence");
    GLenum state =
        HIPFX_FAULT_POINT(HIPFX_FAULT_GL, "glClientWaitSync", GL_WAIT_FAILED,
                          glClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, timeout_ns));
    glDeleteSync(fence);
    if (state == GL_TIMEOUT_EXPIRED)
        return hipfx_fail(why, "OpenGL did not finish a frame within %.1f s",
                          (double)timeout_ns * 1e-9);
    if (state == GL_WAIT_FAILED)
        return hipfx_gl_check(why, "glClientWaitSync") &&
               hipfx_fail(why, "glClientWaitSync failed");
    return true;
}

bool hipfx_gl_stage_create(struct hipfx_gl_stage *stage, size_t size, bool for_reading,
                           struct hipfx_why *why)
{
    const GLbitfield flags = (for_reading ? GL_MAP_READ_BIT : GL_MAP_WRITE_BIT) |
                             GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
    const GLenum target = for_reading ? GL_PIXEL_PACK_BUFFER : GL_PIXEL_UNPACK_BUFFER;
    GLint before = 0;
    *stage = (struct hipfx_gl_stage){0};
    hipfx_gl_clear_errors();
    glGetIntegerv(for_reading ? GL_PIXEL_PACK_BUFFER_BINDING : GL_PIXEL_UNPACK_BUFFER_BINDING,
                  &before);
    bool ok = GL(why, glGenBuffers, 1, &stage->buffer);
    glBindBuffer(target, stage->buffer);
    ok = ok && GL(why, glBufferStorage, target, (GLsizeiptr)size, NULL, flags);
    if (ok) {
        stage->host = HIPFX_FAULT_POINT(HIPFX_FAULT_GL, "glMapBufferRange", NULL,
                                        glMapBufferRange(target, 0, (GLsizeiptr)size, flags));
        ok = hipfx_gl_check(why, "glMapBufferRange") &&
             (stage->host || hipfx_fail(why, "glMapBufferRange gave no memory"));
    }
    glBindBuffer(target, (GLuint)before);
    if (!ok)
        hipfx_gl_stage_destroy(stage);
    return ok;
}

/* Deleting unmaps. */
void hipfx_gl_stage_destroy(struct hipfx_gl_stage *stage)
{
    if (stage->buffer)
        glDeleteBuffers(1, &stage->buffer);
    *stage = (struct hipfx_gl_stage){0};
}

/* Pixel-store state under which rows are packed without gaps. */
struct pixel_store {
    GLint alignment, row_length, skip_rows, skip_pixels;
};

static struct pixel_store set_pixel_store(bool pack, struct pixel_store store)
{
    const GLenum names[2][4] = {
        {GL_UNPACK_ALIGNMENT, GL_UNPACK_ROW_LENGTH, GL_UNPACK_SKIP_ROWS, GL_UNPACK_SKIP_PIXELS},
        {GL_PACK_ALIGNMENT, GL_PACK_ROW_LENGTH, GL_PACK_SKIP_ROWS, GL_PACK_SKIP_PIXELS},
    };
    const GLenum *name = names[pack];
    struct pixel_store before;
    glGetIntegerv(name[0], &before.alignment);
    glGetIntegerv(name[1], &before.row_length);
    glGetIntegerv(name[2], &before.skip_rows);
    glGetIntegerv(name[3], &before.skip_pixels);
    glPixelStorei(name[0], store.alignment);
    glPixelStorei(name[1], store.row_length);
    glPixelStorei(name[2], store.skip_rows);
    glPixelStorei(name[3], store.skip_pixels);
    return before;
}

bool hipfx_gl_stage_read(const struct hipfx_gl_stage *stage, GLuint texture,
                         enum hipfx_pixel format, struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    GLint buffer_before = 0;
    glGetIntegerv(GL_PIXEL_PACK_BUFFER_BINDING, &buffer_before);
    struct pixel_store store_before = set_pixel_store(true, (struct pixel_store){.alignment = 4});
    GLint texture_before = bind_texture(texture);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, stage->buffer);

    bool ok = GL(why, glGetTexImage, GL_TEXTURE_2D, 0, GL_RGBA, formats[format].type, NULL);

    glBindBuffer(GL_PIXEL_PACK_BUFFER, (GLuint)buffer_before);
    glBindTexture(GL_TEXTURE_2D, (GLuint)texture_before);
    set_pixel_store(true, store_before);
    return ok;
}

bool hipfx_gl_stage_write(const struct hipfx_gl_stage *stage, GLuint texture,
                          enum hipfx_pixel format, int width_px, int height_px,
                          struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    GLint buffer_before = 0;
    glGetIntegerv(GL_PIXEL_UNPACK_BUFFER_BINDING, &buffer_before);
    struct pixel_store store_before = set_pixel_store(false, (struct pixel_store){.alignment = 4});
    GLint texture_before = bind_texture(texture);
    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, stage->buffer);

    bool ok = GL(why, glTexSubImage2D, GL_TEXTURE_2D, 0, 0, 0, width_px, height_px, GL_RGBA,
                 formats[format].type, NULL);

    glBindBuffer(GL_PIXEL_UNPACK_BUFFER, (GLuint)buffer_before);
    glBindTexture(GL_TEXTURE_2D, (GLuint)texture_before);
    set_pixel_store(false, store_before);
    return ok;
}
