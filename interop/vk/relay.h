/* Submits that take a frame over from one foreign API and give it to the next.
 *
 * A frame's images belong to GL and its buffers to HIP (VK_QUEUE_FAMILY_EXTERNAL) except inside
 * these submits. Where GL's image is not what HIP maps, they copy between the two. */
#pragma once

#include "interop/vk/vk.h"

/* One direction of a frame. `buffer` is VK_NULL_HANDLE where HIP maps the image itself. */
struct hipfx_vk_relay_side {
    VkImage image;
    VkBuffer buffer;
    uint32_t width_px, height_px;
};

struct hipfx_vk_relay {
    VkCommandPool pool;
    VkCommandBuffer to_hip; /* GL's input image -> HIP */
    VkCommandBuffer to_gl;  /* HIP -> GL's output image */

    struct hipfx_vk_timeline setup; /* of a first submit that was not seen to end; else empty */
};

/* Records the two command buffers and brings both images into GENERAL layout, owned by GL. The
 * buffer's rows are packed without gaps. On failure the relay is still to be destroyed. */
bool hipfx_vk_relay_create(struct hipfx_vk *vk, const struct hipfx_vk_relay_side *in,
                           const struct hipfx_vk_relay_side *out, struct hipfx_vk_relay *relay,
                           struct hipfx_why *why);

/* Its submits must be finished, but for the one that creation makes: false, and nothing is
 * destroyed, if that one has not ended. */
bool hipfx_vk_relay_destroy(struct hipfx_vk *vk, struct hipfx_vk_relay *relay);

/* What a submit waits for and signals beside the timeline; VK_NULL_HANDLE: nothing. */
struct hipfx_vk_relay_binaries {
    VkSemaphore wait, signal;
};

/* Submits one of the command buffers: it starts when the timeline has reached `wait` (0: at once)
 * and the binary semaphore is signalled, and brings the timeline to `signal`. The caller's timeline
 * value is advanced once the submit has succeeded. */
bool hipfx_vk_relay_submit(struct hipfx_vk *vk, VkCommandBuffer commands,
                           struct hipfx_vk_timeline *timeline, uint64_t wait, uint64_t signal,
                           struct hipfx_vk_relay_binaries binaries, struct hipfx_why *why);
