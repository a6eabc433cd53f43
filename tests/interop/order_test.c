/* vk-relay where GL has semaphores and HIP has none, as on AMD with radeonsi: each frame waits for
 * and signals its own values, whatever takes how long.
 *
 * Vulkan and its timelines are real, HIP is the CPU's, and everything of interop/order*.c is the
 * product's. llvmpipe has no GL_EXT_semaphore_fd, so that GL is a stand-in (below): its commands
 * are a stream's, and what it imports is the Vulkan semaphore itself. */
#include "interop/order.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define LINKS       4
#define LINK_FRAMES 50
#define RING_FRAMES 300
#define IN_FLIGHT   (HIPFX_ORDER_HOST_CALLS / 2)

static const struct hipfx_hip *hip;
static struct hipfx_vk *vk;
static atomic_int mistakes; /* of threads that must not end the test themselves */

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #condition);                            \
            atomic_fetch_add(&mistakes, 1);                                                        \
        }                                                                                          \
    } while (0)

static void take_a_while(uint32_t number)
{
    const uint32_t mixed = (number * UINT32_C(2654435761)) >> 16;
    nanosleep(&(struct timespec){.tv_nsec = (long)(mixed % 8) * 250000}, NULL);
}

static uint64_t reached(VkSemaphore timeline)
{
    uint64_t value = UINT64_MAX;
    MUST(vk->fn.vkGetSemaphoreCounterValue(vk->device, timeline, &value) == VK_SUCCESS);
    return value;
}

static void submit(uint32_t waits, const VkSemaphore *wait, const uint64_t *wait_value,
                   uint32_t signals, const VkSemaphore *signal, const uint64_t *signal_value)
{
    static const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    const VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = waits,
        .pWaitSemaphoreValues = wait_value,
        .signalSemaphoreValueCount = signals,
        .pSignalSemaphoreValues = signal_value,
    };
    const VkSubmitInfo info = {
        .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
        .pNext = &values,
        .waitSemaphoreCount = waits,
        .pWaitSemaphores = wait,
        .pWaitDstStageMask = &stage,
        .signalSemaphoreCount = signals,
        .pSignalSemaphores = signal,
    };
    pthread_mutex_lock(&vk->queue_mutex);
    MUST(vk->fn.vkQueueSubmit(vk->queue, 1, &info, VK_NULL_HANDLE) == VK_SUCCESS);
    pthread_mutex_unlock(&vk->queue_mutex);
}

/* What a link has: two pictures, here a number each, and the order between the three APIs. */
struct rig {
    GLuint number;
    hipStream_t stream, gl_stream;
    struct hipfx_vk_image images[2];
    struct hipfx_vk_relay relay;
    struct hipfx_order_state order;
    struct hipfx_vk_timeline gl; /* GL's progress */
    VkSemaphore binaries[2];     /* in the order in which GL imports them */
    int imported;
    uint64_t hip_before; /* the value that HIP's work of this frame waits for */
    atomic_uint frame, input, output;
};

static struct rig rigs[LINKS];
static _Thread_local struct rig *importing;

/* The stand-in for GL: what interop/gl/semaphore.h and hipfx_gl_finish promise. */

static void gl_draws(void *data)
{
    struct rig *rig = data;
    const uint32_t frame = atomic_load(&rig->frame);
    take_a_while(rig->number * 1000 + frame);
    atomic_store(&rig->input, frame);
    MUST(hipfx_vk_timeline_signal(vk, rig->gl.semaphore, frame, NULL));
}

static void gl_shows(void *data)
{
    struct rig *rig = data;
    MUST(atomic_load(&rig->output) == atomic_load(&rig->frame));
}

/* A texture's name is its link's number and a bit that tells the output. */
static struct rig *rig_of(GLuint texture)
{
    return &rigs[texture / 2];
}

bool hipfx_gl_semaphore_signal(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                               GLuint texture, struct hipfx_why *why)
{
    struct rig *rig = rig_of(texture);
    (void)value;
    (void)why;
    MUST(texture % 2 == 0);
    MUST(hip->hipLaunchHostFunc(rig->gl_stream, gl_draws, rig) == hipSuccess);
    rig->gl.value = atomic_load(&rig->frame);
    const uint64_t unused = 0;
    submit(1, &rig->gl.semaphore, &rig->gl.value, 1, &rig->binaries[semaphore->name - 1], &unused);
    return true;
}

