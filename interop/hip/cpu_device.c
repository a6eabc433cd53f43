/* What the `cpu` provider says of its one device: the cores that the process may use. */
#define _GNU_SOURCE /* sched_getaffinity, CPU_ALLOC */
#include "interop/hip/cpu.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int affinity_cores(void)
{
    /* The kernel refuses a mask that is smaller than its own. */
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set)
            break;
        size_t size = CPU_ALLOC_SIZE(cpus);
        int count = 0;
        if (sched_getaffinity(getpid(), size, set) == 0)
            count = CPU_COUNT_S(size, set);
        CPU_FREE(set);
        if (count > 0)
            return count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

/* Whole cores of a quota, rounded up; INT_MAX if there is none. */
static int quota_cores(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0)
        return INT_MAX;
    long long cores = (quota_us + period_us - 1) / period_us;
    return cores < INT_MAX ? (int)cores : INT_MAX;
}

static bool read_line(const char *path, char *line, int size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool ok = fgets(line, size, file) != NULL;
    fclose(file);
    return ok;
}

static int cgroup_v2_cores(const char *dir)
{
    char path[PATH_MAX], line[128];
    long long quota_us = 0, period_us = 0;
    snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", dir);
    if (!read_line(path, line, sizeof(line)) ||
        sscanf(line, "%lld %lld", &quota_us, &period_us) != 2)
        return INT_MAX; /* no such file, or "max 100000" */
    return quota_cores(quota_us, period_us);
}

static int cgroup_v1_cores(const char *dir)
{
    char path[PATH_MAX], line[128];
    snprintf(path, sizeof(path), "/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", dir);
    if (!read_line(path, line, sizeof(line)))
        return INT_MAX;
    long long quota_us = strtoll(line, NULL, 10);
    snprintf(path, sizeof(path), "/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", dir);
    if (!read_line(path, line, sizeof(line)))
        return INT_MAX;
    return quota_cores(quota_us, strtoll(line, NULL, 10));
}

/* The smallest quota from the process's group up to the root. Inside a container the group's name
 * may be the one that it has outside: then only the root is found, and it is the container's own.
 */
static int smallest_quota(char *dir, int (*cores_of)(const char *dir))
{
    int cores = cores_of("");
    char *slash;
    while ((slash = strrchr(dir, '/')) && slash[1]) {
        int own = cores_of(dir);
        if (own < cores)
            cores = own;
        *slash = '\0';
    }
    return cores;
}

static bool has_cpu_controller(const char *list)
{
    for (const char *item = list; item; item = strchr(item, ',')) {
        item += *item == ',';
        size_t length = strcspn(item, ",");
        if (length == 3 && strncmp(item, "cpu", 3) == 0)
            return true;
    }
    return false;
}

/* Lines are "0::/group" for version 2 and "4:cpu,cpuacct:/group" for version 1. */
static int cgroup_cores(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return INT_MAX;
    int cores = INT_MAX;
    char line[PATH_MAX];
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        char *list = strchr(line, ':');
        char *dir = list ? strchr(list + 1, ':') : NULL;
        if (!dir)
            continue;
        *list++ = '\0';
        *dir++ = '\0';
        int own = INT_MAX;
        if (!*list)
            own = smallest_quota(dir, cgroup_v2_cores);
        else if (has_cpu_controller(list))
            own = smallest_quota(dir, cgroup_v1_cores);
        if (own < cores)
            cores = own;
    }
    fclose(file);
    return cores;
}

int hipfx_cpu_core_count(void)
{
    int cores = affinity_cores();
    int quota = cgroup_cores();
    return quota < cores ? quota : cores;
}

/* The value after "model name : "; the processor's kind is not named so on every architecture. */
static void read_model_name(char *name, size_t size)
{
    snprintf(name, size, "CPU");
    FILE *file = fopen("/proc/cpuinfo", "re");
    if (!file)
        return;
    char line[256];
    while (fgets(line, sizeof(line), file)) {
        char *value = strchr(line, ':');
        if (!value || strncmp(line, "model name", strlen("model name")) != 0)
            continue;
        value += 1 + strspn(value + 1, " \t");
        value[strcspn(value, "\n")] = '\0';
        snprintf(name, size, "%s", value);
        break;
    }
    fclose(file);
}

