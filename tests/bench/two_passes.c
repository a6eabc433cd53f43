#include "tests/bench/two_passes.h"

#include <obs/obs.h>

static const char *filter_name(void *unused)
{
    UNUSED_PARAMETER(unused);
    return BENCH_TWO_PASSES_ID;
}

static void *filter_create(obs_data_t *settings, obs_source_t *source)
{
    UNUSED_PARAMETER(settings);
    return source;
}

static void filter_destroy(void *data)
{
    UNUSED_PARAMETER(data);
}

static void filter_render(void *data, gs_effect_t *unused)
{
    UNUSED_PARAMETER(unused);
    obs_source_t *source = data;
    if (!obs_source_process_filter_begin(source, GS_RGBA, OBS_NO_DIRECT_RENDERING))
        return;
    gs_blend_state_push();
    gs_blend_function(GS_BLEND_ONE, GS_BLEND_INVSRCALPHA);
    obs_source_process_filter_end(source, obs_get_base_effect(OBS_EFFECT_DEFAULT), 0, 0);
    gs_blend_state_pop();
}

void bench_two_passes_register(void)
{
    static const struct obs_source_info info = {
        .id = BENCH_TWO_PASSES_ID,
        .type = OBS_SOURCE_TYPE_FILTER,
        .output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_SRGB,
        .get_name = filter_name,
        .create = filter_create,
        .destroy = filter_destroy,
        .video_render = filter_render,
    };
    obs_register_source(&info);
}
