/* Memory: allocation, registration, copies and fills. */
#include "tests/unit/hip/hip_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static hipStream_t stream;
static const struct hipfx_hip *hip;

static int set_up(void **state)
{
    (void)state;
    hip = open_cpu();
    OK(hip->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    OK(hip->hipStreamDestroy(stream));
    return 0;
}

static void memory_is_aligned_and_separate(void **state)
{
    (void)state;
    unsigned char *blocks[100];
    for (size_t i = 0; i < 100; i++) {
        OK(hip->hipMalloc((void **)&blocks[i], 1 + i * 777));
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        memset(blocks[i], (int)i, 1 + i * 777);
    }
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(blocks[i][0], i);
        assert_int_equal(blocks[i][i * 777], i);
        OK(hip->hipFree(blocks[i]));
    }
}

static void allocation_has_hips_codes(void **state)
{
    (void)state;
    void *p = (void *)1;
    OK(hip->hipMalloc(&p, 0));
    assert_null(p);
    OK(hip->hipFree(NULL));
    OK(hip->hipHostFree(NULL));
    assert_int_equal(hip->hipMalloc(NULL, 16), hipErrorInvalidValue);
    assert_int_equal(hip->hipHostMalloc(&p, 16, 0x10), hipErrorInvalidValue);

    OK(hip->hipMalloc(&p, 1000));
    assert_int_equal(hip->hipHostFree(p), hipErrorInvalidValue);
    assert_int_equal(hip->hipFree((char *)p + 64), hipErrorInvalidValue);
    OK(hip->hipFree(p));
    assert_int_equal(hip->hipFree(p), hipErrorInvalidValue);
    assert_int_equal(hip->hipFree(&p), hipErrorInvalidValue);

    OK(hip->hipHostMalloc(&p, 1000, hipHostMallocMapped));
    assert_int_equal(hip->hipFree(p), hipErrorInvalidValue);
    OK(hip->hipHostFree(p));
}

static void too_much_memory_is_out_of_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* a sanitizer's allocator ends the program instead of refusing */
#endif
    void *p = (void *)1;
    assert_int_equal(hip->hipMalloc(&p, (size_t)1 << 62), hipErrorOutOfMemory);
    assert_null(p);
}

static void registered_memory_is_its_own_device_memory(void **state)
{
    (void)state;
    const size_t size = 64 * 1024;
    char *memory = malloc(size);
    assert_non_null(memory);
    void *device = NULL;
    assert_int_equal(hip->hipHostGetDevicePointer(&device, memory, 0), hipErrorInvalidValue);
    OK(hip->hipHostRegister(memory, size, hipHostRegisterMapped));
    OK(hip->hipHostGetDevicePointer(&device, memory, 0));
    assert_ptr_equal(device, memory);
    OK(hip->hipHostGetDevicePointer(&device, memory + 100, 0));
    assert_ptr_equal(device, memory + 100);

    assert_int_equal(hip->hipHostRegister(memory, size, 0), hipErrorHostMemoryAlreadyRegistered);
    assert_int_equal(hip->hipHostRegister(memory + size / 2, 1, 0),
                     hipErrorHostMemoryAlreadyRegistered);
    assert_int_equal(hip->hipHostUnregister(memory + 1), hipErrorHostMemoryNotRegistered);
    assert_int_equal(hip->hipHostFree(memory), hipErrorInvalidValue);
    OK(hip->hipHostUnregister(memory));
    assert_int_equal(hip->hipHostUnregister(memory), hipErrorHostMemoryNotRegistered);

    OK(hip->hipHostRegister(memory, size / 2, 0));
    OK(hip->hipHostRegister(memory + size / 2, size / 2, 0)); /* neighbours do not overlap */
    OK(hip->hipHostUnregister(memory));
    OK(hip->hipHostUnregister(memory + size / 2));
    free(memory);
}

static void registration_has_hips_codes(void **state)
{
    (void)state;
    char byte = 0;
    assert_int_equal(hip->hipHostRegister(NULL, 16, 0), hipErrorInvalidValue);
    assert_int_equal(hip->hipHostRegister(&byte, 0, 0), hipErrorInvalidValue);
    assert_int_equal(hip->hipHostRegister(&byte, 1, 0x100), hipErrorInvalidValue);
    assert_int_equal(hip->hipHostRegister(&byte, SIZE_MAX, 0), hipErrorInvalidValue);
    assert_int_equal(hip->hipHostUnregister(NULL), hipErrorInvalidValue);

    char *gone = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(gone != MAP_FAILED);
    assert_int_equal(munmap(gone + 4096, 4096), 0);
    assert_int_equal(hip->hipHostRegister(gone, 8192, 0), hipErrorInvalidValue);
    OK(hip->hipHostRegister(gone, 4096, 0));
    OK(hip->hipHostUnregister(gone));
    munmap(gone, 4096);
}

