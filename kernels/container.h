/* The container of code objects: one for each AMD GPU target, in one piece of memory.
 *
 * Little-endian, without padding beyond what is named:
 *   offset 0   8 bytes  "HIPFXGPU"
 *          8   u32      version, 1
 *         12   u32      number of entries
 *         16   entries of 40 bytes each:
 *                16 bytes  target, "gfx1100", filled up with zeros, at least one
 *                u64       offset of the object from the container's start, a multiple of 4096
 *                u64       its size in bytes
 *                u64       its checksum, FNV-1a of 64 bits
 *   then the objects, ELF files as the compiler made them.
 *
 * The build packs it (pack.c) and embeds it, so that it can neither be missing nor belong to
 * another version of the kernels, and so that a program needs no file beside it. The objects lie on
 * page boundaries: HIP's runtime maps them again from the file that it finds behind the pointer.
 *
 * Reading trusts nothing: all bounds are checked on opening, an object's checksum when it is
 * asked for. Any thread. */
#pragma once

#include "interop/why.h"

#include <stddef.h>
#include <stdint.h>

#define HIPFX_CONTAINER_MAGIC   UINT64_C(0x5550475846504948) /* "HIPFXGPU", little-endian */
#define HIPFX_CONTAINER_VERSION 1
#define HIPFX_CONTAINER_MAX     256 /* entries */
#define HIPFX_CONTAINER_ALIGN   4096
#define HIPFX_TARGET_SIZE       16

enum {
    HIPFX_CONTAINER_HEADER_BYTES = 16,
    HIPFX_CONTAINER_ENTRY_BYTES = 40,
};

/* Does not own what it points to. */
struct hipfx_container {
    const unsigned char *data;
    size_t size;
    uint32_t count;
};

struct hipfx_code_object {
    char target[HIPFX_TARGET_SIZE];
    const void *data;
    size_t size;
};

/* False with the reason if the bytes are no sound container; `container` is then empty. */
bool hipfx_container_open(const void *data, size_t size, struct hipfx_container *container,
                          struct hipfx_why *why);

/* The object at an index below `count`; false with the reason if it does not fit its checksum. */
bool hipfx_container_at(const struct hipfx_container *container, uint32_t index,
                        struct hipfx_code_object *object, struct hipfx_why *why);

/* The target's object; false with a reason that names the target and those that are there. */
bool hipfx_container_find(const struct hipfx_container *container, const char *target,
                          struct hipfx_code_object *object, struct hipfx_why *why);

uint64_t hipfx_container_checksum(const void *data, size_t size);

/* The container that the build has embedded. */
bool hipfx_container_embedded(struct hipfx_container *container, struct hipfx_why *why);
