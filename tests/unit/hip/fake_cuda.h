/* A stand-in for libcuda.so.1 that keeps what it was called with, for tests of the `nvidia`
 * provider on machines without a card. It shows what the driver is asked, not what it does. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interop/hip/nvidia.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_CUDA_DEVICES = 2, FAKE_CUDA_MAX_SEMAPHORES = 8, FAKE_CUDA_VERSION = 12040 };

/* What the functions hand out; the test names none of them otherwise. */
static void *const fake_cuda_handle = (void *)0xabcd00;
#define FAKE_CUDA_ADDRESS UINT64_C(0x7f0000001000)

struct fake_cuda {
    int result;         /* a CUresult, of every function that needs a context */
    int context_result; /* of cuDevicePrimaryCtxRetain and cuCtxPushCurrent */
    int no_timelines;   /* the device cannot import them */
    const char *compiler_log;

    const char *symbol; /* of the last function called that needs a context */
    int calls;          /* of such functions */
    int outside;        /* of these, made while the device's context was not current */
    CUcontext context;  /* current during the last one */
    int retains, releases, resets;

    /* Arguments of the last call, in order: pointers and numbers. */
    uint64_t args[12];
    CUDA_MEMCPY2D copy;
    CUDA_EXTERNAL_MEMORY_HANDLE_DESC memory;
    CUDA_EXTERNAL_MEMORY_BUFFER_DESC buffer;
    CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC array;
    CUDA_RESOURCE_DESC resource;
    CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC semaphore;
    CUexternalSemaphore semaphores[FAKE_CUDA_MAX_SEMAPHORES];
    CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS signals[FAKE_CUDA_MAX_SEMAPHORES];
    CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS waits[FAKE_CUDA_MAX_SEMAPHORES];
    CUstreamCallback callback;
    void *callback_data;
};

#define OK(call) assert_int_equal(call, hipSuccess)

static inline const struct hipfx_hip *open_nvidia_from(const char *library, struct hipfx_why *why)
{
    setenv("HIPFX_CUDA_LIBRARY", library, 1);
    const struct hipfx_hip *hip = hipfx_hip_open_nvidia(why);
    unsetenv("HIPFX_CUDA_LIBRARY");
    return hip;
}

/* The state of the stand-in in that file, as after opening. */
static inline struct fake_cuda *fake_cuda_at(const char *library)
{
    struct fake_cuda *(*state)(void) = NULL;
    void *opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void *symbol = opened ? dlsym(opened, "fake_cuda_state") : NULL;
    memcpy(&state, &symbol, sizeof(state));
    assert_non_null(state);
    *state() = (struct fake_cuda){0};
    return state();
}

struct fake_rig {
    const struct hipfx_hip *hip;
    struct fake_cuda *cuda;
};

static inline struct fake_rig open_fake_cuda(const char *library)
{
    struct hipfx_why why = {0};
    struct fake_rig rig = {.cuda = fake_cuda_at(library)};
    rig.hip = open_nvidia_from(library, &why);
    assert_string_equal(why.text, "");
    assert_non_null(rig.hip);
    return rig;
}
