/* Streams: order inside one, independence between two, the NULL stream, host functions. */
#include "tests/unit/hip/hip_test.h"

#include <dirent.h>
#include <pthread.h>

/* Written by host functions of one stream at a time. */
struct journal {
    int count;
    int lines[256];
};

struct line {
    struct journal *journal;
    int number;
};

static void write_line(void *arg)
{
    const struct line *line = arg;
    line->journal->lines[line->journal->count++] = line->number;
}

static void write_line_from_callback(hipStream_t stream, hipError_t status, void *arg)
{
    if (stream && status == hipSuccess)
        write_line(arg);
}

static hipStream_t new_stream(const struct hipfx_hip *hip)
{
    hipStream_t stream = NULL;
    OK(hip->hipStreamCreateWithFlags(&stream, hipStreamNonBlocking));
    assert_non_null(stream);
    return stream;
}

static void operations_run_in_order(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = new_stream(hip);
    struct journal journal = {0};
    struct line lines[200];
    for (int i = 0; i < 200; i++) {
        lines[i] = (struct line){&journal, i};
        if (i % 2)
            OK(hip->hipLaunchHostFunc(stream, write_line, &lines[i]));
        else
            OK(hip->hipStreamAddCallback(stream, write_line_from_callback, &lines[i], 0));
    }
    OK(hip->hipStreamSynchronize(stream));
    assert_int_equal(journal.count, 200);
    for (int i = 0; i < 200; i++)
        assert_int_equal(journal.lines[i], i);
    OK(hip->hipStreamDestroy(stream));
}

static void query_tells_whether_work_is_left(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = new_stream(hip);
    struct gate gate = {0};
    OK(hip->hipStreamQuery(stream));
    OK(hip->hipLaunchHostFunc(stream, wait_at_gate, &gate));
    assert_true(wait_for(&gate.reached));
    assert_int_equal(hip->hipStreamQuery(stream), hipErrorNotReady);
    atomic_store(&gate.open, true);
    OK(hip->hipStreamSynchronize(stream));
    OK(hip->hipStreamQuery(stream));
    OK(hip->hipStreamDestroy(stream));
}

static void a_blocked_host_function_holds_up_its_own_stream_only(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t blocked = new_stream(hip), other = new_stream(hip);
    struct gate gate = {0};
    void *data = NULL;
    OK(hip->hipMalloc(&data, 4 << 20));
    OK(hip->hipLaunchHostFunc(blocked, wait_at_gate, &gate));
    assert_true(wait_for(&gate.reached));

    OK(hip->hipMemsetAsync(data, 0x5a, 4 << 20, other));
    OK(hip->hipStreamSynchronize(other));
    assert_int_equal(((unsigned char *)data)[(4 << 20) - 1], 0x5a);
    assert_int_equal(hip->hipStreamQuery(blocked), hipErrorNotReady);

    atomic_store(&gate.open, true);
    OK(hip->hipStreamDestroy(blocked));
    OK(hip->hipStreamDestroy(other));
    OK(hip->hipFree(data));
}

static void destroying_a_stream_finishes_its_work(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = new_stream(hip);
    struct journal journal = {0};
    struct line lines[100];
    for (int i = 0; i < 100; i++) {
        lines[i] = (struct line){&journal, i};
        OK(hip->hipLaunchHostFunc(stream, write_line, &lines[i]));
    }
    OK(hip->hipStreamDestroy(stream));
    assert_int_equal(journal.count, 100);
}

