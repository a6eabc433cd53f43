/* External memory, and what must not be called: external semaphores. */
#define _GNU_SOURCE /* fstat's st_ino beside memfds */
#include "tests/amd/standin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* hipExternalMemoryHandleTypeD3D12Fence's neighbour: the last type of semaphore in version 5. */
#define LAST_SEMAPHORE_TYPE 4
#define DEDICATED           0x1

/* How the memfd behind a descriptor of lavapipe's begins (Mesa, src/util/os_memory_fd.c). */
struct mesa_header {
    size_t size;   /* of the file */
    size_t offset; /* of the memory in it */
};

struct memory {
    int fd; /* the caller's own */
    ino_t inode;
    size_t size; /* of the memory, as the caller gave it */
    struct mesa_header header;
    int mapped; /* pointers that were not freed */
};

struct mapping {
    struct mapping *next;
    struct memory *memory;
    void *base, *ptr;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct mapping *mappings;

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "stand-in for AMD's runtime: %s\n", what);
    abort();
}

/* 0 if nothing is open under the number. */
static ino_t inode_of(int fd, size_t *size)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return 0;
    *size = (size_t)info.st_size;
    return info.st_ino;
}

STANDIN_EXPORT hipError_t hipImportExternalMemory(hipExternalMemory_t *extMem_out,
                                                  const hipExternalMemoryHandleDesc *memHandleDesc)
{
    const hipExternalMemoryHandleDesc *desc = memHandleDesc;
    if (!extMem_out || !desc || desc->type != hipExternalMemoryHandleTypeOpaqueFd ||
        desc->size == 0 || (desc->flags & ~(unsigned)DEDICATED))
        return hipErrorInvalidValue;
    struct memory memory = {.fd = desc->handle.fd, .size = desc->size};
    size_t file_size = 0;
    memory.inode = inode_of(memory.fd, &file_size);
    if (!memory.inode || pread(memory.fd, &memory.header, sizeof(memory.header), 0) !=
                             (ssize_t)sizeof(memory.header))
        return hipErrorInvalidValue;
    const struct mesa_header *header = &memory.header;
    if (header->size != file_size || header->offset >= header->size ||
        header->size - header->offset < desc->size)
        give_up("a descriptor is not laid out as this version of Mesa does it");
    struct memory *out = malloc(sizeof(*out));
    if (!out)
        return hipErrorOutOfMemory;
    *out = memory;
    *extMem_out = out;
    return hipSuccess;
}

static hipError_t map(struct memory *memory, size_t offset, void **ptr)
{
    struct mapping *mapping = calloc(1, sizeof(*mapping));
    if (!mapping)
        return hipErrorOutOfMemory;
    mapping->base =
        mmap(NULL, memory->header.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (mapping->base == MAP_FAILED) {
        free(mapping);
        return hipErrorOutOfMemory;
    }
    mapping->memory = memory;
    mapping->ptr = (char *)mapping->base + memory->header.offset + offset;
    hipError_t err =
        hipfx_cpu_hipHostRegister(mapping->ptr, memory->size - offset, hipHostRegisterMapped);
    if (err != hipSuccess) {
        munmap(mapping->base, memory->header.size);
        free(mapping);
        return err;
    }
    pthread_mutex_lock(&mutex);
    mapping->next = mappings;
    mappings = mapping;
    memory->mapped++;
    pthread_mutex_unlock(&mutex);
    *ptr = mapping->ptr;
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipExternalMemoryGetMappedBuffer(
    void **devPtr, hipExternalMemory_t extMem, const hipExternalMemoryBufferDesc *bufferDesc)
{
    struct memory *memory = extMem;
    size_t file_size;
    if (!devPtr || !memory || !bufferDesc || bufferDesc->flags || bufferDesc->size == 0 ||
        bufferDesc->offset > memory->size || bufferDesc->size > memory->size - bufferDesc->offset)
        return hipErrorInvalidValue;
    if (inode_of(memory->fd, &file_size) != memory->inode)
        return hipErrorInvalidHandle;
    return map(memory, bufferDesc->offset, devPtr);
}

bool standin_unmap(void *ptr, hipError_t *err)
{
    pthread_mutex_lock(&mutex);
    struct mapping **link = &mappings;
    while (*link && (*link)->ptr != ptr)
        link = &(*link)->next;
    struct mapping *mapping = ptr ? *link : NULL;
    if (mapping) {
        *link = mapping->next;
        mapping->memory->mapped--;
    }
    pthread_mutex_unlock(&mutex);
    if (!mapping)
        return false;
    *err = hipfx_cpu_hipHostUnregister(ptr);
    munmap(mapping->base, mapping->memory->header.size);
    free(mapping);
    return true;
}

STANDIN_EXPORT hipError_t hipDestroyExternalMemory(hipExternalMemory_t extMem)
{
    struct memory *memory = extMem;
    if (!memory)
        return hipErrorInvalidValue;
    if (memory->mapped > 0)
        give_up("external memory was destroyed before the pointer into it was freed");
    free(memory);
    return hipSuccess;
}

STANDIN_EXPORT hipError_t hipImportExternalSemaphore(
    hipExternalSemaphore_t *extSem_out, const hipExternalSemaphoreHandleDesc *semHandleDesc)
{
    if (!extSem_out || !semHandleDesc || (int)semHandleDesc->type > LAST_SEMAPHORE_TYPE)
        return hipErrorInvalidValue;
    give_up("Assertion `false' failed: ShouldNotReachHere, importing a semaphore");
}

STANDIN_EXPORT hipError_t hipSignalExternalSemaphoresAsync(
    const hipExternalSemaphore_t *extSemArray, const hipExternalSemaphoreSignalParams *paramsArray,
    unsigned int numExtSems, hipStream_t stream)
{
    (void)extSemArray, (void)paramsArray, (void)numExtSems, (void)stream;
    give_up("signalling a semaphore that cannot have been imported");
}

STANDIN_EXPORT hipError_t hipWaitExternalSemaphoresAsync(
    const hipExternalSemaphore_t *extSemArray, const hipExternalSemaphoreWaitParams *paramsArray,
    unsigned int numExtSems, hipStream_t stream)
{
    (void)extSemArray, (void)paramsArray, (void)numExtSems, (void)stream;
    give_up("waiting for a semaphore that cannot have been imported");
}

STANDIN_EXPORT hipError_t hipDestroyExternalSemaphore(hipExternalSemaphore_t extSem)
{
    (void)extSem;
    give_up("destroying a semaphore that cannot have been imported");
}
