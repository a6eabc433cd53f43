/* The directional_blur effect against the sums that effect_directional_blur.c defines, and against
 * a line along the rows. */
#include "compare.h"
#include "reference_blur.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct compare_bound bound = {.bytes = 0.01, .halves = 0.01, .slack = 3e-6};

/* What a line may change in a picture of edges as it grows by a small part of a pixel. */
#define JUMP_CODES 5

enum { BOX, GAUSSIAN };

struct setting {
    double length, angle_deg;
    int profile;
    enum hipfx_edge edge;
};

static struct hipfx_values values_for(const struct setting *setting)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("directional_blur"));
    fixture_set("directional_blur", &values, "length_px", setting->length);
    fixture_set("directional_blur", &values, "angle_deg", setting->angle_deg);
    fixture_set("directional_blur", &values, "profile", setting->profile);
    fixture_set("directional_blur", &values, "edge", setting->edge);
    return values;
}

/* Points along the line, in columns or, where it is steep, in rows. */
struct points {
    int count;
    double at[160], weight[160];
};

static void add(struct points *points, double at, double weight)
{
    points->at[points->count] = at;
    points->weight[points->count++] = weight;
}

static void add_gaussian(struct points *points, double sigma, int step)
{
    double sum = 0;
    const int reach = (int)ceil(3.5 * sigma / step);
    for (int i = -reach; i <= reach; i++)
        add(points, i * step, exp(-pow(i * step / sigma, 2) / 2));
    for (int i = 0; i < points->count; i++)
        sum += points->weight[i];
    for (int i = 0; i < points->count; i++)
        points->weight[i] /= sum;
}

/* The first stage comes first. */
static int find_stages(const struct setting *s, double length, struct points stages[3])
{
    for (int i = 0; i < 3; i++)
        stages[i].count = 0;
    if (s->profile == GAUSSIAN) {
        double sigma = length / sqrt(12);
        int step = 1, count = 0;
        for (; count < 2 && 7 * sigma / step > 56; step *= 6) {
            add_gaussian(&stages[count++], 4.5 * step, step);
            sigma = sqrt(sigma * sigma - 4.5 * step * 4.5 * step);
        }
        add_gaussian(&stages[count], sigma, step);
        return count + 1;
    }
    const int n = length > 40 ? 16 : 1;
    const double part = length / n;
    for (int i = -50; i <= 50; i++) {
        const double covered = fmin(part / 2, i + 0.5) - fmax(-part / 2, i - 0.5);
        if (covered > 0)
            add(&stages[0], i, covered / part);
    }
    for (int i = 0; n > 1 && i < n; i++)
        add(&stages[1], (i + 0.5) * part - length / 2, 1.0 / n);
    return n > 1 ? 2 : 1;
}

/* A picture with more around it. */
struct plane {
    int left, top, width, height;
    struct light *light;
};

static struct plane plane_create(int left, int top, int width, int height)
{
    struct plane plane = {left, top, width, height, NULL};
    plane.light = calloc((size_t)width * (size_t)height, sizeof(struct light));
    assert_non_null(plane.light);
    return plane;
}

static const struct light *plane_at(const struct plane *p, int x, int y)
{
    return &p->light[(y - p->top) * p->width + x - p->left];
}

static void add_at(struct light *sum, const struct plane *p, double x, double y, double weight)
{
    const int u = (int)floor(x), v = (int)floor(y);
    for (int i = 0; i < 4; i++) {
        const double share = weight * (i & 1 ? x - u : u + 1 - x) * (i & 2 ? y - v : v + 1 - y);
        if (share == 0)
            continue;
        const struct light *light = plane_at(p, u + (i & 1), v + i / 2);
        for (int c = 0; c < 4; c++)
            sum->v[c] += share * light->v[c];
    }
}

static void run_stage(const struct points *points, double dx, double dy, const struct plane *from,
                      struct plane *to)
{
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++)
            for (int i = 0; i < points->count; i++)
                add_at(&to->light[y * to->width + x], from, to->left + x + points->at[i] * dx,
                       to->top + y + points->at[i] * dy, points->weight[i]);
}

static struct light *reference(const struct picture *in, const struct setting *s)
{
    const double angle = s->angle_deg * M_PI / 180;
    const double longest = fmax(fabs(cos(angle)), fabs(sin(angle)));
    const double dx = cos(angle) / longest, dy = sin(angle) / longest;
    struct points stages[3];
    const int count = find_stages(s, s->length * longest, stages);
    int reach_x[4] = {0}, reach_y[4] = {0}; /* before each stage, around the picture */
    for (int i = count - 1; i >= 0; i--) {
        const double most = fabs(stages[i].at[0]);
        reach_x[i] = reach_x[i + 1] + (int)ceil(most * fabs(dx)) + 1;
        reach_y[i] = reach_y[i + 1] + (int)ceil(most * fabs(dy)) + 1;
    }
    struct plane plane = plane_create(-reach_x[0], -reach_y[0], in->width + 2 * reach_x[0],
                                      in->height + 2 * reach_y[0]);
    for (int y = 0; y < plane.height; y++)
        for (int x = 0; x < plane.width; x++)
            plane.light[y * plane.width + x] =
                reference_pixel(in, s->edge, plane.left + x, plane.top + y);
    for (int i = 0; i < count; i++) {
        struct plane next =
            plane_create(-reach_x[i + 1], -reach_y[i + 1], in->width + 2 * reach_x[i + 1],
                         in->height + 2 * reach_y[i + 1]);
        run_stage(&stages[i], dx, dy, &plane, &next);
        free(plane.light);
        plane = next;
    }
    return plane.light;
}

