/* The container that the build has embedded. */
#include "kernels/container.h"
#include "kernels/images.h"

bool hipfx_container_embedded(struct hipfx_container *container, struct hipfx_why *why)
{
    size_t size;
    const void *data = hipfx_images_code_objects(&size);
    return hipfx_container_open(data, size, container, why);
}
