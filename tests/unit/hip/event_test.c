/* Events: order between streams, state, time. */
#include "tests/unit/hip/hip_test.h"

#include <pthread.h>

struct streams {
    const struct hipfx_hip *hip;
    hipStream_t first, second;
    hipEvent_t event;
    struct gate gate;
};

static int set_up(void **state)
{
    static struct streams s;
    s = (struct streams){.hip = open_cpu()};
    OK(s.hip->hipStreamCreateWithFlags(&s.first, hipStreamNonBlocking));
    OK(s.hip->hipStreamCreateWithFlags(&s.second, hipStreamNonBlocking));
    OK(s.hip->hipEventCreateWithFlags(&s.event, hipEventDisableTiming));
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    struct streams *s = *state;
    OK(s->hip->hipStreamDestroy(s->first));
    OK(s->hip->hipStreamDestroy(s->second));
    if (s->event)
        OK(s->hip->hipEventDestroy(s->event));
    return 0;
}

static void raise_flag(void *arg)
{
    atomic_store((atomic_bool *)arg, true);
}

static void a_stream_waits_for_an_event_of_another(void **state)
{
    struct streams *s = *state;
    atomic_bool after = false;
    OK(s->hip->hipLaunchHostFunc(s->first, wait_at_gate, &s->gate));
    OK(s->hip->hipEventRecord(s->event, s->first));
    OK(s->hip->hipStreamWaitEvent(s->second, s->event, 0));
    OK(s->hip->hipLaunchHostFunc(s->second, raise_flag, &after));

    assert_true(wait_for(&s->gate.reached));
    assert_int_equal(s->hip->hipEventQuery(s->event), hipErrorNotReady);
    for (int i = 0; i < 100; i++)
        nap(); /* time enough for a stream that does not wait */
    assert_false(atomic_load(&after));

    atomic_store(&s->gate.open, true);
    OK(s->hip->hipStreamSynchronize(s->second));
    assert_true(atomic_load(&after));
    OK(s->hip->hipEventQuery(s->event));
}

static void a_wait_means_the_record_before_it(void **state)
{
    struct streams *s = *state;
    struct gate later = {0};
    OK(s->hip->hipEventRecord(s->event, s->first));
    OK(s->hip->hipStreamWaitEvent(s->second, s->event, 0));
    OK(s->hip->hipLaunchHostFunc(s->first, wait_at_gate, &later));
    OK(s->hip->hipEventRecord(s->event, s->first));
    OK(s->hip->hipStreamSynchronize(s->second)); /* would hang if it meant the second record */
    assert_int_equal(s->hip->hipEventQuery(s->event), hipErrorNotReady);
    atomic_store(&later.open, true);
    OK(s->hip->hipEventSynchronize(s->event));
    OK(s->hip->hipEventQuery(s->event));
}

static void an_event_never_recorded_is_done(void **state)
{
    struct streams *s = *state;
    OK(s->hip->hipEventQuery(s->event));
    OK(s->hip->hipEventSynchronize(s->event));
    OK(s->hip->hipStreamWaitEvent(s->first, s->event, 0));
    OK(s->hip->hipStreamSynchronize(s->first));
}

static void an_event_may_go_while_it_is_recorded_and_waited_for(void **state)
{
    struct streams *s = *state;
    atomic_bool after = false;
    OK(s->hip->hipLaunchHostFunc(s->first, wait_at_gate, &s->gate));
    OK(s->hip->hipEventRecord(s->event, s->first));
    OK(s->hip->hipStreamWaitEvent(s->second, s->event, 0));
    OK(s->hip->hipLaunchHostFunc(s->second, raise_flag, &after));
    OK(s->hip->hipEventDestroy(s->event));
    assert_int_equal(s->hip->hipEventQuery(s->event), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipEventDestroy(s->event), hipErrorInvalidHandle);
    s->event = NULL;
    assert_false(atomic_load(&after));
    atomic_store(&s->gate.open, true);
    OK(s->hip->hipStreamSynchronize(s->second));
    assert_true(atomic_load(&after));
}

static void an_event_outlives_its_stream(void **state)
{
    struct streams *s = *state;
    hipStream_t gone = NULL;
    OK(s->hip->hipStreamCreateWithFlags(&gone, hipStreamNonBlocking));
    OK(s->hip->hipEventRecord(s->event, gone));
    OK(s->hip->hipStreamDestroy(gone));
    OK(s->hip->hipEventQuery(s->event));
    OK(s->hip->hipStreamWaitEvent(s->first, s->event, 0));
    OK(s->hip->hipStreamSynchronize(s->first));
    assert_int_equal(s->hip->hipEventRecord(s->event, gone), hipErrorContextIsDestroyed);
    OK(s->hip->hipEventQuery(s->event));
}

static void short_nap(void *arg)
{
    (void)arg;
    nap();
}

