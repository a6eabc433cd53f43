/* No stale and no torn frame: on each memory x order rung that the device has, each frame that
 * comes back from HIP carries its own number in every tile. */
#include "tests/gpu/stale_program.h"

#include <stdio.h>

static bool check_rungs(struct stale *stale, const struct hipfx_rungs *rungs, int frames)
{
    static const char *const names[] = {"back to back", "delayed"};
    bool all_right = true;
    for (int pace = STALE_BACK_TO_BACK; pace <= STALE_DELAYED; pace++) {
        struct hipfx_why why = {0};
        struct stale_result result;
        const bool ok =
            stale_run(stale, rungs, (enum stale_pace)pace, frames, false, &result, &why);
        printf("memory=%s order=%s, %s: %d frames, %d wrong%s%s%s%s\n",
               hipfx_memory_name(rungs->memory), hipfx_order_name(rungs->order), names[pace],
               result.frames, result.wrong, result.wrong ? "; " : "", result.first, ok ? "" : "; ",
               why.text);
        fflush(stdout);
        all_right = all_right && ok && result.frames == frames && !result.wrong;
    }
    return all_right;
}

/* Those that HIPFX_FORCE leaves, of those that the device has. */
static enum stale_outcome check_all(struct stale *stale, const struct stale_options *options)
{
    const int frames = stale_frames(options, stale);
    bool all_right = true;
    int looked_at = 0;
    for (int m = HIPFX_MEMORY_LINEAR; m < HIPFX_MEMORY_COUNT; m++) {
        for (int o = HIPFX_ORDER_GL_TIMELINE; o < HIPFX_ORDER_COUNT; o++) {
            const struct hipfx_force force = {.memory = (enum hipfx_memory)m,
                                              .order = (enum hipfx_order)o};
            struct hipfx_rungs rungs;
            struct hipfx_why why = {0};
            if ((options->force.memory && options->force.memory != force.memory) ||
                (options->force.order && options->force.order != force.order))
                continue;
            if (!stale_choose(stale, &force, &rungs, &why)) {
                printf("not here: %s\n", why.text);
                continue;
            }
            looked_at++;
            all_right = check_rungs(stale, &rungs, frames) && all_right;
        }
    }
    if (!looked_at)
        return STALE_NO_RUNG;
    return all_right ? STALE_PASSED : STALE_FAILED;
}

int main(int argc, char **argv)
{
    return stale_main(argc, argv, check_all);
}
