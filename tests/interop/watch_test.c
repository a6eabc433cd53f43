/* What waits for HIP's signals is let go once HIP's device is lost, and not before; a HIP that does
 * not answer holds up nobody but its own link. A stand-in for HIP says when, and this program is
 * the GL that signals, and waits, on Vulkan's semaphores. */
#include "interop/order_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define SOON_MS 10000

static struct hipfx_vk *vk;
static atomic_int answer; /* the stream's: a hipError_t */
static atomic_int looks;
static _Atomic(hipStream_t) hanging; /* calls with it do not return */
static atomic_bool hung;             /* one does not */

static hipError_t set_device(int device)
{
    return device == 3 ? hipSuccess : hipErrorInvalidDevice;
}

static void pause_ms(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static hipError_t query(hipStream_t stream)
{
    for (; stream && stream == atomic_load(&hanging); pause_ms())
        atomic_store(&hung, true);
    atomic_fetch_add(&looks, 1);
    return (hipError_t)atomic_load(&answer);
}

static const struct hipfx_hip fake = {
    .name = "fake", .hipSetDevice = set_device, .hipStreamQuery = query};

static void open_stream(struct hipfx_order_state *state, enum hipfx_order order, hipStream_t stream)
{
    static int handle;
    struct hipfx_why why = {0};
    *state = (struct hipfx_order_state){
        .params = {.hip = &fake, .device = 3, .stream = stream, .vk = vk, .order = order},
        .shared.hip = &handle,
    };
    atomic_store(&answer, hipErrorNotReady);
    assert_true(hipfx_vk_timeline_create(vk, false, &state->timeline, &why));
    assert_true(hipfx_order_watch_start(state, &why));
}

static void open_state(struct hipfx_order_state *state, enum hipfx_order order)
{
    open_stream(state, order, NULL);
}

static void close_state(struct hipfx_order_state *state)
{
    assert_true(hipfx_order_watch_stop(state));
    hipfx_vk_timeline_destroy(vk, &state->timeline);
}

static uint64_t value_of(const struct hipfx_order_state *state)
{
    uint64_t value = 0;
    assert_int_equal(
        vk->fn.vkGetSemaphoreCounterValue(vk->device, state->timeline.semaphore, &value),
        VK_SUCCESS);
    return value;
}

/* By looking: validation layers before 1.3.296 lock up on a wait for what another thread signals
 * (https://github.com/KhronosGroup/Vulkan-ValidationLayers/pull/8519). */
static void expect_reached(const struct hipfx_order_state *state, uint64_t value)
{
    for (int i = 0; i < SOON_MS && value_of(state) < value; i++)
        pause_ms();
    assert_int_equal(value_of(state), value);
}

static void signal(const struct hipfx_order_state *state, uint64_t value)
{
    struct hipfx_why why = {0};
    if (!hipfx_vk_timeline_signal(vk, state->timeline.semaphore, value, &why))
        fail_msg("%s", why.text);
}

/* Two more looks than there were. */
static void wait_for_looks(void)
{
    for (const int wanted = atomic_load(&looks) + 2; atomic_load(&looks) < wanted;)
        pause_ms();
}

static void what_is_only_late_is_waited_for(void **state)
{
    (void)state;
    struct hipfx_order_state order;
    open_state(&order, HIPFX_ORDER_GL_TIMELINE);
    signal(&order, 1);
    hipfx_order_watch_told(&order, 2);
    wait_for_looks();
    assert_int_equal(value_of(&order), 1);
    close_state(&order);
}

/* Two frames are on their way: GL signals 1 and 3, HIP was to signal 2 and 4. */
static void a_lost_devices_signals_are_given_in_turn(void **state)
{
    (void)state;
    struct hipfx_order_state order;
    open_state(&order, HIPFX_ORDER_GL_TIMELINE);
    hipfx_order_watch_told(&order, 4);
    atomic_store(&answer, hipErrorLaunchFailure);
    wait_for_looks();
    assert_int_equal(value_of(&order), 0); /* GL's turn */
    signal(&order, 1);
    expect_reached(&order, 2);
    wait_for_looks();
    assert_int_equal(value_of(&order), 2);
    signal(&order, 3);
    expect_reached(&order, 4);
    signal(&order, 5);
    wait_for_looks();
    assert_int_equal(value_of(&order), 5); /* HIP was told no more */
    close_state(&order);
}

/* A relay's frame takes three values: the submits have the first and the third. */
static void a_relay_passes_on_what_is_given(void **state)
{
    (void)state;
    struct hipfx_order_state order;
    open_state(&order, HIPFX_ORDER_VK_RELAY);
    hipfx_order_watch_told(&order, 5);
    atomic_store(&answer, hipErrorLaunchFailure);
    for (uint64_t frame = 0; frame < 6; frame += 3) {
        signal(&order, frame + 1);
        expect_reached(&order, frame + 2);
        wait_for_looks();
        assert_int_equal(value_of(&order), frame + 2);
        signal(&order, frame + 3);
    }
    close_state(&order);
}

static void each_link_is_looked_after(void **state)
{
    (void)state;
    struct hipfx_order_state orders[3];
    for (int i = 0; i < 3; i++) {
        open_state(&orders[i], HIPFX_ORDER_GL_TIMELINE);
        signal(&orders[i], 1);
        hipfx_order_watch_told(&orders[i], 2);
    }
    close_state(&orders[1]);
    atomic_store(&answer, hipErrorLaunchFailure);
    expect_reached(&orders[0], 2);
    expect_reached(&orders[2], 2);
    close_state(&orders[2]);
    close_state(&orders[0]);
}

/* The stream that is asked about must not be destroyed: its link is kept, and tried again. */
static void a_call_that_hangs_hangs_no_other_link(void **state)
{
    (void)state;
    static int handle;
    struct hipfx_order_state stuck, other;
    atomic_store(&hanging, (hipStream_t)&handle);
    open_stream(&stuck, HIPFX_ORDER_GL_TIMELINE, (hipStream_t)&handle);
    while (!atomic_load(&hung))
        pause_ms();

    open_state(&other, HIPFX_ORDER_GL_TIMELINE);
    close_state(&other);
    assert_false(hipfx_order_watch_stop(&stuck));
    assert_false(hipfx_order_watch_stop(&stuck));

    open_state(&other, HIPFX_ORDER_GL_TIMELINE);
    for (int i = 0; i < 2; i++) {
        signal(i ? &stuck : &other, 1);
        hipfx_order_watch_told(i ? &stuck : &other, 2);
    }
    atomic_store(&answer, hipErrorLaunchFailure);
    atomic_store(&hanging, NULL);
    expect_reached(&other, 2);
    expect_reached(&stuck, 2); /* watched as before */
    close_state(&stuck);
    close_state(&other);
}

int main(void)
{
    struct hipfx_why why = {0};
    vk = hipfx_vk_create(&(struct hipfx_vk_params){0}, &why);
    if (!vk) {
        printf("skipped: %s\n", why.text);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_only_late_is_waited_for),
        cmocka_unit_test(a_lost_devices_signals_are_given_in_turn),
        cmocka_unit_test(a_relay_passes_on_what_is_given),
        cmocka_unit_test(each_link_is_looked_after),
        cmocka_unit_test(a_call_that_hangs_hangs_no_other_link),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hipfx_vk_destroy(&vk);
    return failed;
}