static void check(const struct picture *in, const struct setting *s, uint64_t seed)
{
    const struct hipfx_values values = values_for(s);
    struct light *want = reference(in, s);
    for (int image = 0; image < fixture_image_count(); image++) {
        char what[120];
        snprintf(what, sizeof(what), "%s, seed %llu, %g px at %g°, profile %d, edge %d",
                 fixture_use(image), (unsigned long long)seed, s->length, s->angle_deg, s->profile,
                 s->edge);
        struct picture out = fixture_apply("directional_blur", &values, 0, in);
        compare_picture(&out, want, compare_brightest(in), &bound, what);
        picture_destroy(&out);
    }
    free(want);
}

static struct setting random_setting(struct rng *rng, double longest)
{
    return (struct setting){
        .length = exp(rng_between(rng, log(0.1), log(longest))),
        .angle_deg = rng_below(rng, 3) ? rng_between(rng, -180, 180) : 45 * rng_below(rng, 4),
        .profile = rng_below(rng, 2),
        .edge = (enum hipfx_edge)rng_below(rng, 3),
    };
}

static const struct fixture_pictures pictures = {
    .count = 50,
    .last_kind = PICTURE_ANY,
    .sizes = {{1, 1}, {1, 40}, {40, 1}, {33, 21}, {65, 17}},
};

static void check_random(const struct picture *in, struct rng *rng, uint64_t seed)
{
    const struct setting setting = random_setting(rng, 150);
    check(in, &setting, seed);
}

static void bytes_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA8_SRGB, check_random);
}

static void halves_agree_with_the_reference(void **state)
{
    (void)state;
    fixture_random_pictures(&pictures, HIPFX_PIXEL_RGBA16F, check_random);
}

static void the_longest_lines_agree(void **state)
{
    (void)state;
    fixture_skip_large();
    struct rng rng = {5};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 50, 8, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int profile = BOX; profile <= GAUSSIAN; profile++) {
        const struct setting across = {1000, 1.5, profile, HIPFX_EDGE_MIRROR};
        const struct setting down = {700, 91, profile, HIPFX_EDGE_CLAMP};
        check(&in, &across, 5);
        check(&in, &down, 5);
    }
    picture_destroy(&in);
}

/* Along a row of a step from black to white, an even line's mean goes up by the same light from
 * pixel to pixel, over its length, but for the ends of the line. */
static void an_even_line_is_even(void **state)
{
    (void)state;
    fixture_use(0);
    struct picture in = picture_create(900, 3, HIPFX_PIXEL_RGBA16F, 0);
    for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 900; x++) {
            const double v = x >= 450;
            picture_set(&in, x, y, (struct light){{v, v, v, 1}});
        }
    }
    static const double lengths[] = {11, 39.5, 60, 333.3, 640};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        const struct setting s = {lengths[i], 0, BOX, HIPFX_EDGE_CLAMP};
        const struct hipfx_values values = values_for(&s);
        struct picture out = fixture_apply("directional_blur", &values, 0, &in);
        for (int x = 0; x < 900; x++) {
            const double want = fmin(fmax((x + 0.5 - 450) / lengths[i] + 0.5, 0), 1);
            const double away = picture_at(&out, x, 1).v[0] - want;
            if (!(fabs(away) <= 0.5 / lengths[i] + 0.0005))
                fail_msg("%g off at %d with %g px", away, x, lengths[i]);
        }
        picture_destroy(&out);
    }
    picture_destroy(&in);
}

static struct hipfx_values values_for_area(struct rng *rng, int i)
{
    (void)i;
    const struct setting setting = random_setting(rng, 400);
    return values_for(&setting);
}

static void an_area_is_as_in_the_whole(void **state)
{
    (void)state;
    compare_random_areas("directional_blur", values_for_area, 10);
}

/* Neither while a line is made at once nor while it is made in stages. */
static void the_picture_does_not_jump(void **state)
{
    (void)state;
    static const double lengths[][2] = {{20, 55}, {59, 130}};
    fixture_skip_large();
    fixture_use(0);
    struct rng rng = {5};
    struct picture in = picture_random(&rng, PICTURE_EDGES, 90, 40, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int i = 0; i < 2; i++) {
        enum { steps = 2000 };
        struct picture before = {0};
        for (int step = 1; step <= steps; step++) {
            const double length = lengths[i][0] + (lengths[i][1] - lengths[i][0]) * step / steps;
            const struct setting setting = {length, 45, BOX, HIPFX_EDGE_MIRROR};
            const struct hipfx_values values = values_for(&setting);
            struct picture now = fixture_apply("directional_blur", &values, 0, &in);
            for (int at = 0; before.bytes && at < now.height * (int)now.pitch; at++) {
                const int moved = abs(now.bytes[at] - before.bytes[at]);
                if (moved > JUMP_CODES)
                    fail_msg("%d codes at %g px", moved, length);
            }
            picture_destroy(&before);
            before = now;
        }
        picture_destroy(&before);
    }
    picture_destroy(&in);
}

int main(int argc, char **argv)
{
    fixture_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_agree_with_the_reference),
        cmocka_unit_test(halves_agree_with_the_reference),
        cmocka_unit_test(the_longest_lines_agree),
        cmocka_unit_test(an_even_line_is_even),
        cmocka_unit_test(an_area_is_as_in_the_whole),
        cmocka_unit_test(the_picture_does_not_jump),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
