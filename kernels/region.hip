/* An effect's result is blended into its input, in premultiplied linear light: in + (out - in) *
 * mix * mask. region.h says what the mask is. */
#include "kernels/device_mask.h"

HIPFX_FN float region_smooth(float t)
{
    t = hipfx_saturate(t);
    return t * t * (3.0f - 2.0f * t);
}

/* At a depth below one side of a bar. */
HIPFX_FN float region_bar(const struct hipfx_region_args *a, float depth, float thickness)
{
    float near = region_smooth(depth * a->inverse_ramp + 0.5f);
    float far = region_smooth((thickness - depth) * a->inverse_ramp + 0.5f);
    return hipfx_max(near + far - 1.0f, 0.0f);
}

HIPFX_FN float region_rectangle(const struct hipfx_region_args *a, float dx, float dy)
{
    return region_bar(a, a->radius_x - dx, 2.0f * a->radius_x) *
           region_bar(a, a->radius_y - dy, 2.0f * a->radius_y);
}

/* With g = |(dx / rx, dy / ry)|, the distance is (g - 1) * g / |(dx / rx^2, dy / ry^2)|; the two
 * that are divided are kept above 0 so that the centre has one, too. */
HIPFX_FN float region_ellipse(const struct hipfx_region_args *a, float dx, float dy)
{
    const float tiny = 1e-12f;
    float u = dx * a->inverse_x, v = dy * a->inverse_y;
    float du = u * a->inverse_x, dv = v * a->inverse_y;
    float smaller = hipfx_min(a->radius_x, a->radius_y);
    float steepest = hipfx_max(a->inverse_x, a->inverse_y);
    float g = hipfx_sqrt(u * u + v * v + tiny);
    float slope = hipfx_sqrt(du * du + dv * dv + tiny * steepest * steepest);
    float depth = hipfx_divide((1.0f - g) * g, slope);
    depth = hipfx_min(depth, hipfx_min(a->radius_x - dx, a->radius_y - dy));
    return region_bar(a, depth, 2.0f * smaller);
}

/* How much of the result there is at a pixel of the area. `raw` is that of the mask's picture. */
HIPFX_FN float region_share(const struct hipfx_region_args *a, int format, int form, int x, int y,
                            uint64_t raw)
{
    float dx = hipfx_abs((float)x + 0.5f - a->center_x);
    float dy = hipfx_abs((float)y + 0.5f - a->center_y);
    float mask = 1.0f;
    if (form == HIPFX_REGION_RECTANGLE)
        mask = region_rectangle(a, dx, dy);
    if (form == HIPFX_REGION_ELLIPSE)
        mask = region_ellipse(a, dx, dy);
    if (form == HIPFX_REGION_SOURCE)
        mask = mask_alpha(format, raw);
    return mask_share(mask, a->invert, a->mix);
}

HIPFX_FN uint64_t region_blend(int format, uint64_t in_raw, uint64_t out_raw, float share)
{
    struct hipfx_px in = hipfx_decode(format, in_raw), px = hipfx_decode(format, out_raw);
    px.r = in.r + (px.r - in.r) * share;
    px.g = in.g + (px.g - in.g) * share;
    px.b = in.b + (px.b - in.b) * share;
    px.a = in.a + (px.a - in.a) * share;
    uint64_t blended = hipfx_encode(format, px);
    return share == 0.0f ? in_raw : share == 1.0f ? out_raw : blended;
}

HIPFX_FN bool region_is_in(const struct hipfx_rect *rect, int x, int y)
{
    return x >= rect->left && x < rect->right && y >= rect->top && y < rect->bottom;
}

#if HIPFX_GPU

/* Whether the effect was made there: the mask alone, which is rounded, does not tell. */
HIPFX_FN bool region_has(const struct hipfx_region_args *a, int x, int y)
{
    return region_is_in(&a->area, x, y) && !region_is_in(&a->map.hole, x, y);
}

/* What is all result is left as it is, and what is all input is copied. */
HIPFX_FN void region_group(const struct hipfx_region_args *a, int format, bool live, int x, int y)
{
    enum { most = 4 };
    const int pixels = hipfx_group_pixels(format);
    float shares[most];
    bool result = true, input = true;
    hipfx_group mask = 0;
    const bool reached = live && x < a->area.right && x + pixels > a->area.left;
    if (a->form == HIPFX_REGION_SOURCE && reached)
        mask = hipfx_direct_group_load(&a->mask, format, x, y);
    HIPFX_UNROLL
    for (int i = 0; i < pixels; i++) {
        uint64_t raw = hipfx_group_first(mask, format);
        float share = region_share(a, format, a->form, x + i, y, raw);
        mask = hipfx_group_rotate(mask, format, 0);
        shares[i] = live && region_has(a, x + i, y) ? share : 0.0f;
        result = result && shares[i] == 1.0f;
        input = input && shares[i] == 0.0f;
    }
    if (result)
        return;
    hipfx_group in = hipfx_direct_group_load(&a->in, format, x, y);
    if (!input) {
        hipfx_group out = hipfx_direct_group_load(&a->out, format, x, y);
        HIPFX_UNROLL
        for (int i = 0; i < pixels; i++) {
            uint64_t in_raw = hipfx_group_first(in, format);
            uint64_t out_raw = hipfx_group_first(out, format);
            uint64_t blended = region_blend(format, in_raw, out_raw, shares[i]);
            in = hipfx_group_rotate(in, format, blended);
            out = hipfx_group_rotate(out, format, 0);
        }
    }
    hipfx_direct_group_store(&a->out, format, x, y, in);
}

