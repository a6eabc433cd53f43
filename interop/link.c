#include "interop/link.h"

#include "interop/fd.h"
#include "interop/map.h"
#include "interop/order.h"
#include "interop/timeout.h"
#include "interop/vk/relay.h"

#include <pthread.h>
#include <stdlib.h>

/* Bytes. As a runtime's hipMallocPitch would lay rows, so that wide accesses begin with them. */
#define DEVICE_PITCH_ALIGN 256

/* One of the link's two pictures. Which members are in use depends on the memory rung. */
struct side {
    GLuint texture;                /* the caller's */
    int rows_px;                   /* of it: the frame's, and more */
    GLuint memory_object;          /* all but staged: GL's hold on the image's memory */
    struct hipfx_vk_image image;   /* all but staged */
    struct hipfx_vk_buffer buffer; /* copy */
    struct hipfx_map map;          /* linear, array: of the image; copy: of the buffer */
    struct hipfx_gl_stage stage;   /* staged */
    bool registered;               /* staged: HIP knows the stage's memory */
    void *device;                  /* array without surfaces, staged: hipMalloc */
    struct hipfx_frame frame;      /* what effects see */
};

struct hipfx_link {
    const struct hipfx_hip *hip;
    hipStream_t stream;
    struct hipfx_vk *vk;
    struct hipfx_rungs rungs;
    int width_px, height_px;
    enum hipfx_pixel format;
    bool surfaces;

    struct side in, out;
    struct hipfx_vk_relay relay;
    struct hipfx_order_state order;
    struct hipfx_link *next; /* of those that were abandoned */
};

static size_t packed_pitch(const struct hipfx_link *link)
{
    return (size_t)link->width_px * (size_t)hipfx_pixel_bytes(link->format);
}

static size_t packed_size(const struct hipfx_link *link, const struct side *side)
{
    return packed_pitch(link) * (size_t)side->rows_px;
}

static struct hipfx_frame frame_at(const struct hipfx_link *link, void *data, size_t pitch)
{
    return (struct hipfx_frame){
        .data = data,
        .pitch = pitch,
        .width = link->width_px,
        .height = link->height_px,
        .format = (int32_t)link->format,
    };
}

/* GL's texture over a new exportable image. */
static bool create_image(struct hipfx_link *link, struct side *side, VkImageTiling tiling,
                         bool host_visible, struct hipfx_why *why)
{
    if (!hipfx_vk_image_create(link->vk, hipfx_vk_format(link->format), tiling,
                               (uint32_t)link->width_px, (uint32_t)side->rows_px, host_visible,
                               &side->image, why))
        return false;
    int fd = hipfx_vk_memory_fd(link->vk, &side->image.memory, why);
    if (fd == HIPFX_FD_NONE)
        return false;
    bool ok = hipfx_gl_texture_import(side->texture, link->format, link->width_px, side->rows_px,
                                      &side->image, &fd, &side->memory_object, why);
    hipfx_fd_close(&fd);
    return ok;
}

static bool create_linear(struct hipfx_link *link, struct side *side, struct hipfx_why *why)
{
    if (!create_image(link, side, VK_IMAGE_TILING_LINEAR, hipfx_map_wants_host(link->hip), why) ||
        !hipfx_map_create(link->hip, link->vk, &side->image.memory, &side->map, why))
        return false;
    side->frame = frame_at(link, (char *)side->map.data + side->image.offset, side->image.pitch);
    return true;
}

static bool create_copy(struct hipfx_link *link, struct side *side, struct hipfx_why *why)
{
    const VkImageTiling tiling = hipfx_gl_has_tiling(link->format, VK_IMAGE_TILING_OPTIMAL)
                                     ? VK_IMAGE_TILING_OPTIMAL
                                     : VK_IMAGE_TILING_LINEAR;
    const size_t pitch = packed_pitch(link);
    const bool host = hipfx_map_wants_host(link->hip);
    if (!create_image(link, side, tiling, false, why) ||
        !hipfx_vk_buffer_create(link->vk, packed_size(link, side),
                                VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                !host, host, &side->buffer, why) ||
        !hipfx_map_create(link->hip, link->vk, &side->buffer.memory, &side->map, why))
        return false;
    side->frame = frame_at(link, side->map.data, pitch);
    return true;
}

