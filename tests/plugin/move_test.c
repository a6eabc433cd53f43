/* The Move plugin's transition, of which there is only its end of the contract here: the procedure
 * that gives the function, and the function. */
#include "tests/plugin/fixture.h"

#include <stdio.h>
#include <string.h>

static struct {
    obs_source_t *from, *to; /* NULL: the way leads nowhere */
    float t;
    bool asked_for_us;
} move;

/* Another filter comes with a reference, the filter itself without. */
static float get_transition_filter(obs_source_t *from, obs_source_t **to)
{
    if (from != move.from)
        return 0.0f;
    *to = move.to == from ? from : obs_source_get_ref(move.to);
    return move.t;
}

static void give_function(void *data, calldata_t *call)
{
    (void)data;
    const char *id = calldata_string(call, "filter_id");
    move.asked_for_us = id && !strcmp(id, HIPFX_FILTER_ID);
    calldata_set_ptr(call, "callback", get_transition_filter);
}

static int open_with_move(void **state)
{
    move.from = move.to = NULL;
    move.t = 0;
    if (stage_open(state) != 0)
        return -1;
    proc_handler_add(obs_get_proc_handler(),
                     "void move_get_transition_filter_function(in string filter_id, out ptr "
                     "callback)",
                     give_function, NULL);
    obs_post_load_modules();
    return 0;
}

#define EXPOSED "{\"effect\": \"color\", \"color.exposure_ev\": %g, \"mix\": %g}"

static void expect(struct stage *stage, const struct picture *in, double exposure_ev, double mix)
{
    char settings[128];
    snprintf(settings, sizeof(settings), EXPOSED, exposure_ev, mix);
    struct picture wanted = stage_apply(in, settings);
    stage_draw(stage);
    stage_expect(stage, &wanted);
    picture_destroy(&wanted);
}

static obs_source_t *add(struct stage *stage, double exposure_ev, double mix)
{
    char settings[128];
    snprintf(settings, sizeof(settings), EXPOSED, exposure_ev, mix);
    return stage_add(stage, settings);
}

static void parameters_go_to_the_other_filters(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 40, 30);
    struct hipfx_why why = {0};
    obs_source_t *other = stage_new_source("other");
    assert_true(move.asked_for_us);
    stage_show(stage, &in);
    move.from = add(stage, -2, 1);
    move.to = hipfx_filter_add(
        other, "{\"effect\": \"color\", \"color.exposure_ev\": 1, \"mix\": 0.5}", &why);
    expect(stage, &in, -2, 1);
    move.t = 0.5f;
    expect(stage, &in, -0.5, 0.75);
    move.t = 1;
    expect(stage, &in, 1, 0.5);
    move.t = 0;
    expect(stage, &in, -2, 1);
    hipfx_filter_remove(&move.to);
    obs_source_release(other); /* and no reference is left: the stage's end would tell */
    picture_destroy(&in);
}

static void without_another_the_effect_fades_away(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 40, 30);
    stage_show(stage, &in);
    move.from = add(stage, -2, 1);
    move.t = 0.25f;
    expect(stage, &in, -2, 0.75);
    move.t = 1;
    expect(stage, &in, -2, 0);
    picture_destroy(&in);
}

/* The source stays: its filter is both. */
static void the_filter_itself_stays_as_it_is(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 40, 30);
    stage_show(stage, &in);
    move.from = move.to = add(stage, -2, 1);
    for (move.t = 0.1f; move.t < 1; move.t += 0.3f)
        expect(stage, &in, -2, 1);
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_with_move, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parameters_go_to_the_other_filters),
        TEST(without_another_the_effect_fades_away),
        TEST(the_filter_itself_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, stage_group_open, stage_group_close);
}
