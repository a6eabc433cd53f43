#include "kernels/container.h"

#include <stdio.h>
#include <string.h>

enum { ENTRY_OFFSET = 16, ENTRY_SIZE = 24, ENTRY_CHECKSUM = 32 };

static uint64_t read_uint(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static const unsigned char *entry_at(const struct hipfx_container *container, uint32_t index)
{
    return container->data + HIPFX_CONTAINER_HEADER_BYTES +
           (size_t)index * HIPFX_CONTAINER_ENTRY_BYTES;
}

/* Lower-case letters, digits and dashes, then nothing but zeros. */
static bool is_target(const unsigned char *name)
{
    int length = 0;
    while (length < HIPFX_TARGET_SIZE - 1 && name[length]) {
        const unsigned char c = name[length++];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    for (int i = length; i < HIPFX_TARGET_SIZE; i++) {
        if (name[i])
            return false;
    }
    return length > 0;
}

static bool entry_is_sound(const struct hipfx_container *container, uint32_t index)
{
    const unsigned char *entry = entry_at(container, index);
    const uint64_t offset = read_uint(entry + ENTRY_OFFSET, 8);
    const uint64_t size = read_uint(entry + ENTRY_SIZE, 8);
    return is_target(entry) && offset % HIPFX_CONTAINER_ALIGN == 0 &&
           offset >= (uint64_t)HIPFX_CONTAINER_HEADER_BYTES +
                         (uint64_t)container->count * HIPFX_CONTAINER_ENTRY_BYTES &&
           offset <= container->size && size > 0 && size <= container->size - offset;
}

bool hipfx_container_open(const void *data, size_t size, struct hipfx_container *container,
                          struct hipfx_why *why)
{
    const unsigned char *bytes = data;
    *container = (struct hipfx_container){0};
    if (size < HIPFX_CONTAINER_HEADER_BYTES || read_uint(bytes, 8) != HIPFX_CONTAINER_MAGIC)
        return hipfx_fail(why, "the GPU kernels are not a container of code objects");
    const uint64_t version = read_uint(bytes + 8, 4), count = read_uint(bytes + 12, 4);
    if (version != HIPFX_CONTAINER_VERSION)
        return hipfx_fail(why, "the container of GPU kernels has version %u instead of %u",
                          (unsigned)version, HIPFX_CONTAINER_VERSION);
    if (count > HIPFX_CONTAINER_MAX ||
        count > (size - HIPFX_CONTAINER_HEADER_BYTES) / HIPFX_CONTAINER_ENTRY_BYTES)
        return hipfx_fail(why, "the container of GPU kernels is cut off");

    const struct hipfx_container opened = {bytes, size, (uint32_t)count};
    for (uint32_t i = 0; i < opened.count; i++) {
        if (!entry_is_sound(&opened, i))
            return hipfx_fail(why, "entry %u of the container of GPU kernels is damaged", i);
    }
    *container = opened;
    return true;
}

bool hipfx_container_at(const struct hipfx_container *container, uint32_t index,
                        struct hipfx_code_object *object, struct hipfx_why *why)
{
    *object = (struct hipfx_code_object){0};
    if (index >= container->count)
        return hipfx_fail(why, "the container of GPU kernels has no entry %u", index);
    const unsigned char *entry = entry_at(container, index);
    const unsigned char *data = container->data + read_uint(entry + ENTRY_OFFSET, 8);
    const size_t size = (size_t)read_uint(entry + ENTRY_SIZE, 8);
    if (hipfx_container_checksum(data, size) != read_uint(entry + ENTRY_CHECKSUM, 8))
        return hipfx_fail(why, "the GPU kernels for %s are damaged: install the plugin again",
                          (const char *)entry);
    memcpy(object->target, entry, sizeof(object->target));
    object->data = data;
    object->size = size;
    return true;
}

/* "gfx900, gfx906, ..." */
static void list_targets(const struct hipfx_container *container, char *text, size_t size)
{
    size_t used = 0;
    snprintf(text, size, "none");
    for (uint32_t i = 0; i < container->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                                 (const char *)entry_at(container, i));
}

bool hipfx_container_find(const struct hipfx_container *container, const char *target,
                          struct hipfx_code_object *object, struct hipfx_why *why)
{
    *object = (struct hipfx_code_object){0};
    for (uint32_t i = 0; i < container->count; i++) {
        if (strcmp((const char *)entry_at(container, i), target) == 0)
            return hipfx_container_at(container, i, object, why);
    }
    char targets[256];
    list_targets(container, targets, sizeof(targets));
    return hipfx_fail(why, "no kernels for %s in this build; there are %s", target, targets);
}

uint64_t hipfx_container_checksum(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}