/* Sizes around the pieces that a copy is cut into. */
static void copies_and_fills_reach_every_byte_and_no_other(void **state)
{
    (void)state;
    const size_t piece = 256 * 1024;
    const size_t sizes[] = {1, 3, 4096, piece - 1, piece, piece + 1, 5 * piece, 5 * piece + 77};
    const size_t room = 6 * piece;
    unsigned char *src = NULL, *dst = NULL;
    OK(hip->hipMalloc((void **)&src, room));
    OK(hip->hipHostMalloc((void **)&dst, room, 0));
    for (size_t i = 0; i < room; i++)
        src[i] = (unsigned char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        OK(hip->hipMemsetAsync(dst, 0xee, room, stream));
        OK(hip->hipMemcpyAsync(dst + 5, src + 3, sizes[i], hipMemcpyDeviceToHost, stream));
        OK(hip->hipStreamSynchronize(stream));
        assert_memory_equal(dst + 5, src + 3, sizes[i]);
        assert_int_equal(dst[4], 0xee);
        assert_int_equal(dst[5 + sizes[i]], 0xee);
        assert_int_equal(dst[room - 1], 0xee);
    }
    OK(hip->hipFree(src));
    OK(hip->hipHostFree(dst));
}

static void copy_2d_keeps_to_its_pitches(void **state)
{
    (void)state;
    const size_t width = 1921, height = 500, dst_pitch = 2048, src_pitch = 2624;
    unsigned char *src = NULL, *dst = NULL;
    OK(hip->hipMalloc((void **)&src, src_pitch * height));
    OK(hip->hipMalloc((void **)&dst, dst_pitch * height));
    for (size_t i = 0; i < src_pitch * height; i++)
        src[i] = (unsigned char)(i * 2654435761u >> 11);
    OK(hip->hipMemsetAsync(dst, 0xee, dst_pitch * height, stream));
    OK(hip->hipMemcpy2DAsync(dst, dst_pitch, src, src_pitch, width, height, hipMemcpyDeviceToDevice,
                             stream));
    OK(hip->hipStreamSynchronize(stream));
    for (size_t y = 0; y < height; y++) {
        assert_memory_equal(dst + y * dst_pitch, src + y * src_pitch, width);
        for (size_t x = width; x < dst_pitch; x++)
            assert_int_equal(dst[y * dst_pitch + x], 0xee);
    }

    /* Whole rows, no gaps. */
    OK(hip->hipMemcpy2DAsync(dst, dst_pitch, src, dst_pitch, dst_pitch, height, hipMemcpyDefault,
                             stream));
    OK(hip->hipStreamSynchronize(stream));
    assert_memory_equal(dst, src, dst_pitch * height);
    OK(hip->hipFree(src));
    OK(hip->hipFree(dst));
}

static void a_copy_from_memory_that_hip_does_not_know_is_finished_on_return(void **state)
{
    (void)state;
    char *device = NULL, local[100];
    OK(hip->hipMalloc((void **)&device, sizeof(local)));
    for (int i = 0; i < 1000; i++) {
        memset(local, i & 0x7f, sizeof(local));
        OK(hip->hipMemcpyAsync(device, local, sizeof(local), hipMemcpyHostToDevice, stream));
        assert_memory_equal(device, local, sizeof(local));
    }
    OK(hip->hipFree(device));
}

static void copies_have_hips_codes(void **state)
{
    (void)state;
    char a[64], b[64], *device = NULL;
    hipMemcpyKind no_kind;
    memset(&no_kind, 0x7f, sizeof(no_kind));
    OK(hip->hipMalloc((void **)&device, 64));
    OK(hip->hipMemcpyAsync(NULL, NULL, 0, hipMemcpyDefault, stream));
    assert_int_equal(hip->hipMemcpyAsync(a, NULL, 8, hipMemcpyDefault, stream),
                     hipErrorInvalidValue);
    assert_int_equal(hip->hipMemcpyAsync(a, b, 8, no_kind, stream), hipErrorInvalidMemcpyDirection);
    OK(hip->hipMemcpy2DAsync(a, 8, b, 8, 8, 0, hipMemcpyDefault, stream));
    assert_int_equal(hip->hipMemcpy2DAsync(a, 4, b, 8, 8, 2, hipMemcpyDefault, stream),
                     hipErrorInvalidPitchValue);
    assert_int_equal(hip->hipMemcpy2DAsync(a, SIZE_MAX / 2, b, 8, 8, 9, hipMemcpyDefault, stream),
                     hipErrorInvalidValue);
    OK(hip->hipMemsetAsync(device, 0, 64, stream));
    assert_int_equal(hip->hipMemsetAsync(device, 0, 65, stream), hipErrorInvalidValue);
    assert_int_equal(hip->hipMemsetAsync(a, 0, 8, stream), hipErrorInvalidValue);
    OK(hip->hipFree(device));
}

static void freeing_waits_for_the_work_before_it(void **state)
{
    (void)state;
    struct gate gate = {.open = true};
    void *device = NULL;
    OK(hip->hipMalloc(&device, 1 << 20));
    for (int i = 0; i < 20; i++)
        OK(hip->hipMemsetAsync(device, i, 1 << 20, stream));
    OK(hip->hipLaunchHostFunc(stream, wait_at_gate, &gate));
    OK(hip->hipFree(device));
    assert_true(atomic_load(&gate.reached));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_separate),
        cmocka_unit_test(allocation_has_hips_codes),
        cmocka_unit_test(too_much_memory_is_out_of_memory),
        cmocka_unit_test(registered_memory_is_its_own_device_memory),
        cmocka_unit_test(registration_has_hips_codes),
        cmocka_unit_test(copies_and_fills_reach_every_byte_and_no_other),
        cmocka_unit_test(copy_2d_keeps_to_its_pitches),
        cmocka_unit_test(a_copy_from_memory_that_hip_does_not_know_is_finished_on_return),
        cmocka_unit_test(copies_have_hips_codes),
        cmocka_unit_test(freeing_waits_for_the_work_before_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
