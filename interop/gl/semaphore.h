/* Vulkan's semaphores as GL sees them: GL_EXT_semaphore_fd for binary ones,
 * GL_NV_timeline_semaphore for timelines. On the calling thread's current context. */
#pragma once

#include "interop/gl/gl.h"

struct hipfx_gl_semaphore {
    GLuint name; /* 0: none */
    bool timeline;
};

/* True if GL can wait for and signal timelines: the extension and its entry points are there. */
bool hipfx_gl_has_timeline(void);

/* Takes the descriptor `*fd` and sets it to HIPFX_FD_NONE once GL owns it; on failure the caller
 * still does, and nothing is left. */
bool hipfx_gl_semaphore_import(struct hipfx_gl_semaphore *semaphore, bool timeline, int *fd,
                               struct hipfx_why *why);
void hipfx_gl_semaphore_destroy(struct hipfx_gl_semaphore *semaphore);

/* After the GL commands so far: signals, and flushes, since others wait for what GL would otherwise
 * keep queued. `value` is a timeline's; a binary semaphore ignores it. The texture is handed over
 * in GENERAL layout. */
bool hipfx_gl_semaphore_signal(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                               GLuint texture, struct hipfx_why *why);

/* GL commands from now on wait, on the GPU. A binary semaphore's signal must have been submitted.
 */
bool hipfx_gl_semaphore_wait(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                             GLuint texture, struct hipfx_why *why);
