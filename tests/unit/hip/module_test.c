/* Modules, functions and launches. */
#define _GNU_SOURCE /* sched_setaffinity */
#include "tests/unit/hip/hip_test.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct count_args {
    atomic_int *rows; /* one counter for each row */
    int height;
    int step;
};

static void count_rows(const void *args, int begin, int end)
{
    const struct count_args *a = args;
    for (int y = begin; y < end && y < a->height; y++)
        atomic_fetch_add_explicit(&a->rows[y], a->step, memory_order_relaxed);
}

struct meet_args {
    atomic_int *inside;
    atomic_bool *met;
};

/* Finishes early only if two threads are in it at one time. */
static void meet(const void *args, int begin, int end)
{
    const struct meet_args *a = args;
    (void)begin;
    (void)end;
    if (atomic_fetch_add(a->inside, 1) > 0)
        atomic_store(a->met, true);
    wait_for(a->met);
    atomic_fetch_sub(a->inside, 1);
}

static atomic_int bare_calls;

static void bare(const void *args, int begin, int end)
{
    (void)args;
    atomic_fetch_add(&bare_calls, end - begin);
}

static const struct hipfx_cpu_kernel kernels[] = {
    {"count_rows", count_rows, sizeof(struct count_args)},
    {"meet", meet, sizeof(struct meet_args)},
    {"bare", bare, 0},
};

static const struct hipfx_cpu_image image = {
    .magic = HIPFX_CPU_IMAGE_MAGIC,
    .isa = "test",
    .kernels = kernels,
    .kernel_count = sizeof(kernels) / sizeof(kernels[0]),
};

static const struct hipfx_hip *hip;
static hipStream_t stream;
static hipModule_t module;
static bool one_core;

static int set_up(void **state)
{
    (void)state;
    hip = open_cpu();
    OK(hip->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    OK(hip->hipModuleLoadData(&module, &image));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    OK(hip->hipModuleUnload(module));
    OK(hip->hipStreamDestroy(stream));
    return 0;
}

static hipFunction_t function(const char *name)
{
    hipFunction_t f = NULL;
    OK(hip->hipModuleGetFunction(&f, module, name));
    assert_non_null(f);
    return f;
}

static hipError_t launch(hipFunction_t f, unsigned int blocks, unsigned int block_rows, void *args)
{
    void *params[] = {args};
    return hip->hipModuleLaunchKernel(f, 7, blocks, 1, 32, block_rows, 1, 0, stream, params, NULL);
}

static void modules_have_hips_codes(void **state)
{
    (void)state;
    hipModule_t m = NULL;
    hipFunction_t f = NULL;
    struct hipfx_cpu_image bad = image;
    bad.magic ^= 1;
    assert_int_equal(hip->hipModuleLoadData(&m, &bad), hipErrorInvalidImage);
    assert_null(m);
    bad = image;
    bad.kernels = NULL;
    assert_int_equal(hip->hipModuleLoadData(&m, &bad), hipErrorInvalidImage);
    assert_int_equal(hip->hipModuleLoadData(&m, NULL), hipErrorInvalidValue);
    assert_int_equal(hip->hipModuleLoadData(NULL, &image), hipErrorInvalidValue);

    assert_int_equal(hip->hipModuleGetFunction(&f, module, "absent"), hipErrorNotFound);
    assert_null(f);
    assert_int_equal(hip->hipModuleGetFunction(&f, module, NULL), hipErrorInvalidValue);
    assert_int_equal(hip->hipModuleGetFunction(&f, NULL, "bare"), hipErrorInvalidHandle);

    OK(hip->hipModuleLoadData(&m, &image));
    OK(hip->hipModuleUnload(m));
    assert_int_equal(hip->hipModuleUnload(m), hipErrorInvalidHandle);
    assert_int_equal(hip->hipModuleGetFunction(&f, m, "bare"), hipErrorInvalidHandle);
    assert_int_equal(hip->hipModuleUnload(NULL), hipErrorInvalidHandle);
}

static void each_row_runs_once(void **state)
{
    (void)state;
    hipFunction_t f = function("count_rows");
    const int heights[] = {1, 2, 3, 7, 8, 63, 64, 65, 361, 1080, 2160, 10007};
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        int height = heights[i];
        atomic_int *rows = calloc((size_t)height, sizeof(*rows));
        assert_non_null(rows);
        struct count_args args = {rows, height, 1};
        for (int repeat = 0; repeat < 20; repeat++)
            OK(launch(f, ((unsigned int)height + 7) / 8, 8, &args));
        OK(hip->hipStreamSynchronize(stream));
        for (int y = 0; y < height; y++)
            assert_int_equal(atomic_load(&rows[y]), 20);
        free(rows);
    }
}