/* As strict as radeonsi's: what is waited for must have been signalled by now. */
bool hipfx_gl_semaphore_wait(const struct hipfx_gl_semaphore *semaphore, uint64_t value,
                             GLuint texture, struct hipfx_why *why)
{
    struct rig *rig = rig_of(texture);
    (void)value;
    (void)why;
    MUST(texture % 2 == 1);
    MUST(reached(rig->order.timeline.semaphore) == rig->order.timeline.value);
    const uint64_t unused = 0;
    submit(1, &rig->binaries[semaphore->name - 1], &unused, 0, NULL, NULL);
    MUST(hip->hipLaunchHostFunc(rig->gl_stream, gl_shows, rig) == hipSuccess);
    return true;
}

bool hipfx_gl_semaphore_import(struct hipfx_gl_semaphore *semaphore, bool timeline, int *fd,
                               struct hipfx_why *why)
{
    (void)why;
    MUST(!timeline);
    hipfx_fd_close(fd); /* GL's now */
    *semaphore = (struct hipfx_gl_semaphore){.name = (GLuint)importing->imported};
    return true;
}

void hipfx_gl_semaphore_destroy(struct hipfx_gl_semaphore *semaphore)
{
    *semaphore = (struct hipfx_gl_semaphore){0};
}

/* Called by the order for the link that is being destroyed. */
bool hipfx_gl_finish(uint64_t timeout_ns, struct hipfx_why *why)
{
    return hipfx_hip_wait_stream(hip, importing->gl_stream, timeout_ns, why);
}

/* Lavapipe exports no semaphores: the linker puts these two in the place of hipfx_vk_semaphore_fd
 * and hipfx_vk_binary_create (--wrap). */
int __wrap_hipfx_vk_semaphore_fd(struct hipfx_vk *of, VkSemaphore semaphore, struct hipfx_why *why);
bool __wrap_hipfx_vk_binary_create(struct hipfx_vk *of, VkSemaphore *semaphore,
                                   struct hipfx_why *why);

