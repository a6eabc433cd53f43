/* The container of code objects: what the build made, and what an enemy could make of it. */
#include "kernels/container.h"
#include "kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MACHINE_AMDGPU 224

/* The kernel descriptor of code object versions 3 to 6 (LLVM, "User Guide for AMDGPU Backend"):
 * what the GPU itself is given. */
struct descriptor {
    uint32_t group_bytes;   /* LDS */
    uint32_t private_bytes; /* scratch */
    uint32_t kernarg_bytes;
    uint8_t rest[52];
};

static struct hipfx_container embedded(void)
{
    struct hipfx_container container;
    struct hipfx_why why = {0};
    if (!hipfx_container_embedded(&container, &why))
        fail_msg("%s", why.text);
    return container;
}

static void every_target_of_the_build_is_found(void **state)
{
    (void)state;
    const struct hipfx_container container = embedded();
    char targets[] = HIPFX_TARGETS, *save = NULL;
    uint32_t count = 0;
    for (char *name = strtok_r(targets, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        struct hipfx_code_object object;
        struct hipfx_why why = {0};
        if (!hipfx_container_find(&container, name, &object, &why))
            fail_msg("%s", why.text);
        assert_string_equal(object.target, name);
        assert_int_equal((uintptr_t)object.data % HIPFX_CONTAINER_ALIGN, 0);
        count++;
    }
    assert_int_equal(container.count, count);
    assert_true(count > 0);
}

static void a_target_that_is_not_there_is_named_with_those_that_are(void **state)
{
    (void)state;
    const struct hipfx_container container = embedded();
    struct hipfx_code_object object;
    struct hipfx_why why = {0};
    assert_false(hipfx_container_find(&container, "gfx803", &object, &why));
    assert_null(object.data);
    assert_non_null(strstr(why.text, "gfx803"));
    assert_non_null(strstr(why.text, "gfx1030"));
    assert_non_null(strstr(why.text, "gfx1201"));
}

static const Elf64_Shdr *section_of_type(const unsigned char *image, uint32_t type)
{
    const Elf64_Ehdr *elf = (const void *)image;
    const Elf64_Shdr *sections = (const void *)(image + elf->e_shoff);
    for (int i = 0; i < elf->e_shnum; i++) {
        if (sections[i].sh_type == type)
            return &sections[i];
    }
    fail_msg("a code object has no section of type %u", type);
    return NULL;
}

/* The symbol's bytes in the file: the loader's view of it is the segment's. */
static const void *bytes_of(const unsigned char *image, const char *symbol)
{
    const Elf64_Ehdr *elf = (const void *)image;
    const Elf64_Phdr *segments = (const void *)(image + elf->e_phoff);
    const Elf64_Shdr *table = section_of_type(image, SHT_DYNSYM);
    const Elf64_Shdr *sections = (const void *)(image + elf->e_shoff);
    const char *names = (const char *)image + sections[table->sh_link].sh_offset;
    const Elf64_Sym *symbols = (const void *)(image + table->sh_offset);
    for (size_t i = 0; i < table->sh_size / sizeof(*symbols); i++) {
        if (strcmp(names + symbols[i].st_name, symbol) != 0)
            continue;
        for (int s = 0; s < elf->e_phnum; s++) {
            const Elf64_Phdr *p = &segments[s];
            if (p->p_type == PT_LOAD && symbols[i].st_value >= p->p_vaddr &&
                symbols[i].st_value + sizeof(struct descriptor) <= p->p_vaddr + p->p_filesz)
                return image + p->p_offset + (symbols[i].st_value - p->p_vaddr);
        }
    }
    return NULL;
}

static void check_kernel(const struct hipfx_code_object *object, const char *name, size_t args_size)
{
    char symbol[64];
    struct descriptor descriptor;
    snprintf(symbol, sizeof(symbol), "%s.kd", name);
    const void *bytes = bytes_of(object->data, symbol);
    if (!bytes) {
        fail_msg("%s has no kernel %s", object->target, name);
        return;
    }
    memcpy(&descriptor, bytes, sizeof(descriptor));
    if (descriptor.private_bytes != 0)
        fail_msg("%s on %s needs %u bytes of scratch", name, object->target,
                 descriptor.private_bytes);
    assert_true(descriptor.kernarg_bytes >= args_size);
    assert_true(descriptor.group_bytes <= 65536);
}

static void every_kernel_is_in_every_object_and_needs_no_scratch(void **state)
{
    (void)state;
    const struct hipfx_container container = embedded();
    for (uint32_t i = 0; i < container.count; i++) {
        struct hipfx_code_object object;
        struct hipfx_why why = {0};
        assert_true(hipfx_container_at(&container, i, &object, &why));
        const Elf64_Ehdr *elf = object.data;
        assert_memory_equal(elf->e_ident, ELFMAG, SELFMAG);
        assert_int_equal(elf->e_machine, MACHINE_AMDGPU);
#define CHECK(name, args_type, width, height) check_kernel(&object, #name, sizeof(args_type));
        HIPFX_GPU_KERNELS(CHECK)
#undef CHECK
    }
}

/* A small sound container to damage: two objects. */
#define OBJECT_BYTES 100
#define SMALL_BYTES  (2 * HIPFX_CONTAINER_ALIGN + OBJECT_BYTES)

static void put_uint(unsigned char *bytes, uint64_t value, int count)
{
    for (int i = 0; i < count; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

static unsigned char *make_small(void)
{
    static const char *const targets[] = {"gfx1", "gfx2"};
    unsigned char *bytes = calloc(1, SMALL_BYTES);
    assert_non_null(bytes);
    put_uint(bytes, HIPFX_CONTAINER_MAGIC, 8);
    put_uint(bytes + 8, HIPFX_CONTAINER_VERSION, 4);
    put_uint(bytes + 12, 2, 4);
    for (unsigned i = 0; i < 2; i++) {
        const size_t offset = (i + 1) * (size_t)HIPFX_CONTAINER_ALIGN;
        unsigned char *entry =
            bytes + HIPFX_CONTAINER_HEADER_BYTES + (size_t)i * HIPFX_CONTAINER_ENTRY_BYTES;
        memset(bytes + offset, 'a' + (int)i, OBJECT_BYTES);
        memcpy(entry, targets[i], strlen(targets[i]));
        put_uint(entry + 16, offset, 8);
        put_uint(entry + 24, OBJECT_BYTES, 8);
        put_uint(entry + 32, hipfx_container_checksum(bytes + offset, OBJECT_BYTES), 8);
    }
    return bytes;
}

static bool can_open(const void *bytes, size_t size)
{
    struct hipfx_container container;
    struct hipfx_why why = {0};
    const bool ok = hipfx_container_open(bytes, size, &container, &why);
    assert_int_equal(ok, why.text[0] == '\0');
    assert_int_equal(ok, container.data != NULL);
    return ok;
}

static void a_sound_container_gives_its_objects(void **state)
{
    (void)state;
    unsigned char *bytes = make_small();
    struct hipfx_container container;
    struct hipfx_code_object object;
    assert_true(hipfx_container_open(bytes, SMALL_BYTES, &container, NULL));
    assert_true(hipfx_container_find(&container, "gfx2", &object, NULL));
    assert_int_equal(object.size, OBJECT_BYTES);
    assert_int_equal(*(const char *)object.data, 'b');
    assert_false(hipfx_container_at(&container, 2, &object, NULL));
    assert_false(hipfx_container_find(&container, "gfx", &object, NULL));
    assert_false(hipfx_container_find(&container, "", &object, NULL));
    free(bytes);
}

/* Each part in memory of just that size, so that a sanitizer sees a byte too many. */
static void no_beginning_of_a_container_is_sound(void **state)
{
    (void)state;
    unsigned char *whole = make_small();
    for (size_t size = 0; size < SMALL_BYTES; size += size < 128 ? 1 : 97) {
        unsigned char *part = malloc(size ? size : 1);
        assert_non_null(part);
        memcpy(part, whole, size);
        assert_false(can_open(part, size));
        free(part);
    }
    assert_true(can_open(whole, SMALL_BYTES));
    free(whole);
}

static void expect_refused(size_t at, uint64_t value, int count)
{
    unsigned char *bytes = make_small();
    put_uint(bytes + at, value, count);
    if (can_open(bytes, SMALL_BYTES))
        fail_msg("taken with %llx at %zu", (unsigned long long)value, at);
    free(bytes);
}

static void damaged_numbers_are_refused(void **state)
{
    (void)state;
    const size_t offset = HIPFX_CONTAINER_HEADER_BYTES + 16, size = offset + 8;
    expect_refused(0, 0, 1);
    expect_refused(8, 2, 4);
    expect_refused(12, UINT32_MAX, 4);
    expect_refused(12, HIPFX_CONTAINER_MAX + 1, 4);
    expect_refused(12, 3, 4); /* the third entry is all zeros */
    expect_refused(offset, 0, 8);
    expect_refused(offset, HIPFX_CONTAINER_ALIGN + 1, 8);
    expect_refused(offset, UINT64_MAX - HIPFX_CONTAINER_ALIGN + 1, 8);
    expect_refused(offset, 3 * HIPFX_CONTAINER_ALIGN, 8);
    expect_refused(size, 0, 8);
    expect_refused(size, UINT64_MAX, 8);
    expect_refused(size, SMALL_BYTES - HIPFX_CONTAINER_ALIGN + 1, 8);
}

static void damaged_names_are_refused(void **state)
{
    (void)state;
    const size_t name = HIPFX_CONTAINER_HEADER_BYTES;
    expect_refused(name, 0, 8);
    expect_refused(name, '%', 1);
    expect_refused(name, 'G', 1);
    expect_refused(name + 8, 'x', 1); /* behind the end */
    unsigned char *bytes = make_small();
    memset(bytes + name, 'x', HIPFX_TARGET_SIZE); /* no end */
    assert_false(can_open(bytes, SMALL_BYTES));
    free(bytes);
}

static void an_object_with_a_wrong_byte_is_refused(void **state)
{
    (void)state;
    unsigned char *bytes = make_small();
    struct hipfx_container container;
    struct hipfx_code_object object;
    struct hipfx_why why = {0};
    bytes[HIPFX_CONTAINER_ALIGN + 50] ^= 1;
    assert_true(hipfx_container_open(bytes, SMALL_BYTES, &container, &why));
    assert_false(hipfx_container_find(&container, "gfx1", &object, &why));
    assert_non_null(strstr(why.text, "gfx1"));
    assert_null(object.data);
    assert_true(hipfx_container_find(&container, "gfx2", &object, NULL));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_of_the_build_is_found),
        cmocka_unit_test(a_target_that_is_not_there_is_named_with_those_that_are),
        cmocka_unit_test(every_kernel_is_in_every_object_and_needs_no_scratch),
        cmocka_unit_test(a_sound_container_gives_its_objects),
        cmocka_unit_test(no_beginning_of_a_container_is_sound),
        cmocka_unit_test(damaged_numbers_are_refused),
        cmocka_unit_test(damaged_names_are_refused),
        cmocka_unit_test(an_object_with_a_wrong_byte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
