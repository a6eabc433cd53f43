/* The stand-in for AMD's runtime has the manners that it is there for. */
#define _GNU_SOURCE /* memfd_create */
#include "interop/hip/hip.h"

#include "kernels/container.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_BYTES 4096
#define OFFSET       4096
#define TIMELINE_FD  9

static const struct hipfx_hip *hip;
static __typeof__(&hipImportExternalSemaphore) import_semaphore;

static int load(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    setenv("HIPFX_HIP_LIBRARY", STANDIN_6, 1);
    hip = hipfx_hip_open_amd(&why);
    void *library = dlopen(STANDIN_6, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "hipImportExternalSemaphore") : NULL;
    memcpy(&import_semaphore, &symbol, sizeof(symbol));
    if (!hip)
        print_error("%s\n", why.text);
    return hip && symbol ? 0 : -1;
}

static int signal_of(void (*body)(void))
{
    int status = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka catches some */
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void import_binary(void)
{
    hipExternalSemaphore_t semaphore;
    hipExternalSemaphoreHandleDesc desc = {.type = hipExternalSemaphoreHandleTypeOpaqueFd};
    import_semaphore(&semaphore, &desc);
}

static void importing_a_semaphore_aborts(void **state)
{
    (void)state;
    assert_int_equal(signal_of(import_binary), SIGABRT);
}

static void a_timeline_is_refused_first(void **state)
{
    (void)state;
    hipExternalSemaphore_t semaphore;
    const int type = TIMELINE_FD;
    hipExternalSemaphoreHandleDesc desc = {.type = hipExternalSemaphoreHandleTypeOpaqueFd};
    memcpy(&desc.type, &type, sizeof(type));
    assert_int_equal(import_semaphore(&semaphore, &desc), hipErrorInvalidValue);
}

/* As lavapipe lays its memory out. */
static int make_memory(void)
{
    const size_t header[2] = {OFFSET + MEMORY_BYTES, OFFSET};
    int fd = memfd_create("memory", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)header[0]), 0);
    assert_int_equal(pwrite(fd, header, sizeof(header), 0), sizeof(header));
    return fd;
}

static hipExternalMemory_t import(int fd)
{
    hipExternalMemory_t memory = NULL;
    hipExternalMemoryHandleDesc desc = {.type = hipExternalMemoryHandleTypeOpaqueFd,
                                        .size = MEMORY_BYTES};
    desc.handle.fd = fd;
    assert_int_equal(hip->hipImportExternalMemory(&memory, &desc), hipSuccess);
    return memory;
}

static const hipExternalMemoryBufferDesc whole = {.size = MEMORY_BYTES};

static void memory_is_shared_and_the_descriptor_stays_the_callers(void **state)
{
    (void)state;
    int fd = make_memory();
    hipExternalMemory_t memory = import(fd);
    void *ptr = NULL;
    char byte = 'x';
    assert_int_equal(hip->hipExternalMemoryGetMappedBuffer(&ptr, memory, &whole), hipSuccess);
    assert_int_equal(hip->hipMemsetAsync(ptr, 'y', MEMORY_BYTES, NULL), hipSuccess);
    assert_int_equal(hip->hipStreamSynchronize(NULL), hipSuccess);
    assert_int_equal(pread(fd, &byte, 1, OFFSET), 1);
    assert_int_equal(byte, 'y');
    assert_int_equal(hip->hipFree(ptr), hipSuccess);
    assert_int_equal(hip->hipDestroyExternalMemory(memory), hipSuccess);
    assert_int_equal(close(fd), 0);
}

static void a_descriptor_closed_before_mapping_is_refused(void **state)
{
    (void)state;
    int fd = make_memory();
    hipExternalMemory_t memory = import(fd);
    void *ptr = NULL;
    assert_int_equal(close(fd), 0);
    assert_int_equal(hip->hipExternalMemoryGetMappedBuffer(&ptr, memory, &whole),
                     hipErrorInvalidHandle);
    assert_int_equal(hip->hipDestroyExternalMemory(memory), hipSuccess);
}

static void destroy_while_mapped(void)
{
    hipExternalMemory_t memory = import(make_memory());
    void *ptr = NULL;
    if (hip->hipExternalMemoryGetMappedBuffer(&ptr, memory, &whole) == hipSuccess)
        hip->hipDestroyExternalMemory(memory);
}

static void destroying_memory_that_is_mapped_aborts(void **state)
{
    (void)state;
    assert_int_equal(signal_of(destroy_while_mapped), SIGABRT);
}

static void another_targets_code_is_refused(void **state)
{
    (void)state;
    struct hipfx_container container;
    struct hipfx_code_object own, other;
    hipModule_t module = NULL;
    hipFunction_t function = NULL;
    assert_true(hipfx_container_embedded(&container, NULL));
    assert_true(hipfx_container_find(&container, "gfx1030", &own, NULL));
    assert_true(hipfx_container_find(&container, "gfx1031", &other, NULL));
    assert_int_equal(hip->hipSetDevice(1), hipSuccess);
    assert_int_equal(hip->hipModuleLoadData(&module, other.data), hipErrorNoBinaryForGpu);
    assert_int_equal(hip->hipModuleLoadData(&module, own.data), hipSuccess);
    assert_int_equal(hip->hipModuleGetFunction(&function, module, "color_rgba8"), hipSuccess);
    assert_int_equal(hip->hipModuleUnload(module), hipSuccess);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(importing_a_semaphore_aborts),
        cmocka_unit_test(a_timeline_is_refused_first),
        cmocka_unit_test(memory_is_shared_and_the_descriptor_stays_the_callers),
        cmocka_unit_test(a_descriptor_closed_before_mapping_is_refused),
        cmocka_unit_test(destroying_memory_that_is_mapped_aborts),
        cmocka_unit_test(another_targets_code_is_refused),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