int __wrap_hipfx_vk_semaphore_fd(struct hipfx_vk *of, VkSemaphore semaphore, struct hipfx_why *why)
{
    (void)of;
    (void)why;
    importing->binaries[importing->imported++] = semaphore;
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool __wrap_hipfx_vk_binary_create(struct hipfx_vk *of, VkSemaphore *semaphore,
                                   struct hipfx_why *why)
{
    const VkSemaphoreCreateInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    return VK(why, of, vkCreateSemaphore, of->device, &info, NULL, semaphore);
}

/* The stand-in ends here. */

static void rig_open(struct rig *rig, GLuint number)
{
    struct hipfx_why why = {0};
    *rig = (struct rig){.number = number};
    importing = rig;
    for (int i = 0; i < 2; i++)
        assert_true(hipfx_vk_image_create(vk, VK_FORMAT_R8G8B8A8_SRGB, VK_IMAGE_TILING_OPTIMAL, 16,
                                          16, false, &rig->images[i], &why));
    const struct hipfx_vk_relay_side in = {rig->images[0].image, VK_NULL_HANDLE, 16, 16};
    const struct hipfx_vk_relay_side out = {rig->images[1].image, VK_NULL_HANDLE, 16, 16};
    assert_true(hipfx_vk_relay_create(vk, &in, &out, &rig->relay, &why));
    assert_true(hipfx_vk_timeline_create(vk, false, &rig->gl, &why));
    assert_int_equal(hip->hipStreamCreateWithFlags(&rig->stream, hipStreamNonBlocking), hipSuccess);
    assert_int_equal(hip->hipStreamCreateWithFlags(&rig->gl_stream, hipStreamNonBlocking),
                     hipSuccess);
    const struct hipfx_order_params params = {
        .hip = hip,
        .stream = rig->stream,
        .vk = vk,
        .relay = &rig->relay,
        .order = HIPFX_ORDER_VK_RELAY,
        .gl_semaphores = true,
        .input = 2 * number,
        .output = 2 * number + 1,
    };
    if (!hipfx_order_create(&rig->order, &params, &why))
        fail_msg("%s", why.text);
    assert_int_equal(rig->imported, 2);
}

static void rig_close(struct rig *rig)
{
    importing = rig;
    assert_true(hipfx_order_destroy(&rig->order));
    assert_true(hipfx_vk_relay_destroy(vk, &rig->relay));
    hipfx_vk_timeline_destroy(vk, &rig->gl);
    for (int i = 0; i < 2; i++)
        hipfx_vk_image_destroy(vk, &rig->images[i]);
    assert_int_equal(hip->hipStreamDestroy(rig->gl_stream), hipSuccess);
    assert_int_equal(hip->hipStreamDestroy(rig->stream), hipSuccess);
}

/* HIP's work: it sees what GL drew for this frame, and no value but the one that it waits for. */
static void hip_works(void *data)
{
    struct rig *rig = data;
    MUST(reached(rig->order.timeline.semaphore) == rig->hip_before);
    const uint32_t frame = atomic_load(&rig->input);
    MUST(frame == atomic_load(&rig->frame));
    take_a_while(rig->number * 77 + frame);
    atomic_store(&rig->output, frame);
}

static void *run_link(void *data)
{
    struct rig *rig = data;
    struct hipfx_why why = {0};
    for (uint32_t frame = 1; frame <= LINK_FRAMES; frame++) {
        /* GL shows a frame before it draws the next. */
        MUST(hipfx_hip_wait_stream(hip, rig->gl_stream, UINT64_C(10000000000), &why));
        atomic_store(&rig->frame, frame);
        rig->hip_before = rig->order.timeline.value + 1;
        MUST(hipfx_order_to_hip(&rig->order, &why));
        MUST(hip->hipLaunchHostFunc(rig->stream, hip_works, rig) == hipSuccess);
        MUST(hipfx_order_to_gl(&rig->order, &why));
    }
    if (why.text[0])
        print_error("%s\n", why.text);
    return NULL;
}

static void links_at_once_each_keep_their_frames_in_order(void **state)
{
    (void)state;
    pthread_t threads[LINKS];
    for (int i = 0; i < LINKS; i++)
        rig_open(&rigs[i], (GLuint)i);
    for (int i = 0; i < LINKS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_link, &rigs[i]), 0);
    for (int i = 0; i < LINKS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < LINKS; i++) {
        rig_close(&rigs[i]);
        assert_int_equal(atomic_load(&rigs[i].output), LINK_FRAMES);
    }
    assert_int_equal(atomic_load(&mistakes), 0);
}

/* HIP's end alone, with as many frames in flight as it takes. Frame n waits for 2n - 1, which
 * another thread signals, and signals 2n. */
struct flight {
    hipStream_t stream;
    struct hipfx_vk_timeline timeline;
    struct hipfx_order_host host;
    atomic_uint worked; /* frames */
};

static struct flight flight;

static void open_flight(void)
{
    struct hipfx_why why = {0};
    flight = (struct flight){0};
    assert_int_equal(hip->hipStreamCreateWithFlags(&flight.stream, hipStreamNonBlocking),
                     hipSuccess);
    assert_true(hipfx_vk_timeline_create(vk, false, &flight.timeline, &why));
    hipfx_order_host_create(&flight.host, hip, flight.stream, vk, flight.timeline.semaphore);
}

static void close_flight(void)
{
    assert_true(hipfx_order_host_destroy(&flight.host));
    hipfx_vk_timeline_destroy(vk, &flight.timeline);
    assert_int_equal(hip->hipStreamDestroy(flight.stream), hipSuccess);
    assert_int_equal(atomic_load(&mistakes), 0);
}

static void work(void *unused)
{
    (void)unused;
    const uint32_t frame = atomic_fetch_add(&flight.worked, 1) + 1;
    MUST(reached(flight.timeline.semaphore) == 2 * (uint64_t)frame - 1);
    take_a_while(frame);
}