static void elapsed_time_follows_the_streams_order(void **state)
{
    struct streams *s = *state;
    hipEvent_t events[3] = {NULL};
    float first = -1.0f, second = -1.0f, both = -1.0f;
    for (int i = 0; i < 3; i++) {
        OK(s->hip->hipEventCreateWithFlags(&events[i], hipEventDefault));
        OK(s->hip->hipEventRecord(events[i], s->first));
        OK(s->hip->hipLaunchHostFunc(s->first, short_nap, NULL));
    }
    OK(s->hip->hipEventSynchronize(events[2]));
    OK(s->hip->hipEventElapsedTime(&first, events[0], events[1]));
    OK(s->hip->hipEventElapsedTime(&second, events[1], events[2]));
    OK(s->hip->hipEventElapsedTime(&both, events[0], events[2]));
    assert_true(first > 0.0f && second > 0.0f);
    assert_true(both >= first && both >= second);
    OK(s->hip->hipEventElapsedTime(&both, events[1], events[1]));
    assert_true(both == 0.0f);
    for (int i = 0; i < 3; i++)
        OK(s->hip->hipEventDestroy(events[i]));
}

static void elapsed_time_needs_two_timed_finished_events(void **state)
{
    struct streams *s = *state;
    hipEvent_t timed = NULL;
    float ms;
    OK(s->hip->hipEventCreateWithFlags(&timed, hipEventDefault));
    assert_int_equal(s->hip->hipEventElapsedTime(&ms, timed, timed), hipErrorInvalidHandle);
    OK(s->hip->hipLaunchHostFunc(s->first, wait_at_gate, &s->gate));
    OK(s->hip->hipEventRecord(timed, s->first));
    assert_int_equal(s->hip->hipEventElapsedTime(&ms, timed, timed), hipErrorNotReady);
    atomic_store(&s->gate.open, true);
    OK(s->hip->hipEventRecord(s->event, s->first));
    OK(s->hip->hipStreamSynchronize(s->first));
    assert_int_equal(s->hip->hipEventElapsedTime(&ms, timed, s->event), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipEventElapsedTime(NULL, timed, timed), hipErrorInvalidValue);
    assert_int_equal(s->hip->hipEventElapsedTime(&ms, timed, NULL), hipErrorInvalidHandle);
    OK(s->hip->hipEventDestroy(timed));
}

static void bad_arguments_have_hips_codes(void **state)
{
    struct streams *s = *state;
    hipEvent_t event = NULL;
    const unsigned int both = hipEventReleaseToDevice | hipEventReleaseToSystem;
    assert_int_equal(s->hip->hipEventCreateWithFlags(NULL, 0), hipErrorInvalidValue);
    assert_int_equal(s->hip->hipEventCreateWithFlags(&event, 0x100), hipErrorInvalidValue);
    assert_int_equal(s->hip->hipEventCreateWithFlags(&event, both), hipErrorInvalidValue);
    assert_int_equal(s->hip->hipEventRecord(NULL, s->first), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipEventQuery(NULL), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipEventSynchronize(NULL), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipStreamWaitEvent(s->first, NULL, 0), hipErrorInvalidHandle);
    assert_int_equal(s->hip->hipStreamWaitEvent(s->first, s->event, 1), hipErrorInvalidValue);
}

/* Two streams that hand a counter to each other by events: each turn adds one, with no other
 * order between the threads. Under a race detector it also shows that an event orders memory. */
static void add_one(void *arg)
{
    ++*(int *)arg;
}

static void events_order_memory(void **state)
{
    struct streams *s = *state;
    int counter = 0;
    for (int i = 0; i < 500; i++) {
        hipStream_t now = i % 2 ? s->second : s->first, next = i % 2 ? s->first : s->second;
        OK(s->hip->hipLaunchHostFunc(now, add_one, &counter));
        OK(s->hip->hipEventRecord(s->event, now));
        OK(s->hip->hipStreamWaitEvent(next, s->event, 0));
    }
    OK(s->hip->hipStreamSynchronize(s->first));
    assert_int_equal(counter, 500);
}

static void *record_often(void *arg)
{
    struct streams *s = arg;
    for (int i = 0; i < 1000; i++) {
        if (s->hip->hipEventRecord(s->event, i % 2 ? s->first : s->second) != hipSuccess ||
            s->hip->hipEventSynchronize(s->event) != hipSuccess)
            return arg;
    }
    return NULL;
}

static void many_threads_may_use_one_event(void **state)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, record_often, *state), 0);
    for (int i = 0; i < 3; i++) {
        void *failed = *state;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_stream_waits_for_an_event_of_another),
        TEST(a_wait_means_the_record_before_it),
        TEST(an_event_never_recorded_is_done),
        TEST(an_event_may_go_while_it_is_recorded_and_waited_for),
        TEST(an_event_outlives_its_stream),
        TEST(elapsed_time_follows_the_streams_order),
        TEST(elapsed_time_needs_two_timed_finished_events),
        TEST(bad_arguments_have_hips_codes),
        TEST(events_order_memory),
        TEST(many_threads_may_use_one_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
