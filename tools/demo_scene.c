#include "tools/demo_scene.h"

#include <math.h>
#include <obs/graphics/vec2.h>
#include <stdio.h>
#include <stdlib.h>

/* The layout is in px of a 1280x720 design, y down. */
#define DESIGN_W  1280.0
#define DESIGN_H  720.0
#define HORIZON_Y 470.0
#define TAU       6.283185307179586

#define SKY_ROWS    94
#define STARS       48
#define FAR_HILLS   7
#define NEAR_HILLS  6
#define FLOOR_RAYS  37
#define FLOOR_LINES 11
#define HAZE_ROWS   12
#define DISCS       3
#define SUN_GAPS    5

struct demo_scene {
    obs_scene_t *scene;
    double scale;              /* px of the canvas for one of the design */
    double origin_x, origin_y; /* the design's corner on the canvas */

    obs_sceneitem_t *stars[STARS];
    obs_sceneitem_t *sun;
    obs_sceneitem_t *far_hills[FAR_HILLS];
    obs_sceneitem_t *near_hills[NEAR_HILLS];
    obs_sceneitem_t *lines[FLOOR_LINES];
    obs_sceneitem_t *discs[DISCS];
    obs_sceneitem_t *title;
};

/* OBS's colours are 0xAABBGGRR; a palette reads better the other way round. */
static uint32_t rgba(uint32_t rgb, uint32_t alpha)
{
    return alpha << 24 | (rgb & 0xFF) << 16 | (rgb & 0xFF00) | rgb >> 16;
}

static obs_source_t *create_source(const char *type, obs_data_t *settings)
{
    const char *id = obs_get_latest_input_type_id(type);
    obs_source_t *source = id ? obs_source_create_private(id, type, settings) : NULL;
    obs_data_release(settings);
    return source;
}

static obs_source_t *create_color(uint32_t color, int width, int height)
{
    obs_data_t *settings = obs_data_create();
    obs_data_set_int(settings, "color", color);
    obs_data_set_int(settings, "width", width);
    obs_data_set_int(settings, "height", height);
    return create_source("color_source", settings);
}

static obs_source_t *create_text(const char *text, const char *style, int size, uint32_t top,
                                 uint32_t bottom)
{
    obs_data_t *settings = obs_data_create();
    obs_data_t *font = obs_data_create();
    obs_data_set_string(font, "face", "DejaVu Sans");
    obs_data_set_string(font, "style", style);
    obs_data_set_int(font, "size", size);
    obs_data_set_obj(settings, "font", font);
    obs_data_release(font);
    obs_data_set_string(settings, "text", text);
    obs_data_set_int(settings, "color1", top);
    obs_data_set_int(settings, "color2", bottom);
    obs_data_set_bool(settings, "antialiasing", true);
    return create_source("text_ft2_source", settings);
}

/* Adds one more item that shows the source, placed by its centre. */
static obs_sceneitem_t *add(struct demo_scene *scene, obs_source_t *source)
{
    obs_sceneitem_t *item = source ? obs_scene_add(scene->scene, source) : NULL;
    if (item)
        obs_sceneitem_set_alignment(item, OBS_ALIGN_CENTER);
    return item;
}

static obs_sceneitem_t *add_only(struct demo_scene *scene, obs_source_t *source)
{
    obs_sceneitem_t *item = add(scene, source);
    obs_source_release(source);
    return item;
}

/* Centre and turn in the design; `sx` and `sy` scale the source's own size. */
static void place(const struct demo_scene *scene, obs_sceneitem_t *item, double x, double y,
                  double sx, double sy, double degrees)
{
    if (!item)
        return;
    struct vec2 pos, scale;
    vec2_set(&pos, (float)(scene->origin_x + x * scene->scale),
             (float)(scene->origin_y + y * scene->scale));
    vec2_set(&scale, (float)(sx * scene->scale), (float)(sy * scene->scale));
    obs_sceneitem_defer_update_begin(item);
    obs_sceneitem_set_pos(item, &pos);
    obs_sceneitem_set_scale(item, &scale);
    obs_sceneitem_set_rot(item, (float)degrees);
    obs_sceneitem_defer_update_end(item);
}

static uint32_t mix(uint32_t a, uint32_t b, double t)
{
    uint32_t out = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        const double from = a >> shift & 0xFF, to = b >> shift & 0xFF;
        out |= (uint32_t)lrint(from + (to - from) * t) << shift;
    }
    return out;
}

