/* PCI addresses, KFD's properties and targets: strings from outside, friendly and not. */
#include "interop/hip/kfd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_address(const char *text, uint32_t domain, int bus, int device)
{
    struct hipfx_pci pci;
    assert_true(hipfx_pci_parse(text, &pci));
    assert_int_equal(pci.domain, domain);
    assert_int_equal(pci.bus, bus);
    assert_int_equal(pci.device, device);
}

static void addresses_are_read(void **state)
{
    (void)state;
    expect_address("0000:03:00.0", 0, 3, 0);
    expect_address("0000:03:00", 0, 3, 0);
    expect_address("0001:C1:1f.7", 1, 0xc1, 31);
    expect_address("10000:e1:02.0", 0x10000, 0xe1, 2); /* Intel's VMD counts domains from there */
    expect_address("ffffffff:ff:1F.0", 0xffffffff, 255, 31);
    expect_address("0:0:0.0", 0, 0, 0);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           ":",           "0000",          "0000:",         "0000:03",
        "0000:03:",   "0000:03:00.", "0000:03:20.0",  "0000:03:00.8",  "0000:03:00.00",
        "03:00.0",    "00003:00.0",  "0000:003:00.0", "0000:03:000.0", "000000000:03:00.0",
        "-000:03:00", "0x00:03:00",  " 0000:03:00.0", "0000:03:00.0 ", "0000:03:00.0\n",
        "0000:03:0g", "0000;03:00",  "0000::00.0",    ":03:00.0",      "\xff\xff:03:00.0",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hipfx_pci pci = {7, 7, 7};
        if (hipfx_pci_parse(bad[i], &pci))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(pci.domain + pci.bus + pci.device, 0);
    }
    struct hipfx_pci pci;
    assert_false(hipfx_pci_parse(NULL, &pci));
}

/* Every beginning of an address, in memory that ends there. */
static void nothing_is_read_behind_the_end(void **state)
{
    (void)state;
    static const char address[] = "0001:c1:1f.7";
    for (size_t length = 0; length < sizeof(address); length++) {
        char *part = malloc(length + 1);
        struct hipfx_pci pci;
        assert_non_null(part);
        memcpy(part, address, length);
        part[length] = '\0';
        const bool whole = length == 10 || length == 12; /* without and with the function */
        const bool short_device = length == 9;
        assert_int_equal(hipfx_pci_parse(part, &pci), whole || short_device);
        free(part);
    }
}

static void addresses_are_printed_as_they_are_read(void **state)
{
    (void)state;
    static const struct hipfx_pci all[] = {{0, 3, 0}, {0x10000, 0xff, 31}, {0xffffffff, 0xff, 31}};
    for (int i = 0; i < 3; i++) {
        struct hipfx_pci again;
        assert_true(hipfx_pci_parse(hipfx_pci_print(&all[i]).text, &again));
        assert_true(hipfx_pci_equal(&again, &all[i]));
    }
    assert_false(hipfx_pci_equal(&all[0], &all[1]));
}

static void a_gpu_of_kfd_is_read(void **state)
{
    (void)state;
    struct hipfx_kfd_gpu gpu;
    assert_true(hipfx_kfd_parse("simd_count 80\ngfx_target_version 90010\nlocation_id 49409\n"
                                "domain 1\nunique_id 18446744073709551615\n",
                                &gpu));
    assert_int_equal(gpu.gfx_version, 90010);
    assert_int_equal(gpu.pci.domain, 1);
    assert_int_equal(gpu.pci.bus, 0xc1);
    assert_int_equal(gpu.pci.device, 0);
    /* Kernels before 5.3 have no domain; the last line may lack its end. */
    assert_true(hipfx_kfd_parse("location_id 776\ngfx_target_version 110001", &gpu));
    assert_int_equal(gpu.pci.bus, 3);
    assert_int_equal(gpu.pci.device, 1);
}

static void what_is_no_gpu_of_kfd_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n\n\n",
        "location_id",
        "location_id \ngfx_target_version 100300\n",
        "location_id 768\n",
        "gfx_target_version 100300\n",
        "location_id 768\ngfx_target_version 0\n",
        "location_id 768\ngfx_target_version -100300\n",
        "location_id 768\ngfx_target_version 1e5\n",
        "location_id 768\ngfx_target_version 99999999999999999999999\n",
        "location_id 768\ngfx_target_version 1000000\n",
        "location_id 65536\ngfx_target_version 100300\n",
        "location_id 768\ngfx_target_version 100300\ndomain 4294967296\n",
        "xlocation_id 768\ngfx_target_version 100300\n",
        "location_id 768 gfx_target_version 100300\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hipfx_kfd_gpu gpu = {.node = 7, .gfx_version = 7};
        if (hipfx_kfd_parse(bad[i], &gpu))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_int_equal(gpu.gfx_version, 0);
    }
}

