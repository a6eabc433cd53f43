/* What Linux says of AMD's GPUs, and the variable with which users say something else. */
#include "interop/hip/kfd.h"
#include "tests/fuzz/fuzz.h"

static void check_target(const struct hipfx_kfd_gpu *gpu)
{
    char target[HIPFX_KFD_TARGET_SIZE];
    if (hipfx_kfd_target(gpu, target, NULL))
        CHECK(strncmp(target, "gfx", 3) == 0 && memchr(target, '\0', sizeof(target)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct hipfx_kfd_gpu gpu;
    if (hipfx_kfd_parse(text, &gpu)) {
        CHECK(gpu.gfx_version != 0 && gpu.pci.device < 32);
        check_target(&gpu);
    } else {
        CHECK(gpu.gfx_version == 0);
    }
    uint32_t version;
    if (hipfx_kfd_parse_override(text, &version))
        check_target(&(struct hipfx_kfd_gpu){.gfx_version = version});
    free(text);
    return 0;
}