static void rows_run_on_several_threads_at_once(void **state)
{
    (void)state;
    int cores = 0;
    OK(hip->hipDeviceGetAttribute(&cores, hipDeviceAttributeMultiprocessorCount, 0));
    if (one_core)
        assert_int_equal(cores, 1);
    if (cores < 2)
        skip();
    atomic_int inside = 0;
    atomic_bool met = false;
    OK(launch(function("meet"), 64, 1, &(struct meet_args){&inside, &met}));
    OK(hip->hipStreamSynchronize(stream));
    assert_true(atomic_load(&met));
}

static void the_argument_is_copied_at_launch(void **state)
{
    (void)state;
    struct gate gate = {0};
    atomic_int rows[16] = {0};
    struct count_args args = {rows, 16, 3};
    OK(hip->hipLaunchHostFunc(stream, wait_at_gate, &gate));
    OK(launch(function("count_rows"), 16, 1, &args));
    memset(&args, 0xff, sizeof(args));
    atomic_store(&gate.open, true);
    OK(hip->hipStreamSynchronize(stream));
    for (int y = 0; y < 16; y++)
        assert_int_equal(atomic_load(&rows[y]), 3);
}

static void launches_wait_for_what_stands_before_them(void **state)
{
    (void)state;
    hipFunction_t f = function("count_rows");
    atomic_int *rows = NULL;
    int *copy = NULL;
    OK(hip->hipMalloc((void **)&rows, 1000 * sizeof(int)));
    OK(hip->hipHostMalloc((void **)&copy, 1000 * sizeof(int), 0));
    for (int i = 0; i < 200; i++) {
        struct count_args args = {rows, 1000, i};
        OK(hip->hipMemsetAsync(rows, 0, 1000 * sizeof(int), stream));
        OK(launch(f, 125, 8, &args));
        OK(hip->hipMemcpyAsync(copy, rows, 1000 * sizeof(int), hipMemcpyDeviceToHost, stream));
        OK(hip->hipStreamSynchronize(stream));
        for (int y = 0; y < 1000; y++)
            assert_int_equal(copy[y], i);
    }
    OK(hip->hipFree(rows));
    OK(hip->hipHostFree(copy));
}

static void streams_share_the_pool(void **state)
{
    (void)state;
    enum { STREAMS = 4, ROWS = 500, LAUNCHES = 100 };
    static atomic_int rows[STREAMS][ROWS];
    hipFunction_t f = function("count_rows");
    hipStream_t streams[STREAMS] = {NULL};
    for (int s = 0; s < STREAMS; s++)
        OK(hip->hipStreamCreateWithFlags(&streams[s], hipStreamNonBlocking));
    for (int i = 0; i < LAUNCHES; i++) {
        for (int s = 0; s < STREAMS; s++) {
            struct count_args args = {rows[s], ROWS, s + 1};
            void *params[] = {&args};
            OK(hip->hipModuleLaunchKernel(f, 1, ROWS, 1, 1, 1, 1, 0, streams[s], params, NULL));
        }
    }
    for (int s = 0; s < STREAMS; s++) {
        OK(hip->hipStreamDestroy(streams[s]));
        for (int y = 0; y < ROWS; y++)
            assert_int_equal(atomic_load(&rows[s][y]), LAUNCHES * (s + 1));
    }
}

