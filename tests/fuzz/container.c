/* The container of code objects. */
#include "kernels/container.h"
#include "tests/fuzz/fuzz.h"

static void read_object(const struct hipfx_container *container, uint32_t index)
{
    struct hipfx_code_object object, found;
    struct hipfx_why why = {0};
    const bool ok = hipfx_container_at(container, index, &object, &why);
    CHECK(ok == !why.text[0]);
    if (!ok)
        return;
    CHECK(object.size > 0);
    CHECK(memchr(object.target, '\0', sizeof(object.target)));
    CHECK((const unsigned char *)object.data + object.size <= container->data + container->size);
    volatile unsigned char last = ((const unsigned char *)object.data)[object.size - 1];
    (void)last;
    if (hipfx_container_find(container, object.target, &found, NULL))
        CHECK(strcmp(found.target, object.target) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hipfx_container container;
    struct hipfx_code_object object;
    struct hipfx_why why = {0};
    const bool ok = hipfx_container_open(data, size, &container, &why);
    CHECK(ok == !why.text[0]);
    for (uint32_t i = 0; i < container.count; i++)
        read_object(&container, i);
    CHECK(!hipfx_container_at(&container, container.count, &object, NULL));
    hipfx_container_find(&container, "gfx1100", &object, NULL);
    return 0;
}