/* The sky's colour from the zenith (0) to the horizon (1). */
static uint32_t sky_color(double t)
{
    static const struct {
        double at;
        uint32_t rgb;
    } stops[] = {
        {0.00, 0x0B0A2A}, {0.35, 0x2B1460}, {0.65, 0x7D2382}, {0.88, 0xE8517F}, {1.00, 0xFFB56B},
    };
    for (size_t i = 1; i < sizeof(stops) / sizeof(stops[0]); i++) {
        if (t <= stops[i].at)
            return mix(stops[i - 1].rgb, stops[i].rgb,
                       (t - stops[i - 1].at) / (stops[i].at - stops[i - 1].at));
    }
    return stops[4].rgb;
}

static void add_sky(struct demo_scene *scene)
{
    const double row = HORIZON_Y / SKY_ROWS;
    for (int i = 0; i < SKY_ROWS; i++) {
        const uint32_t color = rgba(sky_color((i + 0.5) / SKY_ROWS), 0xFF);
        /* Each row reaches under the next one, so that no seam shows at any scale. */
        place(scene, add_only(scene, create_color(color, 1280, 1)), DESIGN_W / 2, (i + 0.5) * row,
              1, row * 1.6, 0);
    }
    obs_source_t *star = create_color(rgba(0xFFFFFF, 0xA0), 3, 3);
    for (int i = 0; i < STARS; i++)
        scene->stars[i] = add(scene, star);
    obs_source_release(star);
}

static void add_sun(struct demo_scene *scene)
{
    scene->sun = add_only(
        scene, create_text("\u25CF", "Book", 256, rgba(0xFFF3A0, 0xFF), rgba(0xFF4F8B, 0xFF)));
    for (int i = 0; i < SUN_GAPS; i++) {
        const double y = 362 + 23.0 * i;
        const uint32_t color = rgba(sky_color(y / HORIZON_Y), 0xFF);
        place(scene, add_only(scene, create_color(color, 360, 1)), DESIGN_W / 2, y, 1, 3 + 2.0 * i,
              0);
    }
}

static void add_hills(struct demo_scene *scene)
{
    obs_source_t *far_hill =
        create_text("\u25B2", "Book", 256, rgba(0x8A2C78, 0xFF), rgba(0x3A1656, 0xFF));
    for (int i = 0; i < FAR_HILLS; i++)
        scene->far_hills[i] = add(scene, far_hill);
    obs_source_release(far_hill);
    obs_source_t *near_hill =
        create_text("\u25B2", "Book", 256, rgba(0x3A1A5E, 0xFF), rgba(0x120B2E, 0xFF));
    for (int i = 0; i < NEAR_HILLS; i++)
        scene->near_hills[i] = add(scene, near_hill);
    obs_source_release(near_hill);
}

static void add_floor(struct demo_scene *scene)
{
    const double height = DESIGN_H - HORIZON_Y;
    place(scene, add_only(scene, create_color(rgba(0x0C0822, 0xFF), 1280, 1)), DESIGN_W / 2,
          HORIZON_Y + height / 2, 1, height, 0);

    obs_source_t *neon = create_color(rgba(0xFF3FA4, 0xC0), 1280, 2);
    for (int i = 0; i < FLOOR_RAYS; i++) {
        /* A ray from the vanishing point to where it leaves the floor's near edge. */
        const double dx = (i - (FLOOR_RAYS - 1) / 2.0) * 150;
        const double length = hypot(dx, height);
        place(scene, add(scene, neon), DESIGN_W / 2 + dx / 2, HORIZON_Y + height / 2,
              length / DESIGN_W, 0.8, atan2(height, dx) * 360 / TAU);
    }
    for (int i = 0; i < HAZE_ROWS; i++) {
        /* Where the rays run together they would flicker: they fade into the distance instead. */
        const double away = 1 - (i + 0.5) / HAZE_ROWS;
        const uint32_t color = rgba(0x1A0A3A, (uint32_t)lrint(245 * away));
        place(scene, add_only(scene, create_color(color, 1280, 8)), DESIGN_W / 2,
              HORIZON_Y + 8 * i + 4, 1, 1, 0);
    }
    for (int i = 0; i < FLOOR_LINES; i++)
        scene->lines[i] = add(scene, neon);
    place(scene, add(scene, neon), DESIGN_W / 2, HORIZON_Y, 1, 2, 0);
    obs_source_release(neon);
}

static void add_front(struct demo_scene *scene)
{
    static const uint32_t colors[DISCS] = {0x2FE6FF, 0xFFC857, 0xB86BFF};
    for (int i = 0; i < DISCS; i++) {
        scene->discs[i] = add_only(scene, create_text("\u25CF", "Book", 256, rgba(colors[i], 0xA0),
                                                      rgba(colors[i], 0x50)));
    }
    scene->title = add_only(
        scene, create_text("HIP Effects", "Bold", 120, rgba(0xFFFFFF, 0xFF), rgba(0x9BE8FF, 0xFF)));
}