static void a_kernel_runs_beside_a_blocked_host_function(void **state)
{
    (void)state;
    hipStream_t blocked = NULL;
    struct gate gate = {0};
    atomic_int rows[100] = {0};
    OK(hip->hipStreamCreateWithFlags(&blocked, hipStreamNonBlocking));
    OK(hip->hipLaunchHostFunc(blocked, wait_at_gate, &gate));
    assert_true(wait_for(&gate.reached));
    OK(launch(function("count_rows"), 100, 1, &(struct count_args){rows, 100, 1}));
    OK(hip->hipStreamSynchronize(stream));
    assert_int_equal(hip->hipStreamQuery(blocked), hipErrorNotReady);
    for (int y = 0; y < 100; y++)
        assert_int_equal(atomic_load(&rows[y]), 1);
    atomic_store(&gate.open, true);
    OK(hip->hipStreamDestroy(blocked));
}

static void launches_have_hips_codes(void **state)
{
    (void)state;
    hipFunction_t f = function("count_rows"), no_args = function("bare");
    atomic_int row = 0;
    struct count_args args = {&row, 1, 1};
    void *params[] = {&args};
    const unsigned int bad[][6] = {
        {0, 1, 1, 1, 1, 1},    {1, 0, 1, 1, 1, 1},        {1, 1, 0, 1, 1, 1},
        {1, 1, 1, 0, 1, 1},    {1, 1, 1, 1, 0, 1},        {1, 1, 1, 1, 1, 0},
        {1, 1, 2, 1, 1, 1},    {1, 1, 1, 1, 1, 2},        {1, 1, 1, 64, 32, 1},
        {1, 1, 1, 2048, 1, 1}, {1, 1u << 31, 1, 1, 1, 1}, {1, 1u << 24, 1, 1, 256, 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const unsigned int *b = bad[i];
        assert_int_equal(hip->hipModuleLaunchKernel(f, b[0], b[1], b[2], b[3], b[4], b[5], 0,
                                                    stream, params, NULL),
                         hipErrorInvalidConfiguration);
    }
    assert_int_equal(hip->hipModuleLaunchKernel(NULL, 1, 1, 1, 1, 1, 1, 0, stream, params, NULL),
                     hipErrorInvalidHandle);
    assert_int_equal(hip->hipModuleLaunchKernel(f, 1, 1, 1, 1, 1, 1, 1 << 20, stream, params, NULL),
                     hipErrorInvalidConfiguration);
    assert_int_equal(hip->hipModuleLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, stream, NULL, NULL),
                     hipErrorInvalidValue);
    assert_int_equal(hip->hipModuleLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, stream, NULL, params),
                     hipErrorInvalidValue);
    OK(hip->hipStreamSynchronize(stream));
    assert_int_equal(atomic_load(&row), 0);

    OK(hip->hipModuleLaunchKernel(no_args, 1, 5, 1, 1, 1, 1, 0, stream, NULL, NULL));
    OK(hip->hipStreamSynchronize(stream));
    assert_int_equal(atomic_load(&bare_calls), 5);
}

/* The process on the first of its cores, as on a machine that has no other. */
static void take_one_core(void)
{
    cpu_set_t cores, one;
    CPU_ZERO(&one);
    assert_int_equal(sched_getaffinity(0, sizeof(cores), &cores), 0);
    int first = 0;
    while (!CPU_ISSET(first, &cores))
        first++;
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

int main(int argc, char **argv)
{
    one_core = argc > 1 && strcmp(argv[1], "one-core") == 0;
    if (one_core)
        take_one_core();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_have_hips_codes),
        cmocka_unit_test(each_row_runs_once),
        cmocka_unit_test(rows_run_on_several_threads_at_once),
        cmocka_unit_test(the_argument_is_copied_at_launch),
        cmocka_unit_test(launches_wait_for_what_stands_before_them),
        cmocka_unit_test(streams_share_the_pool),
        cmocka_unit_test(a_kernel_runs_beside_a_blocked_host_function),
        cmocka_unit_test(launches_have_hips_codes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