/* A buffer of HIP's own for effects to work on, where the shared memory is not one. */
static bool create_device(struct hipfx_link *link, struct side *side, struct hipfx_why *why)
{
    const size_t pitch =
        (packed_pitch(link) + DEVICE_PITCH_ALIGN - 1) / DEVICE_PITCH_ALIGN * DEVICE_PITCH_ALIGN;
    if (!HIP(why, link->hip, hipMalloc, &side->device, pitch * (size_t)side->rows_px)) {
        side->device = NULL;
        return false;
    }
    side->frame = frame_at(link, side->device, pitch);
    return true;
}

static bool create_array(struct hipfx_link *link, struct side *side, struct hipfx_why *why)
{
    if (!create_image(link, side, VK_IMAGE_TILING_OPTIMAL, false, why) ||
        !hipfx_map_create_array(link->hip, link->vk, &side->image, link->format, link->width_px,
                                side->rows_px, &side->map, why))
        return false;
    if (!link->surfaces)
        return create_device(link, side, why);
    side->frame = frame_at(link, NULL, packed_pitch(link));
    side->frame.surface = (uint64_t)(uintptr_t)side->map.surface;
    return true;
}

static bool create_staged(struct hipfx_link *link, struct side *side, bool for_reading,
                          struct hipfx_why *why)
{
    const size_t size = packed_size(link, side);
    if (!hipfx_gl_texture_storage(side->texture, link->format, link->width_px, side->rows_px,
                                  why) ||
        !hipfx_gl_stage_create(&side->stage, size, for_reading, why))
        return false;
    /* Not every runtime can register what GL has mapped. It waits in each copy then. */
    side->registered =
        HIP(NULL, link->hip, hipHostRegister, side->stage.host, size, hipHostRegisterDefault);
    return create_device(link, side, why);
}

static bool create_side(struct hipfx_link *link, struct side *side, bool for_reading,
                        struct hipfx_why *why)
{
    switch (link->rungs.memory) {
    case HIPFX_MEMORY_LINEAR:
        return create_linear(link, side, why);
    case HIPFX_MEMORY_ARRAY:
        return create_array(link, side, why);
    case HIPFX_MEMORY_COPY:
        return create_copy(link, side, why);
    case HIPFX_MEMORY_STAGED:
        return create_staged(link, side, for_reading, why);
    default:
        return hipfx_fail(why, "memory=%s cannot be built here",
                          hipfx_memory_name(link->rungs.memory));
    }
}

static struct hipfx_vk_relay_side relay_side(const struct hipfx_link *link, const struct side *side)
{
    return (struct hipfx_vk_relay_side){
        .image = side->image.image,
        .buffer = side->buffer.buffer,
        .width_px = (uint32_t)link->width_px,
        .height_px = (uint32_t)side->rows_px,
    };
}