static bool enqueue_frame(uint64_t frame, struct hipfx_why *why)
{
    return hipfx_order_host_wait(&flight.host, 2 * frame - 1, why) &&
           hip->hipLaunchHostFunc(flight.stream, work, NULL) == hipSuccess &&
           hipfx_order_host_signal(&flight.host, 2 * frame, why);
}

/* In the submits' place. */
static void *signal_frames(void *data)
{
    const uint64_t *frames = data;
    for (uint64_t frame = 1; frame <= *frames; frame++) {
        MUST(hipfx_vk_timeline_wait(vk, flight.timeline.semaphore, 2 * frame - 2,
                                    UINT64_C(10000000000), NULL));
        take_a_while((uint32_t)frame * 31);
        MUST(hipfx_vk_timeline_signal(vk, flight.timeline.semaphore, 2 * frame - 1, NULL));
    }
    return NULL;
}

static void each_frame_in_flight_has_its_own_values(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    uint64_t frames = RING_FRAMES;
    pthread_t submits;
    open_flight();
    assert_int_equal(pthread_create(&submits, NULL, signal_frames, &frames), 0);
    for (uint64_t frame = 1; frame <= frames; frame++) {
        if (frame > IN_FLIGHT)
            MUST(hipfx_order_host_await(&flight.host, 2 * (frame - IN_FLIGHT),
                                        UINT64_C(10000000000), &why));
        MUST(enqueue_frame(frame, &why));
    }
    MUST(hipfx_order_host_await(&flight.host, 2 * frames, UINT64_C(10000000000), &why));
    assert_int_equal(pthread_join(submits, NULL), 0);
    assert_string_equal(why.text, "");
    assert_int_equal(atomic_load(&flight.worked), frames);
    assert_int_equal(reached(flight.timeline.semaphore), 2 * frames);
    close_flight();
}

static void a_frame_too_many_is_refused_and_the_others_go_on(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    uint64_t frames = IN_FLIGHT;
    pthread_t submits;
    open_flight();
    for (uint64_t frame = 1; frame <= frames; frame++)
        assert_true(enqueue_frame(frame, &why));
    assert_false(enqueue_frame(frames + 1, &why));
    assert_string_equal(why.text, "HIP holds 8 frames that it has not finished");
    assert_false(hipfx_order_host_await(&flight.host, 2, 1000000, &why));
    assert_int_equal(pthread_create(&submits, NULL, signal_frames, &frames), 0);
    assert_true(hipfx_order_host_await(&flight.host, 2 * frames, UINT64_C(10000000000), &why));
    assert_int_equal(pthread_join(submits, NULL), 0);
    assert_int_equal(atomic_load(&flight.worked), frames);
    close_flight();
}

/* Nothing is freed under a call that is still to be made. */
static void its_end_waits_for_the_calls(void **state)
{
    (void)state;
    struct hipfx_why why = {0};
    uint64_t frames = 3;
    pthread_t submits;
    open_flight();
    for (uint64_t frame = 1; frame <= frames; frame++)
        assert_true(enqueue_frame(frame, &why));
    assert_int_equal(pthread_create(&submits, NULL, signal_frames, &frames), 0);
    assert_true(hipfx_order_host_destroy(&flight.host));
    assert_int_equal(atomic_load(&flight.worked), frames);
    assert_int_equal(pthread_join(submits, NULL), 0);
    close_flight();
}

int main(void)
{
    struct hipfx_why why = {0};
    hip = hipfx_hip_open(HIPFX_HIP_CPU, &why);
    vk = hipfx_vk_create(&(struct hipfx_vk_params){0}, &why);
    if (!hip || !vk) {
        fprintf(stderr, "skipped: %s\n", why.text);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_at_once_each_keep_their_frames_in_order),
        cmocka_unit_test(each_frame_in_flight_has_its_own_values),
        cmocka_unit_test(a_frame_too_many_is_refused_and_the_others_go_on),
        cmocka_unit_test(its_end_waits_for_the_calls),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hipfx_vk_destroy(&vk);
    return failed;
}
