#include "interop/hip/kfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICE   "/dev/kfd"
#define TOPOLOGY "/sys/class/kfd/kfd/topology/nodes"

/* More than any machine has; the numbers have no gaps. */
#define NODES_MAX 256

/* A node's file has some forty lines. */
#define PROPERTIES_MAX 8192

bool hipfx_kfd_usable(struct hipfx_why *why)
{
    int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    switch (errno) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return hipfx_fail(why, DEVICE
                          " is missing: no AMD GPU, or its kernel driver amdgpu is not loaded");
    case EACCES:
    case EPERM:
        return hipfx_fail(why, "no permission for " DEVICE ": add your user to the group render");
    default:
        return hipfx_fail(why, DEVICE " cannot be opened: %s", strerror(errno));
    }
}

/* The decimal number on the line that begins with the name; false if there is none. */
static bool find_value(const char *properties, const char *name, uint64_t *value)
{
    const size_t length = strlen(name);
    for (const char *line = properties; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, name, length) != 0 || line[length] != ' ')
            continue;
        const char *digits = line + length + 1;
        char *end;
        if (*digits < '0' || *digits > '9')
            return false;
        errno = 0;
        *value = strtoull(digits, &end, 10);
        return errno == 0 && (*end == '\n' || *end == '\0');
    }
    return false;
}

bool hipfx_kfd_parse(const char *properties, struct hipfx_kfd_gpu *gpu)
{
    uint64_t location, version, domain = 0; /* kernels before 5.3 know one domain only */
    *gpu = (struct hipfx_kfd_gpu){0};
    if (!find_value(properties, "location_id", &location) || location > 0xffff ||
        !find_value(properties, "gfx_target_version", &version) || version == 0 || version > 999999)
        return false;
    find_value(properties, "domain", &domain);
    if (domain > UINT32_MAX)
        return false;
    *gpu = (struct hipfx_kfd_gpu){
        .pci = {(uint32_t)domain, (uint8_t)(location >> 8), (uint8_t)(location >> 3 & 31)},
        .gfx_version = (uint32_t)version,
    };
    return true;
}

/* 0, or why the file cannot be read. A GPU that a container may not use has a file that cannot. */
static int read_properties(int node, char text[PROPERTIES_MAX])
{
    char path[96];
    snprintf(path, sizeof(path), TOPOLOGY "/%d/properties", node);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno;
    const size_t size = fread(text, 1, PROPERTIES_MAX - 1, file);
    const int err = ferror(file) ? EIO : 0;
    text[size] = '\0';
    fclose(file);
    return err;
}

bool hipfx_kfd_find(const struct hipfx_pci *pci, struct hipfx_kfd_gpu *gpu, struct hipfx_why *why)
{
    char text[PROPERTIES_MAX];
    for (int node = 0; node < NODES_MAX; node++) {
        const int err = read_properties(node, text);
        if (err == ENOENT)
            break;
        if (err == 0 && hipfx_kfd_parse(text, gpu) && hipfx_pci_equal(&gpu->pci, pci)) {
            gpu->node = node;
            return true;
        }
    }
    *gpu = (struct hipfx_kfd_gpu){0};
    return hipfx_fail(why, TOPOLOGY " names no GPU at %s that ROCm can use",
                      hipfx_pci_print(pci).text);
}

bool hipfx_kfd_parse_override(const char *text, uint32_t *gfx_version)
{
    unsigned part[3];
    *gfx_version = 0;
    for (int i = 0; i < 3; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        const unsigned long value = strtoul(text, &end, 10);
        if (value > (i == 0 ? 63 : 15) || *end != (i < 2 ? '.' : '\0'))
            return false; /* a target's name has one hexadecimal digit for each of the last two */
        part[i] = (unsigned)value;
        text = end + 1;
    }
    *gfx_version = part[0] * 10000 + part[1] * 100 + part[2];
    return true;
}

bool hipfx_kfd_target(const struct hipfx_kfd_gpu *gpu, char target[HIPFX_KFD_TARGET_SIZE],
                      struct hipfx_why *why)
{
    char name[48];
    uint32_t version = gpu->gfx_version;
    snprintf(name, sizeof(name), "HSA_OVERRIDE_GFX_VERSION_%d", gpu->node);
    if (!getenv(name))
        *strrchr(name, '_') = '\0';
    const char *override = getenv(name);
    if (override && !hipfx_kfd_parse_override(override, &version))
        return hipfx_fail(why, "%s=%s is not of the form 10.3.0", name, override);
    snprintf(target, HIPFX_KFD_TARGET_SIZE, "gfx%u%x%x", version / 10000, version / 100 % 100,
             version % 100);
    return true;
}