struct hipfx_link *hipfx_link_create(const struct hipfx_link_params *params,
                                     const struct hipfx_rungs *rungs, struct hipfx_why *why)
{
    struct hipfx_link *link =
        HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "calloc", NULL, calloc(1, sizeof(*link)));
    if (!link) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    link->hip = params->hip;
    link->stream = params->stream;
    link->vk = params->vk;
    link->rungs = *rungs;
    link->width_px = params->width_px;
    link->height_px = params->height_px;
    link->format = params->format;
    link->surfaces = params->surfaces;
    link->in.texture = params->input;
    link->out.texture = params->output;
    link->in.rows_px = params->height_px + params->more_px;
    link->out.rows_px = params->height_px;

    if (!create_side(link, &link->in, true, why) || !create_side(link, &link->out, false, why))
        goto error;
    if (rungs->memory != HIPFX_MEMORY_STAGED) {
        const struct hipfx_vk_relay_side in = relay_side(link, &link->in);
        const struct hipfx_vk_relay_side out = relay_side(link, &link->out);
        if (!hipfx_vk_relay_create(link->vk, &in, &out, &link->relay, why))
            goto error;
    }
    const struct hipfx_order_params order = {
        .hip = link->hip,
        .device = params->device,
        .stream = link->stream,
        .vk = link->vk,
        .relay = &link->relay,
        .order = rungs->order,
        .copies = rungs->memory == HIPFX_MEMORY_COPY,
        .gl_semaphores = link->vk && epoxy_has_gl_extension("GL_EXT_semaphore_fd") &&
                         hipfx_vk_semaphore_can_export(link->vk, VK_SEMAPHORE_TYPE_BINARY),
        .input = params->input,
        .output = params->output,
    };
    if (!hipfx_order_create(&link->order, &order, why))
        goto error;
    return link;

error:
    hipfx_link_abandon(&link);
    return NULL;
}

static void destroy_side(struct hipfx_link *link, struct side *side)
{
    hipfx_map_destroy(link->hip, &side->map);
    if (side->device)
        HIP_FREE(link->hip, hipFree, side->device);
    if (side->registered)
        HIP_FREE(link->hip, hipHostUnregister, side->stage.host);
    hipfx_gl_stage_destroy(&side->stage);
    /* GL's hold first: the texture stays the caller's. */
    if (side->memory_object)
        glDeleteMemoryObjectsEXT(1, &side->memory_object);
    if (link->vk) {
        hipfx_vk_buffer_destroy(link->vk, &side->buffer);
        hipfx_vk_image_destroy(link->vk, &side->image);
    }
    *side = (struct side){0};
}

/* GL may still draw from a texture whose frame has long ended, or fill a stage, and a memory object
 * does not wait for it: Mesa's llvmpipe unmaps the memory under the draw. */
static bool finish_gl(const struct hipfx_link *link)
{
    struct hipfx_why why = {0};
    if (!link->in.memory_object && !link->out.memory_object && !link->in.stage.buffer &&
        !link->out.stage.buffer)
        return true;
    if (hipfx_gl_finish(HIPFX_FRAME_TIMEOUT_NS, &why))
        return true;
    hipfx_log(HIPFX_LOG_DEBUG, "%s", why.text);
    return false;
}

bool hipfx_link_destroy(struct hipfx_link **plink)
{
    struct hipfx_link *link = *plink;
    if (!link)
        return true;
    if (!hipfx_order_destroy(&link->order) || !finish_gl(link) ||
        (link->vk && !hipfx_vk_relay_destroy(link->vk, &link->relay)))
        return false;
    *plink = NULL;
    destroy_side(link, &link->in);
    destroy_side(link, &link->out);
    free(link);
    return true;
}

static pthread_mutex_t abandoned_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct hipfx_link *all_abandoned;

void hipfx_link_abandon(struct hipfx_link **plink)
{
    struct hipfx_link *link = *plink;
    *plink = NULL;
    if (hipfx_link_destroy(&link))
        return;
    pthread_mutex_lock(&abandoned_mutex);
    link->next = all_abandoned;
    all_abandoned = link;
    pthread_mutex_unlock(&abandoned_mutex);
}

bool hipfx_link_collect(hipStream_t stream, bool forget_gl)
{
    bool all = true;
    pthread_mutex_lock(&abandoned_mutex);
    struct hipfx_link **at = &all_abandoned;
    while (*at) {
        struct hipfx_link *link = *at, *next = link->next;
        const bool ours = link->stream == stream;
        if (ours && forget_gl)
            hipfx_link_forget_gl(link);
        if (ours && hipfx_link_destroy(&link)) {
            *at = next;
        } else {
            all = all && !ours;
            at = &link->next;
        }
    }
    pthread_mutex_unlock(&abandoned_mutex);
    return all;
}

