#include "samples/sine/output.h"

#include "interop/timeout.h"

#include <errno.h>
#include <limits.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct files {
    struct output base;
    struct hipfx_vk_buffer pixels; /* RGBA, 8 bits, sRGB, without padding */
    char dir[PATH_MAX - 32];
    unsigned count;
};

static enum output_state
files_begin(struct output *output, const struct hipfx_vk_timeline *timeline, struct hipfx_why *why)
{
    (void)output, (void)timeline, (void)why;
    return OUTPUT_READY;
}

static void files_record(struct output *output, VkCommandBuffer commands)
{
    const struct files *files = (struct files *)output;
    const struct draw *draw = output->draw;
    const VkBufferImageCopy all = {
        .imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1},
        .imageExtent = {draw->target.extent.width, draw->target.extent.height, 1},
    };
    draw->vk->fn.vkCmdCopyImageToBuffer(commands, draw->target.picture.image,
                                        VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, files->pixels.buffer,
                                        1, &all);
    const VkMemoryBarrier for_host = {
        .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
        .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
        .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
    };
    draw->vk->fn.vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                                      VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &for_host, 0, NULL, 0,
                                      NULL);
}

static bool files_end(struct output *output, const struct hipfx_vk_timeline *timeline,
                      struct hipfx_why *why)
{
    struct files *files = (struct files *)output;
    if (!hipfx_vk_timeline_wait(output->draw->vk, timeline->semaphore, timeline->value,
                                HIPFX_FRAME_TIMEOUT_NS, why))
        return false;

    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/frame_%04u.png", files->dir, files->count++);
    png_image image = {
        .version = PNG_IMAGE_VERSION,
        .width = output->draw->target.extent.width,
        .height = output->draw->target.extent.height,
        .format = PNG_FORMAT_RGBA,
    };
    if (!png_image_write_to_file(&image, path, 0, files->pixels.memory.host, 0, NULL))
        return hipfx_fail(why, "cannot write %s: %s", path, image.message);
    return true;
}

static void files_destroy(struct output *output)
{
    struct files *files = (struct files *)output;
    hipfx_vk_buffer_destroy(output->draw->vk, &files->pixels);
    free(files);
}

/* Makes the folder and those above it. */
static bool make_dir(const char *dir, struct hipfx_why *why)
{
    char path[PATH_MAX];
    if (!dir[0] || strlen(dir) >= sizeof(((struct files *)0)->dir))
        return hipfx_fail(why, "'%s' cannot be a folder's name", dir);
    snprintf(path, sizeof(path), "%s", dir);
    for (char *end = path; end;) {
        end = strchr(end + 1, '/');
        if (end)
            *end = '\0';
        if (mkdir(path, 0777) && errno != EEXIST)
            return hipfx_fail(why, "cannot make the folder %s: %s", path, strerror(errno));
        if (end)
            *end = '/';
    }
    return true;
}

struct output *files_create(struct draw *draw, VkExtent2D extent, const char *dir,
                            struct hipfx_why *why)
{
    if (!make_dir(dir, why))
        return NULL;
    struct files *files = calloc(1, sizeof(*files));
    if (!files) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    files->base = (struct output){
        .draw = draw,
        .begin = files_begin,
        .record = files_record,
        .end = files_end,
        .destroy = files_destroy,
    };
    snprintf(files->dir, sizeof(files->dir), "%s", dir);
    if (draw_resize(draw, extent, why) &&
        hipfx_vk_buffer_create(draw->vk, (VkDeviceSize)extent.width * extent.height * 4,
                               VK_BUFFER_USAGE_TRANSFER_DST_BIT, false, true, &files->pixels, why))
        return &files->base;
    files_destroy(&files->base);
    return NULL;
}
