/* The ladders: which way a frame travels between GL and HIP, and why not a better one.
 *
 * Pure logic: free of GL, Vulkan and HIP headers. Rungs stand in order, the best first; `auto`
 * takes the first that the device has. */
#pragma once

#include "interop/hip/kind.h"
#include "interop/why.h"

#include <stdbool.h>

/* Where the frame lies when HIP works on it. */
enum hipfx_memory {
    HIPFX_MEMORY_AUTO = 0,
    HIPFX_MEMORY_LINEAR, /* GL's own image, LINEAR, mapped by HIP as a pitched buffer: no copy */
    HIPFX_MEMORY_ARRAY,  /* GL's own image, OPTIMAL, mapped by HIP as an array */
    HIPFX_MEMORY_COPY,   /* a Vulkan submit copies between GL's image and a buffer that HIP maps */
    HIPFX_MEMORY_STAGED, /* through host memory */
    HIPFX_MEMORY_COUNT,
};

/* What orders GL's work and HIP's. */
enum hipfx_order {
    HIPFX_ORDER_AUTO = 0,
    HIPFX_ORDER_GL_TIMELINE, /* GL and HIP share one Vulkan timeline semaphore */
    HIPFX_ORDER_GL_BINARY,   /* GL and HIP share a pair of binary semaphores */
    HIPFX_ORDER_VK_RELAY,    /* GL -> Vulkan submit -> timeline -> HIP, and back the same way */
    HIPFX_ORDER_HOST,        /* the host waits for GL, then for HIP, each with a bound */
    HIPFX_ORDER_COUNT,
};

const char *hipfx_memory_name(enum hipfx_memory memory);
const char *hipfx_order_name(enum hipfx_order order);

/* What a user asks for instead of the best. All zero: nothing. */
struct hipfx_force {
    enum hipfx_hip_kind device; /* HIPFX_HIP_NONE: auto */
    enum hipfx_memory memory;
    enum hipfx_order order;
};

/* Reads "device=cpu,memory=linear,order=vk-relay": any subset in any order, "auto" allowed; NULL or
 * empty asks for nothing. False with the reason if a word is unknown or said twice; `out` is then
 * all zero. */
bool hipfx_force_parse(const char *text, struct hipfx_force *out, struct hipfx_why *why);

/* What was found out about the device. For each rung NULL: usable; otherwise a few words that say
 * what is missing. The strings are not copied. */
struct hipfx_rungs_missing {
    const char *memory[HIPFX_MEMORY_COUNT];
    const char *order[HIPFX_ORDER_COUNT];
};

struct hipfx_rungs {
    enum hipfx_memory memory;
    enum hipfx_order order;
    char skipped[512]; /* "array: no OPTIMAL image in HIP; ...", for the log; "" if the best */
};

/* Takes the best rungs that are not missing, or the forced ones. False with the reason if a forced
 * rung is missing, if the forced two do not go together, or if nothing is left. */
bool hipfx_rungs_choose(const struct hipfx_rungs_missing *missing, const struct hipfx_force *force,
                        struct hipfx_rungs *out, struct hipfx_why *why);
