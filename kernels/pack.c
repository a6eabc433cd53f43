/* hipfx-pack OUTPUT [TARGET=FILE]...: packs code objects into the container that container.h
 * describes. A tool of the build. */
#include "kernels/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_BYTES_MAX    (64 << 20)
#define CONTAINER_BYTES_MAX (256 << 20)

struct object {
    char target[HIPFX_TARGET_SIZE];
    unsigned char *data;
    size_t size;
    uint64_t offset;
};

static bool complain(const char *what, const char *name)
{
    fprintf(stderr, "hipfx-pack: %s: %s\n", what, name);
    return false;
}

static bool read_file(const char *path, struct object *object)
{
    FILE *file = fopen(path, "rbe");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return complain("cannot be opened", path);
    const long size = ftell(file);
    bool ok = size > 0 && size <= OBJECT_BYTES_MAX && fseek(file, 0, SEEK_SET) == 0;
    object->size = ok ? (size_t)size : 0;
    object->data = ok ? malloc(object->size) : NULL;
    ok = object->data && fread(object->data, 1, object->size, file) == object->size;
    fclose(file);
    return ok || complain("cannot be read", path);
}

static bool read_object(const char *argument, struct object *object)
{
    const char *equals = strchr(argument, '=');
    const size_t length = equals ? (size_t)(equals - argument) : 0;
    if (length == 0 || length >= sizeof(object->target))
        return complain("not TARGET=FILE", argument);
    memcpy(object->target, argument, length);
    return read_file(equals + 1, object);
}

static void put_uint(unsigned char *bytes, uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t align(uint64_t offset)
{
    return (offset + HIPFX_CONTAINER_ALIGN - 1) / HIPFX_CONTAINER_ALIGN * HIPFX_CONTAINER_ALIGN;
}

static size_t lay_out(struct object *objects, int count)
{
    uint64_t end = HIPFX_CONTAINER_HEADER_BYTES + (uint64_t)count * HIPFX_CONTAINER_ENTRY_BYTES;
    for (int i = 0; i < count; i++) {
        objects[i].offset = align(end);
        end = objects[i].offset + objects[i].size;
    }
    return (size_t)end;
}

static void fill(unsigned char *bytes, const struct object *objects, int count)
{
    put_uint(bytes, HIPFX_CONTAINER_MAGIC, 8);
    put_uint(bytes + 8, HIPFX_CONTAINER_VERSION, 4);
    put_uint(bytes + 12, (uint64_t)count, 4);
    for (int i = 0; i < count; i++) {
        const struct object *o = &objects[i];
        unsigned char *entry =
            bytes + HIPFX_CONTAINER_HEADER_BYTES + (size_t)i * HIPFX_CONTAINER_ENTRY_BYTES;
        memcpy(entry, o->target, sizeof(o->target));
        put_uint(entry + 16, o->offset, 8);
        put_uint(entry + 24, o->size, 8);
        put_uint(entry + 32, hipfx_container_checksum(o->data, o->size), 8);
        memcpy(bytes + o->offset, o->data, o->size);
    }
}

static bool write_file(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wbe");
    if (!file)
        return complain("cannot be written", path);
    bool ok = fwrite(bytes, 1, size, file) == size;
    ok = fclose(file) == 0 && ok;
    return ok || complain("cannot be written", path);
}

static bool pack(const char *path, struct object *objects, int count)
{
    struct hipfx_container check;
    struct hipfx_why why = {0};
    const size_t size = lay_out(objects, count);
    unsigned char *bytes = size <= CONTAINER_BYTES_MAX ? calloc(1, size) : NULL;
    if (!bytes)
        return complain("no memory for", path);
    fill(bytes, objects, count);
    bool ok = hipfx_container_open(bytes, size, &check, &why) || complain(why.text, path);
    ok = ok && write_file(path, bytes, size);
    free(bytes);
    return ok;
}

int main(int argc, char **argv)
{
    struct object objects[HIPFX_CONTAINER_MAX] = {0};
    const int count = argc - 2;
    if (argc < 2 || count > HIPFX_CONTAINER_MAX) {
        fprintf(stderr, "usage: hipfx-pack OUTPUT [TARGET=FILE]...\n");
        return 2;
    }
    bool ok = true;
    for (int i = 0; i < count && ok; i++)
        ok = read_object(argv[2 + i], &objects[i]);
    ok = ok && pack(argv[1], objects, count);
    for (int i = 0; i < count; i++)
        free(objects[i].data);
    return ok ? 0 : 1;
}
