/* The stand-in itself. Functions bear the names of HIPFX_CUDA_FUNCTIONS with `fake_` before them,
 * and are exported under the driver's symbols. */
#include "tests/unit/hip/fake_cuda.h"

#include <stdio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#ifdef FAKE_CUDA_OLD /* as before CUDA 11.4 */
#define cuDeviceGetUuid_symbol "cuDeviceGetUuid"
#endif
#define DECLARE(name, symbol, params) EXPORT CUresult fake_##name params __asm__(symbol);
#if defined(FAKE_CUDA_INCOMPLETE)
/* Has only the first version of a function, of which the second is meant. */
EXPORT CUresult fake_cuMemcpy2DAsync(const CUDA_MEMCPY2D *copy, CUstream stream);
#define fake_cuMemcpy2DAsync_declared 1
#endif

EXPORT struct fake_cuda *fake_cuda_state(void);
static struct fake_cuda state;

struct fake_cuda *fake_cuda_state(void)
{
    return &state;
}
