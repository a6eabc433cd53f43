/* The `nvidia` provider's table, and the driver's library, loaded at run time. */
#define _GNU_SOURCE /* dlinfo */
#include "interop/hip/nvidia.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libcuda.so.1" /* the name that every driver installs */

struct hipfx_cuda hipfx_cuda;

static const struct hipfx_hip functions = {
    .kind = HIPFX_HIP_NVIDIA,
    .name = "nvidia",
    .takes_fd = true,
    .imports_semaphores = true,
#define MEMBER(f) .f = hipfx_nvidia_##f,
    HIPFX_HIP_REQUIRED(MEMBER) HIPFX_HIP_OPTIONAL(MEMBER) HIPFX_HIP_SHARING(MEMBER)
        MEMBER(hipExternalMemoryGetMappedMipmappedArray) MEMBER(hipCreateSurfaceObject)
            MEMBER(hipDestroySurfaceObject)
#undef MEMBER
};

/* dlopen's message begins with the name that was asked for if that file is not there, and with
 * another file's if, say, a library that it needs is missing. RTLD_LOCAL: nobody else's lookups are
 * to find the driver by way of this plugin. */
static void *open_library(struct hipfx_why *why)
{
    const char *chosen = getenv("HIPFX_CUDA_LIBRARY");
    const bool named = chosen && chosen[0];
    void *library = dlopen(named ? chosen : LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library)
        return library;
    const char *error = dlerror();
    if (named)
        hipfx_fail(why, "HIPFX_CUDA_LIBRARY cannot be loaded: %s", error);
    else if (strncmp(error, LIBRARY ":", strlen(LIBRARY ":")) == 0)
        hipfx_fail(why, LIBRARY " was not found: no NVIDIA driver");
    else
        hipfx_fail(why, LIBRARY " cannot be loaded: %s", error);
    return NULL;
}

/* Where the loader found it; the string lives as long as the library is open. */
static const char *path_of(void *library)
{
    struct link_map *map = NULL;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || !map->l_name[0])
        return LIBRARY;
    return map->l_name;
}

static bool look_up(void *library, const char *name, void *slot)
{
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof(symbol)); /* C has no cast from an object to a function */
    return symbol != NULL;
}

/* The one function that drivers before 470 have in an older version only, which differs for a part
 * of a partitioned GPU: it gives the whole GPU's UUID. */
static bool look_up_driver(void *library, const char *symbol, void *slot)
{
    return look_up(library, symbol, slot) ||
           (strcmp(symbol, "cuDeviceGetUuid_v2") == 0 && look_up(library, "cuDeviceGetUuid", slot));
}

static bool load_functions(void *library, const char *path, struct hipfx_why *why)
{
    hipfx_cuda = (struct hipfx_cuda){0};
    const char *missing = NULL;
#define LOAD(name, symbol, params)                                                                 \
    if (!look_up_driver(library, symbol, &hipfx_cuda.name) && !missing)                            \
        missing = (symbol);
    HIPFX_CUDA_FUNCTIONS(LOAD)
#undef LOAD
    if (missing)
        return hipfx_fail(why, "%s has no function %s: the NVIDIA driver is too old", path,
                          missing);
    return true;
}

/* The device's context is made at once: a driver that cannot make one is refused while there is
 * still another provider to take. */
static bool open_device(struct hipfx_hip *hip, struct hipfx_why *why)
{
    int count = 0;
    if (!HIP(why, hip, hipInit, 0) || !HIP(why, hip, hipRuntimeGetVersion, &hip->runtime_version) ||
        !hipfx_hip_check(hip, why, "cuDeviceGetCount",
                         hipfx_nvidia_error(hipfx_nvidia_find_devices(&count))))
        return false;
    if (count < 1)
        return hipfx_fail(why, "%s finds no GPU that it can use", hip->library);
    return HIP(why, hip, hipSetDevice, 0);
}

const struct hipfx_hip *hipfx_hip_open_nvidia(struct hipfx_why *why)
{
    static struct hipfx_hip hip;
    void *library = open_library(why);
    if (!library)
        return NULL;
    hip = functions;
    hip.library = path_of(library);
    if (!load_functions(library, hip.library, why) || !open_device(&hip, why))
        return NULL;
    return &hip;
}
