/* What the tests of the `cpu` provider share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interop/hip/cpu_image.h"
#include "interop/hip/hip.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define OK(call) assert_int_equal(call, hipSuccess)

/* A door that a host function waits at, so that a test decides when its stream goes on. It opens by
 * itself after a minute: a failing test must not hang. */
struct gate {
    atomic_bool open, reached;
};

static inline void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static inline bool wait_for(atomic_bool *flag)
{
    for (int i = 0; i < 600000 && !atomic_load(flag); i++)
        nap();
    return atomic_load(flag);
}

static inline void wait_at_gate(void *arg)
{
    struct gate *gate = arg;
    atomic_store(&gate->reached, true);
    wait_for(&gate->open);
}

static inline const struct hipfx_hip *open_cpu(void)
{
    struct hipfx_why why = {0};
    const struct hipfx_hip *hip = hipfx_hip_open(HIPFX_HIP_CPU, &why);
    if (!hip) {
        print_error("%s\n", why.text);
        exit(EXIT_FAILURE);
    }
    return hip;
}