/* A thread's groups lie in one tile of the map. */
HIPFX_FN void region_block(const struct hipfx_region_args *a, int format)
{
    enum { across = 32, down = HIPFX_BLOCK / across };
    static_assert(HIPFX_LIVE_ROWS % HIPFX_REGION_ROWS == 0, "a block's rows lie in one of tiles");
    const int pixels = hipfx_group_pixels(format);
    const int x = (hipfx_block_x() * across + hipfx_thread() % across) * pixels;
    const int top = hipfx_block_y() * HIPFX_REGION_ROWS;
    const struct hipfx_rect part = {x, top, hipfx_min_i(x + pixels, a->width),
                                    hipfx_min_i(top + HIPFX_REGION_ROWS, a->height)};
    hipfx_decode_prepare(format);
    if (x >= a->width)
        return;
    const bool live = hipfx_live_has(&a->map, part);
    for (int y = top + hipfx_thread() / across; y < part.bottom; y += down)
        region_group(a, format, live, x, y);
}

HIPFX_KERNEL_BLOCK(region_rgba8, struct hipfx_region_args, a)
{
    region_block(a, HIPFX_PIXEL_RGBA8_SRGB);
}

HIPFX_KERNEL_BLOCK(region_rgba16f, struct hipfx_region_args, a)
{
    region_block(a, HIPFX_PIXEL_RGBA16F);
}

#else

#define REGION_RUN HIPFX_LIVE_COLUMNS

HIPFX_FN void region_copy(const struct hipfx_region_args *a, int format, int x0, int x1, int y)
{
    HIPFX_VECTORIZE
    for (int x = x0; x < x1; x++)
        hipfx_direct_store(&a->out, format, x, y, hipfx_direct_load(&a->in, format, x, y));
}

/* A piece of a row of the area. */
HIPFX_FN void region_run(const struct hipfx_region_args *a, int format, int form, int x0, int x1,
                         int y)
{
    float shares[REGION_RUN];
    int results = 0, inputs = 0;
    HIPFX_VECTORIZE
    for (int i = 0; i < x1 - x0; i++) {
        uint64_t raw =
            form == HIPFX_REGION_SOURCE ? hipfx_direct_load(&a->mask, format, x0 + i, y) : 0;
        float share = region_share(a, format, form, x0 + i, y, raw);
        shares[i] = region_is_in(&a->map.hole, x0 + i, y) ? 0.0f : share;
        results += shares[i] == 1.0f ? 1 : 0;
        inputs += shares[i] == 0.0f ? 1 : 0;
    }
    if (results == x1 - x0)
        return;
    if (inputs == x1 - x0) {
        region_copy(a, format, x0, x1, y);
        return;
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < x1 - x0; i++) {
        uint64_t in = hipfx_direct_load(&a->in, format, x0 + i, y);
        uint64_t out = hipfx_direct_load(&a->out, format, x0 + i, y);
        hipfx_direct_store(&a->out, format, x0 + i, y, region_blend(format, in, out, shares[i]));
    }
}

/* Whether a run from x on has anything of the effect in rows of the area, in one row of the map's
 * tiles. */
HIPFX_FN bool region_has_run(const struct hipfx_region_args *a, int x, int top, int bottom)
{
    const int right = hipfx_min_i(x + REGION_RUN, a->area.right);
    return hipfx_live_has(&a->map, (struct hipfx_rect){x, top, right, bottom});
}

HIPFX_FN void region_area_rows(const struct hipfx_region_args *a, int format, int form, int top,
                               int bottom)
{
    for (int x = a->area.left, end; x < a->area.right; x = end) {
        const bool live = region_has_run(a, x, top, bottom);
        end = x + REGION_RUN;
        while (end < a->area.right && region_has_run(a, end, top, bottom) == live)
            end += REGION_RUN;
        end = hipfx_min_i(end, a->area.right);
        for (int y = top; y < bottom; y++) {
            if (!live)
                region_copy(a, format, x, end, y);
            for (int run = x; live && run < end; run += REGION_RUN)
                region_run(a, format, form, run, hipfx_min_i(run + REGION_RUN, end), y);
        }
    }
}

HIPFX_FN void region_rows(const struct hipfx_region_args *a, int format, int form, int row_begin,
                          int row_end)
{
    const struct hipfx_rect area = a->area;
    for (int y = row_begin; y < row_end; y++) {
        const bool inside = y >= area.top && y < area.bottom;
        region_copy(a, format, 0, inside ? area.left : a->width, y);
        region_copy(a, format, inside ? area.right : a->width, a->width, y);
    }
    row_begin = hipfx_max_i(row_begin, area.top);
    row_end = hipfx_min_i(row_end, area.bottom);
    for (int top = row_begin, bottom; top < row_end; top = bottom) {
        bottom = hipfx_min_i((top / HIPFX_LIVE_ROWS + 1) * HIPFX_LIVE_ROWS, row_end);
        region_area_rows(a, format, form, top, bottom);
    }
}

HIPFX_FN void region_any_rows(const struct hipfx_region_args *a, int format, int row_begin,
                              int row_end)
{
    if (a->form == HIPFX_REGION_RECTANGLE)
        region_rows(a, format, HIPFX_REGION_RECTANGLE, row_begin, row_end);
    else if (a->form == HIPFX_REGION_ELLIPSE)
        region_rows(a, format, HIPFX_REGION_ELLIPSE, row_begin, row_end);
    else if (a->form == HIPFX_REGION_SOURCE)
        region_rows(a, format, HIPFX_REGION_SOURCE, row_begin, row_end);
    else
        region_rows(a, format, HIPFX_REGION_FRAME, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(region_rgba8, struct hipfx_region_args, a, row_begin, row_end)
{
    region_any_rows(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(region_rgba16f, struct hipfx_region_args, a, row_begin, row_end)
{
    region_any_rows(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

#endif
