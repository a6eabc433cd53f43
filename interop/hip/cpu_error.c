/* Errors of the `cpu` provider: HIP's own names, and HIP's own sentences for them. */
#include "interop/hip/cpu.h"

#define ERRORS(E)                                                                                  \
    E(hipSuccess, "no error")                                                                      \
    E(hipErrorInvalidValue, "invalid argument")                                                    \
    E(hipErrorOutOfMemory, "out of memory")                                                        \
    E(hipErrorNotInitialized, "initialization error")                                              \
    E(hipErrorInvalidConfiguration, "invalid configuration argument")                              \
    E(hipErrorInvalidPitchValue, "invalid pitch argument")                                         \
    E(hipErrorInvalidMemcpyDirection, "invalid copy direction for memcpy")                         \
    E(hipErrorNoDevice, "no ROCm-capable device is detected")                                      \
    E(hipErrorInvalidDevice, "invalid device ordinal")                                             \
    E(hipErrorInvalidImage, "device kernel image is invalid")                                      \
    E(hipErrorInvalidHandle, "invalid resource handle")                                            \
    E(hipErrorNotFound, "named symbol not found")                                                  \
    E(hipErrorNotReady, "device not ready")                                                        \
    E(hipErrorContextIsDestroyed, "context is destroyed")                                          \
    E(hipErrorHostMemoryAlreadyRegistered,                                                         \
      "part or all of the requested memory range is already mapped")                               \
    E(hipErrorHostMemoryNotRegistered,                                                             \
      "pointer does not correspond to a registered memory region")                                 \
    E(hipErrorNotSupported, "operation not supported")

const char *hipfx_cpu_hipGetErrorName(hipError_t err)
{
    switch ((int)err) {
#define NAME(code, text)                                                                           \
    case code:                                                                                     \
        return #code;
        ERRORS(NAME)
#undef NAME
    default:
        return "hipErrorUnknown";
    }
}

const char *hipfx_cpu_hipGetErrorString(hipError_t err)
{
    switch ((int)err) {
#define TEXT(code, text)                                                                           \
    case code:                                                                                     \
        return text;
        ERRORS(TEXT)
#undef TEXT
    default:
        return "unknown error";
    }
}