void hipfx_link_forget_gl(struct hipfx_link *link)
{
    if (!link)
        return;
    link->in.memory_object = link->out.memory_object = 0;
    link->in.stage = link->out.stage = (struct hipfx_gl_stage){0};
    hipfx_order_forget_gl(&link->order);
}

/* A copy with memory that HIP does not know waits, without a bound, for all before it. */
static bool wait_before_copy(struct hipfx_link *link, const struct side *side,
                             struct hipfx_why *why)
{
    return side->registered ||
           hipfx_hip_wait_stream(link->hip, link->stream, HIPFX_FRAME_TIMEOUT_NS, why);
}

/* On the stream, from where the frame was handed over to where effects work on it. */
static bool copy_in(struct hipfx_link *link, struct hipfx_why *why)
{
    const struct side *in = &link->in;
    const size_t row = packed_pitch(link), rows = (size_t)in->rows_px;
    if (link->rungs.memory == HIPFX_MEMORY_ARRAY && !link->surfaces)
        return HIP(why, link->hip, hipMemcpy2DFromArrayAsync, in->device, in->frame.pitch,
                   in->map.array, 0, 0, row, rows, hipMemcpyDeviceToDevice, link->stream);
    if (link->rungs.memory == HIPFX_MEMORY_STAGED)
        return wait_before_copy(link, in, why) &&
               HIP(why, link->hip, hipMemcpy2DAsync, in->device, in->frame.pitch, in->stage.host,
                   row, row, rows, hipMemcpyHostToDevice, link->stream);
    return true;
}

static bool copy_out(struct hipfx_link *link, struct hipfx_why *why)
{
    const struct side *out = &link->out;
    const size_t row = packed_pitch(link), rows = (size_t)out->rows_px;
    if (link->rungs.memory == HIPFX_MEMORY_ARRAY && !link->surfaces)
        return HIP(why, link->hip, hipMemcpy2DToArrayAsync, out->map.array, 0, 0, out->device,
                   out->frame.pitch, row, rows, hipMemcpyDeviceToDevice, link->stream);
    if (link->rungs.memory == HIPFX_MEMORY_STAGED)
        return wait_before_copy(link, out, why) &&
               HIP(why, link->hip, hipMemcpy2DAsync, out->stage.host, row, out->device,
                   out->frame.pitch, row, rows, hipMemcpyDeviceToHost, link->stream);
    return true;
}

bool hipfx_link_begin(struct hipfx_link *link, struct hipfx_frame *in, struct hipfx_frame *out,
                      struct hipfx_why *why)
{
    const bool staged = link->rungs.memory == HIPFX_MEMORY_STAGED;
    if (staged && !hipfx_gl_stage_read(&link->in.stage, link->in.texture, link->format, why))
        return false;
    if (!hipfx_order_to_hip(&link->order, why) || !copy_in(link, why))
        return false;
    *in = link->in.frame;
    *out = link->out.frame;
    return true;
}

bool hipfx_link_end(struct hipfx_link *link, struct hipfx_why *why)
{
    bool ok = copy_out(link, why);
    /* Even after a failure: nobody may be left waiting for this frame. */
    ok = hipfx_order_to_gl(&link->order, why) && ok;
    if (ok && link->rungs.memory == HIPFX_MEMORY_STAGED)
        ok = hipfx_gl_stage_write(&link->out.stage, link->out.texture, link->format, link->width_px,
                                  link->height_px, why);
    return ok;
}

uint64_t hipfx_link_host_bytes(const struct hipfx_link *link)
{
    if (link->rungs.memory != HIPFX_MEMORY_STAGED)
        return 0;
    return packed_size(link, &link->in) + packed_size(link, &link->out);
}
