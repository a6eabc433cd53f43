/* An effect's memory grows while other work hangs, and goes when nothing is at work any more. */
#include "kernels/effect.h"
#include "kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct hipfx_hip *hip;
static hipStream_t ours, anothers;
static atomic_bool go_on;
static struct hipfx_kernels kernels;

static void hang(void *unused)
{
    (void)unused;
    while (!atomic_load(&go_on))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static int open_streams(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    hip = hipfx_hip_open(HIPFX_HIP_CPU, &why);
    kernels.hip = hip;
    atomic_store(&go_on, false);
    return hip && HIP(&why, hip, hipStreamCreateWithFlags, &ours, hipStreamNonBlocking) &&
                   HIP(&why, hip, hipStreamCreateWithFlags, &anothers, hipStreamNonBlocking)
               ? 0
               : -1;
}

static int close_streams(void **state)
{
    (void)state;
    atomic_store(&go_on, true);
    return hip->hipStreamDestroy(ours) == hipSuccess &&
                   hip->hipStreamDestroy(anothers) == hipSuccess
               ? 0
               : -1;
}

/* The runtime's hipFree would wait for the stream that hangs. */
static void growing_waits_for_nobody(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    struct hipfx_scratch scratch = {0};
    const struct hipfx_run run = {
        .kernels = &kernels, .stream = ours, .scratch = &scratch, .why = &why};
    assert_int_equal(hip->hipLaunchHostFunc(anothers, hang, NULL), hipSuccess);
    char *first = hipfx_scratch_reserve(&run, 1000);
    assert_non_null(first);
    memset(first, 1, 1000);
    assert_ptr_equal(hipfx_scratch_reserve(&run, 1000), first);
    for (int i = 1; i <= HIPFX_OUTGROWN_MAX; i++)
        assert_non_null(hipfx_scratch_reserve(&run, 1000 + (size_t)i));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(first[i], 1); /* a kernel may still be reading it */
    assert_int_equal(scratch.outgrown_count, HIPFX_OUTGROWN_MAX);
    assert_string_equal(why.text, "");

    void *last = scratch.data;
    assert_null(hipfx_scratch_reserve(&run, 5000));
    assert_string_equal(why.text, "HIP still works on earlier frames");
    assert_ptr_equal(hipfx_scratch_reserve(&run, 1000), last);

    atomic_store(&go_on, true);
    hipfx_scratch_trim(hip, &scratch);
    assert_int_equal(scratch.outgrown_count, 0);
    assert_ptr_equal(scratch.data, last);
    assert_non_null(hipfx_scratch_reserve(&run, 5000));
    hipfx_scratch_free(hip, &scratch);
}

static void what_cannot_be_had_leaves_what_there_is(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    struct hipfx_scratch scratch = {0};
    const struct hipfx_run run = {
        .kernels = &kernels, .stream = ours, .scratch = &scratch, .why = &why};
    void *memory = hipfx_scratch_reserve(&run, 100);
    assert_non_null(memory);
    assert_null(hipfx_scratch_reserve(&run, SIZE_MAX / 2));
    assert_non_null(strstr(why.text, "hipMalloc"));
    assert_ptr_equal(hipfx_scratch_reserve(&run, 100), memory);
    hipfx_scratch_free(hip, &scratch);
}

/* Or sizes that go up and down would, in the end, be refused. */
static void all_that_a_filter_keeps_is_trimmed(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    struct hipfx_effect_state kept = {0};
    struct hipfx_scratch *parts[] = {&kept.history.memory, &kept.table.memory, &kept.plain[0],
                                     &kept.plain[1],       &kept.mask[0],      &kept.mask[1]};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct hipfx_run run = {
            .kernels = &kernels, .stream = ours, .scratch = parts[i], .why = &why};
        for (size_t size = 100; size < 100 + 2 * HIPFX_OUTGROWN_MAX; size++) {
            assert_non_null(hipfx_scratch_reserve(&run, size));
            assert_int_equal(hipfx_effect_state_outgrown(&kept), size > 100);
            hipfx_effect_state_trim(hip, &kept);
            assert_int_equal(hipfx_effect_state_outgrown(&kept), 0);
        }
    }
    hipfx_effect_state_free(hip, &kept);
    assert_string_equal(why.text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_streams, close_streams)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(growing_waits_for_nobody),
        TEST(all_that_a_filter_keeps_is_trimmed),
        TEST(what_cannot_be_had_leaves_what_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