static void expect_target(uint32_t version, const char *name)
{
    char target[HIPFX_KFD_TARGET_SIZE];
    const struct hipfx_kfd_gpu gpu = {.node = 2, .gfx_version = version};
    struct hipfx_why why = {0};
    assert_true(hipfx_kfd_target(&gpu, target, &why));
    assert_string_equal(target, name);
}

static void targets_have_the_compilers_names(void **state)
{
    (void)state;
    unsetenv("HSA_OVERRIDE_GFX_VERSION");
    expect_target(90000, "gfx900");
    expect_target(90010, "gfx90a");
    expect_target(90402, "gfx942");
    expect_target(100306, "gfx1036");
    expect_target(110501, "gfx1151");
    expect_target(120001, "gfx1201");
    expect_target(999999, "gfx996363"); /* longer than any, and it fits */
}

static void the_runtimes_override_is_followed(void **state)
{
    (void)state;
    setenv("HSA_OVERRIDE_GFX_VERSION", "10.3.0", 1);
    expect_target(100302, "gfx1030");
    setenv("HSA_OVERRIDE_GFX_VERSION_2", "9.0.10", 1); /* of one node, and before the other */
    expect_target(100302, "gfx90a");
    setenv("HSA_OVERRIDE_GFX_VERSION_3", "11.0.0", 1);
    expect_target(100302, "gfx90a");
    unsetenv("HSA_OVERRIDE_GFX_VERSION_2");
    unsetenv("HSA_OVERRIDE_GFX_VERSION_3");
    unsetenv("HSA_OVERRIDE_GFX_VERSION");
}

static void a_malformed_override_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "10",     "10.3",    "10.3.",   "10.3.0.", "10.3.0x", " 10.3.0",
        "-1.3.0", "64.0.0", "10.16.0", "10.3.16", "10,3,0",  "gfx1030", "10.3.99999999999999999"};
    const struct hipfx_kfd_gpu gpu = {.gfx_version = 100300};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint32_t version;
        char target[HIPFX_KFD_TARGET_SIZE];
        struct hipfx_why why = {0};
        if (hipfx_kfd_parse_override(bad[i], &version))
            fail_msg("\"%s\" was taken", bad[i]);
        setenv("HSA_OVERRIDE_GFX_VERSION", bad[i], 1);
        assert_false(hipfx_kfd_target(&gpu, target, &why));
        assert_non_null(strstr(why.text, "HSA_OVERRIDE_GFX_VERSION"));
    }
    unsetenv("HSA_OVERRIDE_GFX_VERSION");
}

static void a_gpu_is_found_by_its_address(void **state)
{
    (void)state;
    struct hipfx_kfd_gpu gpu;
    struct hipfx_why why = {0};
    setenv("HIPFX_TEST_KFD", KFD_FOLDER, 1);
    assert_true(hipfx_kfd_usable(&why));
    assert_true(hipfx_kfd_find(&(struct hipfx_pci){0, 0x0c, 0}, &gpu, &why));
    assert_int_equal(gpu.node, 2);
    assert_int_equal(gpu.gfx_version, 100306);
    assert_false(hipfx_kfd_find(&(struct hipfx_pci){0, 0, 0}, &gpu, &why)); /* the processor */
    assert_non_null(strstr(why.text, "0000:00:00"));
    assert_int_equal(gpu.gfx_version, 0);
    unsetenv("HIPFX_TEST_KFD");
}

static void a_driver_that_cannot_be_used_is_named_with_the_remedy(void **state)
{
    (void)state;
    struct hipfx_why missing = {0}, denied = {0};
    setenv("HIPFX_TEST_KFD", "/nonexistent", 1);
    assert_false(hipfx_kfd_usable(&missing));
    assert_non_null(strstr(missing.text, "/dev/kfd is missing"));
    setenv("HIPFX_TEST_KFD_DENIED", "1", 1);
    assert_false(hipfx_kfd_usable(&denied));
    assert_non_null(strstr(denied.text, "group render"));
    unsetenv("HIPFX_TEST_KFD_DENIED");
    unsetenv("HIPFX_TEST_KFD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(nothing_is_read_behind_the_end),
        cmocka_unit_test(addresses_are_printed_as_they_are_read),
        cmocka_unit_test(a_gpu_of_kfd_is_read),
        cmocka_unit_test(what_is_no_gpu_of_kfd_is_refused),
        cmocka_unit_test(targets_have_the_compilers_names),
        cmocka_unit_test(the_runtimes_override_is_followed),
        cmocka_unit_test(a_malformed_override_is_refused),
        cmocka_unit_test(a_gpu_is_found_by_its_address),
        cmocka_unit_test(a_driver_that_cannot_be_used_is_named_with_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
