/* The OpenGL side: storage from Vulkan's memory, fences, and staging through host memory.
 *
 * Every function works on the calling thread's current context and leaves its bindings as they
 * were. Texture names belong to the caller; what stands here gives them storage or moves their
 * bytes. */
#pragma once

#include "interop/vk/vk.h"
#include "interop/why.h"
#include "kernels/frame.h"

#include <epoxy/gl.h>
#include <stdbool.h>
#include <stdint.h>

struct hipfx_gl_caps {
    bool memory_fd;      /* GL_EXT_memory_object_fd */
    bool semaphore_fd;   /* GL_EXT_semaphore_fd */
    bool buffer_storage; /* persistently mapped buffers */
    bool has_uuid;
    uint8_t device_uuid[GL_UUID_SIZE_EXT];
    uint8_t driver_uuid[GL_UUID_SIZE_EXT];
    char renderer[128];
    char version[128];
};

struct hipfx_gl_caps hipfx_gl_query(void);

/* True if GL can lay a texture of this format over an image of this tiling. */
bool hipfx_gl_has_tiling(enum hipfx_pixel format, VkImageTiling tiling);

/* How a pixel format is named by each API. */
GLenum hipfx_gl_internal_format(enum hipfx_pixel format);
VkFormat hipfx_vk_format(enum hipfx_pixel format);
int hipfx_pixel_bytes(enum hipfx_pixel format);

/* Gives an empty GL_TEXTURE_2D name the image's memory as its storage. Takes the descriptor `*fd`
 * and sets it to HIPFX_FD_NONE once GL owns it; on failure the caller still does. `*memory_object`
 * is the caller's to delete (glDeleteMemoryObjectsEXT) together with the texture. */
bool hipfx_gl_texture_import(GLuint texture, enum hipfx_pixel format, int width_px, int height_px,
                             const struct hipfx_vk_image *image, int *fd, GLuint *memory_object,
                             struct hipfx_why *why);

/* Gives an empty GL_TEXTURE_2D name storage of its own. */
bool hipfx_gl_texture_storage(GLuint texture, enum hipfx_pixel format, int width_px, int height_px,
                              struct hipfx_why *why);

/* Flushes, and waits on the host until GL has finished what it was given. */
bool hipfx_gl_finish(uint64_t timeout_ns, struct hipfx_why *why);

/* A pixel buffer that stays mapped: rows are packed without gaps. */
struct hipfx_gl_stage {
    GLuint buffer;
    void *host;
};

bool hipfx_gl_stage_create(struct hipfx_gl_stage *stage, size_t size, bool for_reading,
                           struct hipfx_why *why);
void hipfx_gl_stage_destroy(struct hipfx_gl_stage *stage);

/* Enqueues a copy of the texture into the buffer: in `host` once hipfx_gl_finish has returned. */
bool hipfx_gl_stage_read(const struct hipfx_gl_stage *stage, GLuint texture,
                         enum hipfx_pixel format, struct hipfx_why *why);

/* Enqueues a copy of the buffer into the texture: `host` may be written again once GL has
 * finished. */
bool hipfx_gl_stage_write(const struct hipfx_gl_stage *stage, GLuint texture,
                          enum hipfx_pixel format, int width_px, int height_px,
                          struct hipfx_why *why);

/* Says which call failed with which GL error. True if there was none. */
bool hipfx_gl_check(struct hipfx_why *why, const char *call);
/* The same for an error that was asked for already. */
bool hipfx_gl_check_error(struct hipfx_why *why, const char *call, GLenum error);

/* Forgets errors that earlier code left, so that they are not taken for ours. */
void hipfx_gl_clear_errors(void);

/* One checked GL call: GL(why, glTexStorageMem2DEXT, ...) is true on success. */
#define GL(why, call, ...)                                                                         \
    hipfx_gl_check_error(why, #call,                                                               \
                         HIPFX_FAULT_POINT(HIPFX_FAULT_GL, #call, GL_OUT_OF_MEMORY,                \
                                           (call(__VA_ARGS__), glGetError())))
