/* Is the search for stale frames sharp enough? The same frames as in stale_test.c, but with one
 * half of the order left out, GL -> HIP or HIP -> GL: wrong frames must be found, on each order
 * rung that the device has. The linker puts the two functions below in place of the link's own
 * order.
 *
 * Left out means too late: each half is carried out after the work that it is to hold back, so that
 * it holds back nothing, and yet everything that is signalled is waited for once. Semaphores with
 * two states would otherwise be signalled twice, and somebody would wait for ever.
 *
 * Memory rungs whose copies are part of the order (copy, staged) would be found out in any case, so
 * they say nothing and are not taken. */
#include "interop/order.h"
#include "tests/gpu/stale_program.h"

#include <stdio.h>

enum half {
    HALF_NONE,
    HALF_TO_HIP,
    HALF_TO_GL,
};

static enum half left_out;
static bool owes_to_gl; /* the last frame's half */

/* NOLINTBEGIN(bugprone-reserved-identifier) the linker makes these names */
bool __real_hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why);
bool __real_hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why);
bool __wrap_hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why);
bool __wrap_hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why);

/* HIP has read the input by then. The work is still handed to the GPU, as it is with the order. */
bool __wrap_hipfx_order_to_hip(struct hipfx_order_state *state, struct hipfx_why *why)
{
    const bool owed = left_out == HALF_TO_GL && owes_to_gl;
    owes_to_gl = false;
    if (owed) {
        glFlush(); /* or host would hold back what GL has not begun, by waiting for HIP */
        if (!__real_hipfx_order_to_gl(state, why))
            return false;
    }
    if (left_out != HALF_TO_HIP)
        return __real_hipfx_order_to_hip(state, why);
    state->in_flight = true;
    glFlush();
    return true;
}

/* GL has used the output by the next frame. */
bool __wrap_hipfx_order_to_gl(struct hipfx_order_state *state, struct hipfx_why *why)
{
    owes_to_gl = left_out == HALF_TO_GL;
    if (owes_to_gl)
        return true;
    return (left_out != HALF_TO_HIP || __real_hipfx_order_to_hip(state, why)) &&
           __real_hipfx_order_to_gl(state, why);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static bool is_caught(struct stale *stale, const struct hipfx_rungs *rungs, enum half half,
                      int frames)
{
    struct hipfx_why why = {0};
    struct stale_result result;
    left_out = half;
    owes_to_gl = false;
    const bool ok = stale_run(stale, rungs, STALE_DELAYED, frames, true, &result, &why);
    left_out = HALF_NONE;
    printf("memory=%s order=%s without %s: %d of %d frames wrong%s%s%s%s\n",
           hipfx_memory_name(rungs->memory), hipfx_order_name(rungs->order),
           half == HALF_TO_HIP ? "GL -> HIP" : "HIP -> GL", result.wrong, result.frames,
           result.wrong ? "; " : "", result.first, ok ? "" : "; ", why.text);
    fflush(stdout);
    return result.wrong > 0;
}

static enum stale_outcome look_at_all(struct stale *stale, const struct stale_options *options)
{
    static const enum hipfx_memory memories[] = {HIPFX_MEMORY_LINEAR, HIPFX_MEMORY_ARRAY};
    const int frames = stale_frames(options, stale);
    bool all_caught = true;
    int looked_at = 0;
    for (int m = 0; m < 2; m++) {
        for (int o = HIPFX_ORDER_GL_TIMELINE; o < HIPFX_ORDER_COUNT; o++) {
            const struct hipfx_force force = {.memory = memories[m], .order = (enum hipfx_order)o};
            struct hipfx_rungs rungs;
            if ((options->force.order && options->force.order != force.order) ||
                !stale_choose(stale, &force, &rungs, NULL))
                continue;
            looked_at++;
            for (int half = HALF_TO_HIP; half <= HALF_TO_GL; half++)
                all_caught = is_caught(stale, &rungs, (enum half)half, frames) && all_caught;
        }
    }
    if (!looked_at)
        return STALE_NO_RUNG;
    return all_caught ? STALE_PASSED : STALE_FAILED;
}

int main(int argc, char **argv)
{
    return stale_main(argc, argv, look_at_all);
}
