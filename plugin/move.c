/* The Move plugin (https://github.com/exeldro/obs-move-transition) moves sources from their places
 * in one scene to those in another, and lets filters move along: a filter asks it, while it is
 * being drawn, where between which two filters it is. */
#include "plugin/plugin.h"

#include <string.h>

/* How far the way has been gone, 0..1, and the filter to which it leads: the one of the same name
 * on the source that this one's becomes, with a reference, or `from` itself, without one, where the
 * source stays; NULL: there is none. 0: nothing moves. Graphics thread. */
typedef float (*move_function)(obs_source_t *from, obs_source_t **to);

static move_function ask_move;

void hipfx_move_load(void)
{
    calldata_t call = {0};
    ask_move = NULL;
    calldata_set_string(&call, "filter_id", hipfx_filter_info.id);
    if (proc_handler_call(obs_get_proc_handler(), "move_get_transition_filter_function", &call))
        ask_move = (move_function)calldata_ptr(&call, "callback");
    calldata_free(&call);
}

struct hipfx_move hipfx_move_begin(obs_source_t *filter)
{
    struct hipfx_move move = {0};
    obs_source_t *to = NULL;
    const float t = ask_move ? ask_move(filter, &to) : 0.0f;
    move.reference = to != filter ? to : NULL;
    if (!(t > 0.0f))
        return move;
    move.t = t < 1.0f ? (double)t : 1.0;
    if (to && !strcmp(obs_source_get_id(to), hipfx_filter_info.id))
        move.to = to;
    return move;
}

void hipfx_move_end(struct hipfx_move *move)
{
    obs_source_release(move->reference);
    *move = (struct hipfx_move){0};
}
