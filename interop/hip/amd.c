/* The `amd` provider: HIP's functions from libamdhip64, loaded at run time. */
#define _GNU_SOURCE /* dlinfo */
#include "interop/hip/hip.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KFD "/dev/kfd"

/* Newest first. The name without a version is a developer's link and may be missing; the full path
 * is for a ROCm that the loader's cache does not know. */
static const char *const libraries[] = {
    "libamdhip64.so.7",
    "libamdhip64.so.6",
    "libamdhip64.so.5",
    "/opt/rocm/lib/libamdhip64.so",
};

/* The runtime needs the kernel driver's device in any case. Asking for it first is cheap, gives a
 * better reason, and keeps hipInit and its threads out of processes on machines without a card. */
static bool have_kernel_driver(struct hipfx_why *why)
{
    int fd = open(KFD, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    switch (errno) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return hipfx_fail(why,
                          KFD " is missing: no AMD GPU, or its kernel driver amdgpu is not loaded");
    case EACCES:
    case EPERM:
        return hipfx_fail(why, "no permission for " KFD ": add your user to the group render");
    default:
        return hipfx_fail(why, KFD " cannot be opened: %s", strerror(errno));
    }
}

/* dlopen's message begins with the name that was asked for if that file is not there, and with
 * another file's if, say, a library that it needs is missing. */
static bool is_absent(const char *library, const char *error)
{
    size_t length = strlen(library);
    return strncmp(error, library, length) == 0 && error[length] == ':' &&
           !(strchr(library, '/') && access(library, F_OK) == 0);
}

/* RTLD_LOCAL: the runtime brings libraries of its own, which must not meet the program's. */
static void *open_library(struct hipfx_why *why)
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
        hipfx_fail(why,
                   "libamdhip64 is not installed: install ROCm's HIP runtime (version 5, 6 or 7) "
                   "or name the library in HIPFX_HIP_LIBRARY");
    return NULL;
}

/* The library that the user names need not be AMD's own, nor work through KFD (ROCm under WSL does
 * not), so nobody asks for KFD then. */
static void *find_library(struct hipfx_why *why)
{
    const char *chosen = getenv("HIPFX_HIP_LIBRARY");
    if (!chosen || !chosen[0])
        return have_kernel_driver(why) ? open_library(why) : NULL;
    void *library = dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        hipfx_fail(why, "HIPFX_HIP_LIBRARY cannot be loaded: %s", dlerror());
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

static bool fill_table(void *library, struct hipfx_hip *hip, struct hipfx_why *why)
{
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

static bool find_devices(struct hipfx_hip *hip, struct hipfx_why *why)
{
    int count = 0;
    /* Some versions fail later, in hipModuleLoadData, if hipInit was not called. */
    if (!HIP(why, hip, hipInit, 0) || !HIP(why, hip, hipRuntimeGetVersion, &hip->runtime_version) ||
        !HIP(why, hip, hipGetDeviceCount, &count))
        return false;
    if (count < 1)
        return hipfx_fail(why, "%s finds no GPU that it can use", hip->library);
    return true;
}

const struct hipfx_hip *hipfx_hip_open_amd(struct hipfx_why *why)
{
    /* A library that was opened stays open, refused or not: its threads and atexit handlers do not
     * survive dlclose. */
    static struct hipfx_hip hip = {.kind = HIPFX_HIP_AMD, .name = "amd"};
    void *library = find_library(why);
    if (!library)
        return NULL;
    hip.library = path_of(library);
    if (!fill_table(library, &hip, why) || !find_devices(&hip, why))
        return NULL;
    return &hip;
}
