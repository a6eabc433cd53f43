/* Failures made to order, for tests: the n-th call of an API fails, and what the API would give for
 * that is what the caller gets.
 *
 * Without HIPFX_FAULTS, so in everything but the copies that tests/fault builds, a fault point is
 * the call itself. */
#pragma once

#ifndef HIPFX_FAULTS

#define HIPFX_FAULT_POINT(api, name, error, call) (call)
#define HIPFX_FAULT_STREAM_POINT()                ((void)0)

#else

#include <stdbool.h>
#include <stdint.h>

enum hipfx_fault_api {
    HIPFX_FAULT_HIP = 0,
    HIPFX_FAULT_VULKAN,
    HIPFX_FAULT_GL,
    HIPFX_FAULT_EGL,
    HIPFX_FAULT_LIBOBS,
    HIPFX_FAULT_LIBC,   /* memory and threads */
    HIPFX_FAULT_STREAM, /* operations of HIP's streams on the CPU: they do not fail, but hang */
    HIPFX_FAULT_API_COUNT,
};

/* What becomes of a call. */
enum hipfx_fault {
    HIPFX_FAULT_NONE = 0,
    HIPFX_FAULT_INSTEAD, /* it is not made, and gives the error */
    HIPFX_FAULT_AFTER,   /* it is made, and gives the error: calls that free report in this way what
                            went wrong before them */
};

struct hipfx_fault_plan {
    enum hipfx_fault_api api;
    uint64_t call;    /* the first to fail, from 1; 0: none */
    bool lasting;     /* all of the API's calls from there on fail, as on a device that was lost */
    bool to_reset;    /* ... until hipDeviceReset is called */
    const char *name; /* only calls of this name are counted; NULL: all of the API */
    void (*strike)(void *data); /* is called instead of a failure, and the call is then made */
    void *data;
};

/* Where an operation of a stream begins: the plan's hangs until the next plan. */
void hipfx_fault_stream_operation(void);
#define HIPFX_FAULT_STREAM_POINT() hipfx_fault_stream_operation()

/* From now on; counts start anew. Any thread. */
void hipfx_fault_arm(const struct hipfx_fault_plan *plan);

struct hipfx_fault_seen {
    uint64_t calls[HIPFX_FAULT_API_COUNT];
    uint64_t named; /* calls of the plan's name */
    uint64_t failed;
    uint64_t resets; /* that ended a plan's losses */
    char name[64];   /* of the call that failed first; "" if none did */
};

/* Since it was armed. Any thread. */
struct hipfx_fault_seen hipfx_fault_seen(void);

/* Of the plan. */
bool hipfx_fault_is_lasting(void);
bool hipfx_fault_is_to_reset(void);

/* Counts a call. Any thread. */
enum hipfx_fault hipfx_fault_next(enum hipfx_fault_api api, const char *name);

#define HIPFX_FAULT_POINT(api, name, error, call)                                                  \
    __extension__({                                                                                \
        const enum hipfx_fault fault_ = hipfx_fault_next(api, name);                               \
        __typeof__(call) given_ = fault_ == HIPFX_FAULT_INSTEAD ? (error) : (call);                \
        fault_ == HIPFX_FAULT_NONE ? given_ : (error);                                             \
    })

#endif
