#include "interop/gl/semaphore.h"

#include <epoxy/egl.h>

/* GL_NV_timeline_semaphore is younger than libepoxy 1.5.10, so its names and entry points stand
 * here. https://registry.khronos.org/OpenGL/extensions/NV/NV_timeline_semaphore.txt */
#define SEMAPHORE_TYPE_NV           0x95B3
#define SEMAPHORE_TYPE_TIMELINE_NV  0x95B5
#define TIMELINE_SEMAPHORE_VALUE_NV 0x9595

typedef void (*create_semaphores_fn)(GLsizei count, GLuint *names);
typedef void (*semaphore_parameteriv_fn)(GLuint name, GLenum parameter, const GLint *value);

static create_semaphores_fn create_semaphores(void)
{
    return (create_semaphores_fn)eglGetProcAddress("glCreateSemaphoresNV");
}

static semaphore_parameteriv_fn semaphore_parameteriv(void)
{
    return (semaphore_parameteriv_fn)eglGetProcAddress("glSemaphoreParameterivNV");
}

bool hipfx_gl_has_timeline(void)
{
    return epoxy_has_gl_extension("GL_EXT_semaphore_fd") &&
           epoxy_has_gl_extension("GL_NV_timeline_semaphore") && create_semaphores() &&
           semaphore_parameteriv();
}

static bool create_timeline(struct hipfx_gl_semaphore *semaphore, struct hipfx_why *why)
{
    const create_semaphores_fn glCreateSemaphoresNV = create_semaphores();
    const semaphore_parameteriv_fn glSemaphoreParameterivNV = semaphore_parameteriv();
    const GLint type = SEMAPHORE_TYPE_TIMELINE_NV;
    return GL(why, glCreateSemaphoresNV, 1, &semaphore->name) &&
           GL(why, glSemaphoreParameterivNV, semaphore->name, SEMAPHORE_TYPE_NV, &type);
}

bool hipfx_gl_semaphore_import(struct hipfx_gl_semaphore *semaphore, bool timeline, int *fd,
                               struct hipfx_why *why)
{
    hipfx_gl_clear_errors();
    *semaphore = (struct hipfx_gl_semaphore){.timeline = timeline};
    const bool created = timeline ? create_timeline(semaphore, why)
                                  : GL(why, glGenSemaphoresEXT, 1, &semaphore->name);
    if (created &&
        GL(why, glImportSemaphoreFdEXT, semaphore->name, GL_HANDLE_TYPE_OPAQUE_FD_EXT, *fd)) {
        *fd = HIPFX_FD_NONE; /* GL owns it now */
        return true;
    }
    hipfx_gl_semaphore_destroy(semaphore);
    return false;
}

void hipfx_gl_semaphore_destroy(struct hipfx_gl_semaphore *semaphore)
{
    if (semaphore->name)
        glDeleteSemaphoresEXT(1, &semaphore->name);
    *semaphore = (struct hipfx_gl_semaphore){0};
}

static bool set_value(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                      struct hipfx_why *why)
{
    const GLuint64 v = value;
    return !semaphore->timeline ||
           GL(why, glSemaphoreParameterui64vEXT, semaphore->name, TIMELINE_SEMAPHORE_VALUE_NV, &v);
}

bool hipfx_gl_semaphore_signal(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                               GLuint texture, struct hipfx_why *why)
{
    const GLenum layout = GL_LAYOUT_GENERAL_EXT;
    hipfx_gl_clear_errors();
    if (!set_value(semaphore, value, why) ||
        !GL(why, glSignalSemaphoreEXT, semaphore->name, 0, NULL, 1, &texture, &layout))
        return false;
    glFlush();
    return true;
}

bool hipfx_gl_semaphore_wait(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                             GLuint texture, struct hipfx_why *why)
{
    const GLenum layout = GL_LAYOUT_GENERAL_EXT;
    hipfx_gl_clear_errors();
    return set_value(semaphore, value, why) &&
           GL(why, glWaitSemaphoreEXT, semaphore->name, 0, NULL, 1, &texture, &layout);
}