struct demo_scene *demo_scene_create(uint32_t width, uint32_t height, struct hipfx_why *why)
{
    struct demo_scene *scene = calloc(1, sizeof(*scene));
    if (!scene) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    scene->scale = fmax(width / DESIGN_W, height / DESIGN_H);
    scene->origin_x = (width - DESIGN_W * scene->scale) / 2;
    scene->origin_y = (height - DESIGN_H * scene->scale) / 2;
    scene->scene = obs_scene_create_private("demo");
    if (!scene->scene) {
        hipfx_fail(why, "libobs cannot make a scene");
        demo_scene_destroy(&scene);
        return NULL;
    }
    add_sky(scene);
    add_sun(scene);
    add_hills(scene);
    add_floor(scene);
    add_front(scene);
    demo_scene_move(scene, 0);
    if (!scene->title || !scene->lines[0]) {
        hipfx_fail(why, "OBS's colour and text sources are not there");
        demo_scene_destroy(&scene);
    }
    return scene;
}

void demo_scene_destroy(struct demo_scene **scene_ptr)
{
    struct demo_scene *scene = *scene_ptr;
    if (!scene)
        return;
    *scene_ptr = NULL;
    obs_scene_release(scene->scene);
    free(scene);
}

obs_source_t *demo_scene_source(const struct demo_scene *scene)
{
    return obs_scene_get_source(scene->scene);
}

/* Brings x into the range of `width` around the design, so that what leaves comes in again. */
static double wrap(double x, double width)
{
    return x - width * floor(x / width);
}

static void move_stars(struct demo_scene *scene, double t)
{
    for (int i = 0; i < STARS; i++) {
        /* Multiples of the golden ratio spread evenly and look random. */
        const double u = wrap(i * 0.618034, 1), v = wrap(i * 0.754878, 1);
        const double twinkle = 0.8 + 0.6 * sin(TAU * (0.4 * t + u));
        place(scene, scene->stars[i], wrap(u * DESIGN_W - 6 * t, DESIGN_W), 8 + v * v * 260,
              twinkle, twinkle, 0);
    }
}

static void move_hills(struct demo_scene *scene, double t)
{
    for (int i = 0; i < FAR_HILLS; i++) {
        const double x = wrap(i * 260 - 24 * t, FAR_HILLS * 260.0) - 260;
        const double height = 0.55 + 0.2 * sin(2.4 * i);
        place(scene, scene->far_hills[i], x, HORIZON_Y - 84 * height, 2.0, height, 0);
    }
    for (int i = 0; i < NEAR_HILLS; i++) {
        const double x = wrap(i * 330 + 120 - 60 * t, NEAR_HILLS * 330.0) - 330;
        const double height = 0.36 + 0.1 * sin(1.7 * i);
        place(scene, scene->near_hills[i], x, HORIZON_Y - 84 * height, 2.6, height, 0);
    }
}

static void move_floor(struct demo_scene *scene, double t)
{
    for (int i = 0; i < FLOOR_LINES; i++) {
        /* In perspective the lines stand apart as the square of their rank, near enough. */
        const double depth = wrap((i + 1.2 * t) / FLOOR_LINES, 1);
        place(scene, scene->lines[i], DESIGN_W / 2,
              HORIZON_Y + (DESIGN_H - HORIZON_Y) * depth * depth, 1, 0.4 + 1.4 * depth, 0);
    }
}

static void move_front(struct demo_scene *scene, double t)
{
    place(scene, scene->sun, DESIGN_W / 2, 330 + 6 * sin(TAU * 0.1 * t), 1.45, 1.45, 0);
    for (int i = 0; i < DISCS; i++) {
        const double phase = i / (double)DISCS;
        const double x = DESIGN_W / 2 + 480 * sin(TAU * (0.11 * t + phase));
        const double y = 330 + 150 * sin(TAU * (0.17 * t + 1.6 * phase));
        place(scene, scene->discs[i], x, y, 0.9 - 0.15 * i, 0.9 - 0.15 * i, 0);
    }
    place(scene, scene->title, DESIGN_W / 2, 110 + 10 * sin(TAU * 0.25 * t), 1, 1,
          1.5 * sin(TAU * 0.15 * t));
}

void demo_scene_move(struct demo_scene *scene, double time_s)
{
    move_stars(scene, time_s);
    move_hills(scene, time_s);
    move_floor(scene, time_s);
    move_front(scene, time_s);
}
