/* Linked into programs that compare what the filter draws: the bytes to expect come from the same
 * device's kernels, called by themselves. A GPU's round where the processor's do not. */
#include "tests/unit/kernels/fixture.h"

__attribute__((constructor)) static void use_gpu(void)
{
    char name[] = "on_gpu", option[] = "--gpu";
    fixture_options(2, (char *[]){name, option});
}
