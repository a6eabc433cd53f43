/* From a region's fractions to pixels. */
#include "kernels/region.h"

#include <math.h>

/* NaN becomes `low`. */
static double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

static int clamp_to_frame(double px, int size_px)
{
    return (int)clamp(px, 0, size_px);
}

bool hipfx_reach_is_empty(const struct hipfx_reach *reach)
{
    return reach->area.left >= reach->area.right || reach->area.top >= reach->area.bottom;
}

/* The pixels whose centres lie less than half a ramp beyond the outline. */
static struct hipfx_rect box(const struct hipfx_reach *reach, int width_px, int height_px)
{
    const double across = reach->radius_x + reach->ramp_px / 2;
    const double down = reach->radius_y + reach->ramp_px / 2;
    struct hipfx_rect area = {
        .left = clamp_to_frame(floor(reach->center_x - across + 0.5), width_px),
        .top = clamp_to_frame(floor(reach->center_y - down + 0.5), height_px),
        .right = clamp_to_frame(ceil(reach->center_x + across - 0.5), width_px),
        .bottom = clamp_to_frame(ceil(reach->center_y + down - 0.5), height_px),
    };
    area.left -= area.left % HIPFX_AREA_ALIGN;
    return area;
}

/* The pixels whose centres lie so far inside of the outline that the mask is 1: of an ellipse,
 * those in the largest rectangle in a smaller one like it. A depth is no less than the smaller
 * radius times what is left of both. */
static struct hipfx_rect inside(const struct hipfx_reach *reach, int width_px, int height_px)
{
    const double half = reach->ramp_px / 2, smaller = fmin(reach->radius_x, reach->radius_y);
    double across = reach->radius_x - half, down = reach->radius_y - half;
    if (smaller <= half)
        return (struct hipfx_rect){0};
    if (reach->form == HIPFX_REGION_ELLIPSE) {
        across = reach->radius_x * (1 - half / smaller) * M_SQRT1_2;
        down = reach->radius_y * (1 - half / smaller) * M_SQRT1_2;
    }
    const struct hipfx_rect rect = {
        .left = clamp_to_frame(ceil(reach->center_x - across - 0.5), width_px),
        .top = clamp_to_frame(ceil(reach->center_y - down - 0.5), height_px),
        .right = clamp_to_frame(floor(reach->center_x + across + 0.5), width_px),
        .bottom = clamp_to_frame(floor(reach->center_y + down + 0.5), height_px),
    };
    return rect.left < rect.right && rect.top < rect.bottom ? rect : (struct hipfx_rect){0};
}

static double furthest(double center, int size_px)
{
    return fmax(fabs(0.5 - center), fabs(size_px - 0.5 - center));
}

/* Whether the mask is 1 at all pixels' centres. An ellipse that can do it is so much larger than
 * the frame that nobody has one. */
static bool covers_frame(const struct hipfx_reach *reach, int width_px, int height_px)
{
    const double half = reach->ramp_px / 2;
    return reach->form == HIPFX_REGION_RECTANGLE &&
           furthest(reach->center_x, width_px) + half <= reach->radius_x &&
           furthest(reach->center_y, height_px) + half <= reach->radius_y;
}

/* The mask is the same everywhere. */
static struct hipfx_reach even(bool one, double mix, int width_px, int height_px)
{
    struct hipfx_reach reach = {.form = HIPFX_REGION_FRAME, .mix = mix};
    if (!one || mix == 0)
        return reach;
    reach.area = (struct hipfx_rect){.right = width_px, .bottom = height_px};
    reach.whole = mix == 1;
    return reach;
}

struct hipfx_reach hipfx_region_reach(const struct hipfx_region *region, int width_px,
                                      int height_px)
{
    const double mix = clamp(region->mix, 0, 1);
    const double width = clamp(region->width, 0, 1), height = clamp(region->height, 0, 1);
    if (region->form == HIPFX_REGION_FRAME || mix == 0)
        return even(!region->invert, mix, width_px, height_px);
    if (region->form == HIPFX_REGION_SOURCE)
        return (struct hipfx_reach){
            .area = {.right = width_px, .bottom = height_px},
            .form = region->form,
            .ramp_px = clamp(region->feather_px, 0, HIPFX_REGION_FEATHER_MAX_PX),
            .invert = region->invert,
            .mix = mix,
        };
    if (width == 0 || height == 0)
        return even(region->invert, mix, width_px, height_px);

    struct hipfx_reach reach = {
        .form = region->form,
        .radius_x = width * width_px / 2,
        .radius_y = height * height_px / 2,
        .ramp_px = fmax(clamp(region->feather_px, 0, HIPFX_REGION_FEATHER_MAX_PX), 1),
        .invert = region->invert,
        .mix = mix,
    };
    reach.center_x = clamp(region->x, -1, 1) * width_px + reach.radius_x;
    reach.center_y = clamp(region->y, -1, 1) * height_px + reach.radius_y;
    reach.area = box(&reach, width_px, height_px);
    if (covers_frame(&reach, width_px, height_px))
        return even(!region->invert, mix, width_px, height_px);
    if (hipfx_reach_is_empty(&reach))
        return even(region->invert, mix, width_px, height_px);
    if (region->invert) {
        reach.area = (struct hipfx_rect){.right = width_px, .bottom = height_px};
        reach.hole = inside(&reach, width_px, height_px);
    }
    return reach;
}