static void count_call(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void *destroy_stream(void *arg)
{
    hipError_t err = hipfx_hip_open(HIPFX_HIP_CPU, NULL)->hipStreamDestroy(arg);
    return err == hipSuccess ? NULL : arg;
}

static void a_stream_that_is_being_destroyed_runs_what_it_took_and_takes_no_more(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = new_stream(hip);
    struct gate gate = {0};
    atomic_int calls = 0;
    int taken = 0;
    pthread_t thread;
    hipError_t err = hipSuccess;
    void *failed = stream;
    OK(hip->hipLaunchHostFunc(stream, wait_at_gate, &gate));
    assert_int_equal(pthread_create(&thread, NULL, destroy_stream, stream), 0);
    for (int i = 0; i < 600000 && err == hipSuccess; i++) {
        nap();
        err = hip->hipLaunchHostFunc(stream, count_call, &calls);
        taken += err == hipSuccess;
    }
    assert_int_equal(err, hipErrorContextIsDestroyed);
    assert_int_equal(hip->hipStreamDestroy(stream), hipErrorContextIsDestroyed);
    atomic_store(&gate.open, true);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_int_equal(atomic_load(&calls), taken);
}

static void null_stream_works(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    struct journal journal = {0};
    struct line line = {&journal, 1};
    OK(hip->hipLaunchHostFunc(NULL, write_line, &line));
    OK(hip->hipStreamSynchronize(NULL));
    OK(hip->hipStreamQuery(NULL));
    assert_int_equal(journal.count, 1);
    assert_int_equal(hip->hipStreamDestroy(NULL), hipErrorInvalidHandle);
}

static void null_stream_and_blocking_streams_wait_for_each_other(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t blocking = NULL;
    struct gate gate = {0};
    struct journal journal = {0};
    struct line lines[3] = {{&journal, 0}, {&journal, 1}, {&journal, 2}};
    OK(hip->hipStreamCreateWithFlags(&blocking, hipStreamDefault));

    OK(hip->hipLaunchHostFunc(blocking, wait_at_gate, &gate));
    OK(hip->hipLaunchHostFunc(blocking, write_line, &lines[0]));
    OK(hip->hipLaunchHostFunc(NULL, write_line, &lines[1]));
    OK(hip->hipLaunchHostFunc(blocking, write_line, &lines[2]));
    assert_true(wait_for(&gate.reached));
    assert_int_equal(hip->hipStreamQuery(NULL), hipErrorNotReady);
    atomic_store(&gate.open, true);
    OK(hip->hipStreamSynchronize(NULL));
    assert_int_equal(journal.count, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(journal.lines[i], i);
    OK(hip->hipStreamDestroy(blocking));
}

static void null_stream_and_other_streams_do_not_wait(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = new_stream(hip);
    struct gate gate = {0};
    struct journal journal = {0};
    struct line line = {&journal, 1};
    OK(hip->hipLaunchHostFunc(stream, wait_at_gate, &gate));
    OK(hip->hipLaunchHostFunc(NULL, write_line, &line));
    OK(hip->hipStreamSynchronize(NULL));
    assert_int_equal(journal.count, 1);
    assert_int_equal(hip->hipStreamQuery(stream), hipErrorNotReady);
    atomic_store(&gate.open, true);
    OK(hip->hipStreamDestroy(stream));
}

static void bad_arguments_have_hips_codes(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    hipStream_t stream = NULL;
    assert_int_equal(hip->hipStreamCreateWithFlags(NULL, 0), hipErrorInvalidValue);
    assert_int_equal(hip->hipStreamCreateWithFlags(&stream, 0x80), hipErrorInvalidValue);
    stream = new_stream(hip);
    assert_int_equal(hip->hipLaunchHostFunc(stream, NULL, NULL), hipErrorInvalidValue);
    assert_int_equal(hip->hipStreamAddCallback(stream, NULL, NULL, 0), hipErrorInvalidValue);
    assert_int_equal(hip->hipStreamAddCallback(stream, write_line_from_callback, NULL, 1),
                     hipErrorInvalidValue);
    OK(hip->hipStreamDestroy(stream));
    assert_int_equal(hip->hipStreamDestroy(stream), hipErrorContextIsDestroyed);
    assert_int_equal(hip->hipStreamSynchronize(stream), hipErrorContextIsDestroyed);
    assert_int_equal(hip->hipStreamQuery(stream), hipErrorContextIsDestroyed);
    assert_int_equal(hip->hipLaunchHostFunc(stream, wait_at_gate, NULL),
                     hipErrorContextIsDestroyed);
}

static int entries_of(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;
    if (!dir)
        fail_msg("%s cannot be read", path);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static void use_once(const struct hipfx_hip *hip)
{
    hipStream_t stream = new_stream(hip), second = new_stream(hip);
    hipEvent_t event = NULL;
    struct journal journal = {0};
    struct line line = {&journal, 1};
    OK(hip->hipEventCreateWithFlags(&event, 0));
    OK(hip->hipLaunchHostFunc(stream, write_line, &line));
    OK(hip->hipEventRecord(event, stream));
    OK(hip->hipStreamWaitEvent(second, event, 0));
    OK(hip->hipStreamDestroy(stream));
    OK(hip->hipEventDestroy(event));
    OK(hip->hipStreamDestroy(second));
    assert_int_equal(journal.count, 1);
}

static void streams_and_events_leave_no_thread_and_no_fd(void **state)
{
    (void)state;
    const struct hipfx_hip *hip = open_cpu();
    use_once(hip);
    int threads = entries_of("/proc/self/task"), fds = entries_of("/proc/self/fd");
    for (int i = 0; i < 2000; i++)
        use_once(hip);
    assert_int_equal(entries_of("/proc/self/fd"), fds);
    /* A joined thread may stand in /proc for a moment longer. */
    for (int i = 0; i < 1000 && entries_of("/proc/self/task") > threads; i++)
        nap();
    assert_int_equal(entries_of("/proc/self/task"), threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_run_in_order),
        cmocka_unit_test(query_tells_whether_work_is_left),
        cmocka_unit_test(a_blocked_host_function_holds_up_its_own_stream_only),
        cmocka_unit_test(destroying_a_stream_finishes_its_work),
        cmocka_unit_test(a_stream_that_is_being_destroyed_runs_what_it_took_and_takes_no_more),
        cmocka_unit_test(null_stream_works),
        cmocka_unit_test(null_stream_and_blocking_streams_wait_for_each_other),
        cmocka_unit_test(null_stream_and_other_streams_do_not_wait),
        cmocka_unit_test(bad_arguments_have_hips_codes),
        cmocka_unit_test(streams_and_events_leave_no_thread_and_no_fd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
