/* The GPUs' code that the build has made (cmake/kernels.cmake). */
#pragma once

#include <stddef.h>

/* PTX, a string. */
const char *hipfx_images_ptx(void);

/* The container of code objects for AMD's GPUs. */
const void *hipfx_images_code_objects(size_t *size);
