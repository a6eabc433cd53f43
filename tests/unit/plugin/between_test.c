/* Settings on the way from one filter's to another's. */
#include "plugin/plugin.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct hipfx_settings defaults_of(const char *effect)
{
    struct hipfx_settings settings = {.effect = hipfx_effect_find(effect), .region = {.mix = 1}};
    settings.values = hipfx_values_default(settings.effect);
    return settings;
}

static double *value(struct hipfx_settings *settings, const char *key)
{
    return &settings->values.v[hipfx_param_find(settings->effect, key)];
}

static void numbers_go_straight(void **state)
{
    (void)state;
    struct hipfx_settings a = defaults_of("gaussian_blur"), b = a;
    *value(&a, "sigma_px") = 4;
    *value(&b, "sigma_px") = 20;
    a.region.mix = 0.5;
    struct hipfx_settings s = hipfx_settings_between(&a, &b, 0.25);
    assert_true(fabs(*value(&s, "sigma_px") - 8) < 1e-12);
    assert_true(fabs(s.region.mix - 0.625) < 1e-12);
    s = hipfx_settings_between(&a, &b, 1);
    assert_true(*value(&s, "sigma_px") == 20 && s.region.mix == 1);
    s = hipfx_settings_between(&a, &a, 0.7);
    assert_true(*value(&s, "sigma_px") == 4);
}

static void colours_go_by_their_parts(void **state)
{
    (void)state;
    struct hipfx_settings a = defaults_of("sine_wave"), b = a;
    *value(&a, "color") = 0xff0000ff; /* red */
    *value(&b, "color") = 0x00ff0001; /* blue, and clear */
    struct hipfx_settings s = hipfx_settings_between(&a, &b, 0.5);
    assert_true(*value(&s, "color") == 0x80800080);
}

static void choices_change_in_the_middle(void **state)
{
    (void)state;
    struct hipfx_settings a = defaults_of("sine_wave"), b = a;
    *value(&a, "style") = 0;
    *value(&b, "style") = 2;
    struct hipfx_settings s = hipfx_settings_between(&a, &b, 0.49);
    assert_true(*value(&s, "style") == 0);
    s = hipfx_settings_between(&a, &b, 0.5);
    assert_true(*value(&s, "style") == 2);
}

static void another_effect_or_none_fades_it_away(void **state)
{
    (void)state;
    struct hipfx_settings a = defaults_of("color"), b = defaults_of("sine_wave");
    a.region.mix = 0.8;
    for (int i = 0; i < 2; i++) {
        struct hipfx_settings s = hipfx_settings_between(&a, i ? &b : NULL, 0.75);
        assert_ptr_equal(s.effect, a.effect);
        assert_true(fabs(s.region.mix - 0.2) < 1e-12);
    }
    const struct hipfx_settings unknown = {.unknown = "glow", .region = {.mix = 1}};
    struct hipfx_settings s = hipfx_settings_between(&unknown, &unknown, 0.5);
    assert_null(s.effect);
    assert_string_equal(s.unknown, "glow");
}

static void regions_move(void **state)
{
    (void)state;
    struct hipfx_settings a = defaults_of("color"), b = a;
    a.region = (struct hipfx_region){HIPFX_REGION_RECTANGLE, 0, 0.2, 0.4, 0.4, 10, false, 1};
    b.region = (struct hipfx_region){HIPFX_REGION_RECTANGLE, 0.5, 0.2, 0.2, 0.4, 30, false, 1};
    struct hipfx_settings s = hipfx_settings_between(&a, &b, 0.5);
    assert_true(fabs(s.region.x - 0.25) < 1e-12 && fabs(s.region.width - 0.3) < 1e-12);
    assert_true(fabs(s.region.feather_px - 20) < 1e-12);

    /* From the whole frame, which is a rectangle, too. */
    a = defaults_of("color");
    s = hipfx_settings_between(&a, &b, 0.5);
    assert_int_equal(s.region.form, HIPFX_REGION_RECTANGLE);
    assert_true(fabs(s.region.x - 0.25) < 1e-12 && fabs(s.region.width - 0.6) < 1e-12);

    /* Between two shapes there is nothing. */
    a.region.form = HIPFX_REGION_ELLIPSE;
    s = hipfx_settings_between(&a, &b, 0.4);
    assert_int_equal(s.region.form, HIPFX_REGION_ELLIPSE);
    s = hipfx_settings_between(&a, &b, 0.6);
    assert_int_equal(s.region.form, HIPFX_REGION_RECTANGLE);
    assert_true(s.region.x == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_straight),
        cmocka_unit_test(colours_go_by_their_parts),
        cmocka_unit_test(choices_change_in_the_middle),
        cmocka_unit_test(another_effect_or_none_fades_it_away),
        cmocka_unit_test(regions_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
