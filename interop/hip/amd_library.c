/* Finding libamdhip64, its functions and its version. */
#define _GNU_SOURCE /* dlinfo */
#include "interop/hip/amd.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* hipRuntimeGetVersion's number is major * 10^7 + minor * 10^5 + patch. Programs that load the
 * runtime beside OpenGL crashed with version 5, and Blender refuses it, too
 * (https://github.com/ROCm/clr/issues/11, https://github.com/ROCm/HIP/issues/2237). */
#define OLDEST_VERSION 60000000

/* Newest first. Version 5 is looked for in order to say why it is refused. The name without a
 * version is a developer's link and may be missing; the full path is for a ROCm that the loader's
 * cache does not know. */
static const char *const libraries[] = {
    "libamdhip64.so.7",
    "libamdhip64.so.6",
    "libamdhip64.so.5",
    "/opt/rocm/lib/libamdhip64.so",
};

/* dlopen's message begins with the name that was asked for if that file is not there, and with
 * another file's if, say, a library that it needs is missing. */
static bool is_absent(const char *library, const char *error)
{
    size_t length = strlen(library);
    return strncmp(error, library, length) == 0 && error[length] == ':' &&
           !(strchr(library, '/') && access(library, F_OK) == 0);
}

/* RTLD_LOCAL: the runtime brings libraries of its own, which must not meet the program's. */
static void *open_installed(struct hipfx_why *why)
{
    char broken[256] = "";
    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (library)
            return library;
        const char *error = dlerror();
        if (error && !broken[0] && !is_absent(libraries[i], error))
            snprintf(broken, sizeof(broken), "%s", error);
    }
    if (broken[0])
        hipfx_fail(why, "libamdhip64 cannot be loaded: %s", broken);
    else
        hipfx_fail(why, "libamdhip64 is not installed: install ROCm's HIP runtime (version 6 or 7) "
                        "or name the library in HIPFX_HIP_LIBRARY");
    return NULL;
}

static void *open_library(const char *path, struct hipfx_why *why)
{
    const char *chosen = getenv("HIPFX_HIP_LIBRARY");
    const bool known = path && path[0];
    if (!known && (!chosen || !chosen[0]))
        return open_installed(why);
    void *library = dlopen(known ? path : chosen, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        hipfx_fail(why, "%s cannot be loaded: %s", known ? path : "HIPFX_HIP_LIBRARY", dlerror());
    return library;
}

/* Where the loader found it; the string lives as long as the library is open. */
static const char *path_of(void *library)
{
    struct link_map *map = NULL;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || !map->l_name[0])
        return "libamdhip64";
    return map->l_name;
}

static bool look_up(void *library, const char *name, void *slot)
{
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof(symbol)); /* C has no cast from an object to a function */
    return symbol != NULL;
}

bool hipfx_amd_load(const char *path, struct hipfx_hip *hip, struct hipfx_why *why)
{
    void *library = open_library(path, why);
    if (!library)
        return false;
    hip->library = path_of(library);
#define REQUIRED(f)                                                                                \
    if (!look_up(library, #f, &hip->f))                                                            \
        return hipfx_fail(why, "%s has no function %s", hip->library, #f);
#define OPTIONAL(f) look_up(library, #f, &hip->f);
    HIPFX_HIP_REQUIRED(REQUIRED)
    HIPFX_HIP_OPTIONAL(OPTIONAL)
#undef OPTIONAL
#undef REQUIRED
    return true;
}

static bool check_version(struct hipfx_hip *hip, struct hipfx_why *why)
{
    if (!HIP(why, hip, hipRuntimeGetVersion, &hip->runtime_version))
        return false;
    return hip->runtime_version >= OLDEST_VERSION ||
           hipfx_fail(why,
                      "HIP %d.%d (%s) is too old: versions before 6 are known to crash the "
                      "programs that load them; install ROCm 6 or 7",
                      hip->runtime_version / 10000000, hip->runtime_version / 100000 % 100,
                      hip->library);
}

/* Some versions fail later, in hipModuleLoadData, if hipInit was not called
 * (https://github.com/warpfront/hipfire/issues/288). */
bool hipfx_amd_start(struct hipfx_hip *hip, struct hipfx_why *why)
{
    int count = 0;
    if (!check_version(hip, why) || !HIP(why, hip, hipInit, 0) ||
        !HIP(why, hip, hipGetDeviceCount, &count))
        return false;
    return count > 0 || hipfx_fail(why, "%s finds no GPU that it can use", hip->library);
}