hipError_t hipfx_cpu_hipGetDeviceCount(int *count)
{
    if (!count)
        return hipErrorInvalidValue;
    *count = 1;
    return hipSuccess;
}

hipError_t hipfx_cpu_hipDeviceGet(hipDevice_t *device, int ordinal)
{
    if (!device)
        return hipErrorInvalidValue;
    if (ordinal != 0)
        return hipErrorInvalidDevice;
    *device = 0;
    return hipSuccess;
}

hipError_t hipfx_cpu_hipSetDevice(int device)
{
    return device == 0 ? hipSuccess : hipErrorInvalidDevice;
}

hipError_t hipfx_cpu_hipDeviceGetName(char *name, int size, hipDevice_t device)
{
    if (device != 0)
        return hipErrorInvalidDevice;
    if (!name || size <= 0)
        return hipErrorInvalidValue;
    char model[128];
    int threads = hipfx_cpu_pool_width();
    read_model_name(model, sizeof(model));
    snprintf(name, (size_t)size, "%s (%d thread%s)", model, threads, threads == 1 ? "" : "s");
    return hipSuccess;
}

hipError_t hipfx_cpu_hipDeviceGetPCIBusId(char *bus_id, int size, int device)
{
    if (device != 0)
        return hipErrorInvalidDevice;
    if (!bus_id || size <= 0)
        return hipErrorInvalidValue;
    bus_id[0] = '\0';
    return hipErrorNotSupported;
}

hipError_t hipfx_cpu_hipDeviceGetUuid(hipUUID *uuid, hipDevice_t device)
{
    if (device != 0)
        return hipErrorInvalidDevice;
    if (!uuid)
        return hipErrorInvalidValue;
    memcpy(uuid->bytes, "hipfx-cpu-device", sizeof(uuid->bytes));
    return hipSuccess;
}

hipError_t hipfx_cpu_hipDeviceGetAttribute(int *value, hipDeviceAttribute_t attribute, int device)
{
    if (device != 0)
        return hipErrorInvalidDevice;
    if (!value)
        return hipErrorInvalidValue;
    switch ((int)attribute) {
    case hipDeviceAttributeCanMapHostMemory:
    case hipDeviceAttributeCanUseHostPointerForRegisteredMem:
    case hipDeviceAttributeConcurrentKernels:
    case hipDeviceAttributeHostNativeAtomicSupported:
    case hipDeviceAttributeIntegrated:
    case hipDeviceAttributePageableMemoryAccess:
    case hipDeviceAttributePageableMemoryAccessUsesHostPageTables:
    case hipDeviceAttributeUnifiedAddressing:
    case hipDeviceAttributeWarpSize:
        *value = 1;
        return hipSuccess;
    case hipDeviceAttributeManagedMemory:
    case hipDeviceAttributeMemoryPoolsSupported:
    case hipDeviceAttributeCanUseStreamWaitValue:
    case hipDeviceAttributeImageSupport:
    case hipDeviceAttributeCooperativeLaunch:
    case hipDeviceAttributeStreamPrioritiesSupported:
        *value = 0;
        return hipSuccess;
    case hipDeviceAttributeMultiprocessorCount:
        *value = hipfx_cpu_pool_width();
        return hipSuccess;
    case hipDeviceAttributeMaxThreadsPerBlock:
    case hipDeviceAttributeMaxBlockDimX:
    case hipDeviceAttributeMaxBlockDimY:
        *value = HIPFX_CPU_MAX_BLOCK;
        return hipSuccess;
    case hipDeviceAttributeMaxBlockDimZ:
    case hipDeviceAttributeMaxGridDimZ:
        *value = 1;
        return hipSuccess;
    case hipDeviceAttributeMaxGridDimX:
    case hipDeviceAttributeMaxGridDimY:
        *value = INT_MAX / HIPFX_CPU_MAX_BLOCK;
        return hipSuccess;
    case hipDeviceAttributeMaxPitch:
        *value = INT_MAX;
        return hipSuccess;
    case hipDeviceAttributeMaxSharedMemoryPerBlock:
        *value = HIPFX_CPU_MAX_SHARED_BYTES;
        return hipSuccess;
    case hipDeviceAttributePciBusId:
    case hipDeviceAttributePciDeviceId:
    case hipDeviceAttributePciDomainID:
        return hipErrorNotSupported;
    default:
        return hipErrorInvalidValue;
    }
}
