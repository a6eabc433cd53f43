/* Noise taken out over time and in a frame; the kernels for the CPU. device_denoise.h tells the
 * method.
 *
 * Both go down tiles of columns. What a row has been made into lies in rings of as many rows as the
 * next step needs, so that it is made once and stays in the first cache. */
#include "kernels/device_denoise.h"

#define DENOISE_TILE   64
#define DENOISE_MARGIN 32 /* on both sides together; whole vectors of them */
#define DENOISE_WIDTH  (DENOISE_TILE + DENOISE_MARGIN)

enum { DENOISE_R, DENOISE_G, DENOISE_B, DENOISE_N };

/* Columns of a row: the first is that many before the tile's. */
struct denoise_row {
    float v[4][DENOISE_WIDTH];
};

HIPFX_FN struct denoise_px denoise_row_at(const struct denoise_row *row, int i)
{
    return (struct denoise_px){row->v[0][i], row->v[1][i], row->v[2][i], row->v[3][i]};
}

HIPFX_FN void denoise_row_set(struct denoise_row *row, int i, struct denoise_px px)
{
    row->v[DENOISE_R][i] = px.r;
    row->v[DENOISE_G][i] = px.g;
    row->v[DENOISE_B][i] = px.b;
    row->v[DENOISE_N][i] = px.n;
}

HIPFX_FN struct denoise_sign denoise_sign_at(const struct denoise_row *row, int i)
{
    return (struct denoise_sign){row->v[0][i], row->v[1][i], row->v[2][i], row->v[3][i]};
}

HIPFX_FN void denoise_sign_set(struct denoise_row *row, int i, struct denoise_sign sign)
{
    row->v[0][i] = sign.r;
    row->v[1][i] = sign.g;
    row->v[2][i] = sign.b;
    row->v[3][i] = sign.square;
}

HIPFX_FN float *denoise_plane(const struct hipfx_denoise_codes *codes, int y, int channel)
{
    return codes->data + ((uint64_t)y * 4 + (uint64_t)channel) * (uint64_t)codes->pitch;
}

HIPFX_FN void denoise_row_clear(struct denoise_row *row)
{
    for (int i = 0; i < 4 * DENOISE_WIDTH; i += HIPFX_LANES)
        hipfx_vec_store(&row->v[0][i], 0.0f);
}

/* The columns from x on that lie in the rectangle; none in the others. */
HIPFX_FN void denoise_row_decode(struct denoise_row *row, const struct hipfx_frame *in, int format,
                                 const struct hipfx_rect *inside, int columns, int x, int y)
{
    denoise_row_clear(row);
    if (y < inside->top || y >= inside->bottom)
        return;
    const int end = hipfx_min_i(inside->right - x, columns);
    HIPFX_VECTORIZE
    for (int i = hipfx_max_i(inside->left - x, 0); i < end; i++)
        denoise_row_set(row, i, denoise_stabilise(format, hipfx_load(in, format, x + i, y)));
}

HIPFX_FN void denoise_row_fetch(struct denoise_row *row, const struct hipfx_denoise_codes *codes,
                                const struct hipfx_rect *inside, int columns, int x, int y)
{
    denoise_row_clear(row);
    if (y < inside->top || y >= inside->bottom)
        return;
    const int begin = hipfx_max_i(inside->left - x, 0);
    const int end = hipfx_min_i(inside->right - x, columns);
    for (int channel = 0; channel < 4; channel++) {
        const float *from = denoise_plane(codes, y, channel) + x;
        HIPFX_VECTORIZE
        for (int i = begin; i < end; i++)
            row->v[channel][i] = from[i];
    }
}

/* Columns that a tile over time reads, in whole vectors. */
#define DENOISE_SEEN (DENOISE_TILE + 16)

/* The differences of a row, summed up over the columns around each. */
HIPFX_FN void denoise_row_compare(struct denoise_row *sums, float per_noise,
                                  const struct denoise_row *now, const struct denoise_row *before)
{
    struct denoise_row signs;
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_SEEN; i++)
        denoise_sign_set(
            &signs, i,
            denoise_compare(per_noise, denoise_row_at(now, i), denoise_row_at(before, i)));
    for (int channel = 0; channel < 4; channel++) {
        const float *s = signs.v[channel];
        HIPFX_VECTORIZE
        for (int i = 0; i < DENOISE_TILE; i++)
            sums->v[channel][i] = s[i] + s[i + 1] + s[i + 2] + s[i + 3] + s[i + 4];
    }
}

HIPFX_FN void denoise_row_blend(struct denoise_row *mean, float per_noise, float least_gain,
                                const struct denoise_row sums[5], const struct denoise_row *now,
                                const struct denoise_row *before)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++) {
        struct denoise_sign sum = denoise_sign_at(&sums[0], i);
        for (int j = 1; j < 5; j++)
            sum = denoise_add(sum, denoise_sign_at(&sums[j], i));
        denoise_row_set(mean, i,
                        denoise_blend(per_noise, least_gain, sum,
                                      denoise_row_at(now, i + DENOISE_AROUND),
                                      denoise_row_at(before, i + DENOISE_AROUND)));
    }
}

HIPFX_FN void denoise_row_keep(const struct hipfx_denoise_codes *codes,
                               const struct denoise_row *row, int columns, int x, int y)
{
    for (int channel = 0; channel < 4; channel++) {
        float *to = denoise_plane(codes, y, channel) + x;
        HIPFX_VECTORIZE
        for (int i = 0; i < columns; i++)
            to[i] = row->v[channel][i];
    }
}

/* What lies in the area. */
HIPFX_FN void denoise_row_show(const struct hipfx_denoise_args *a, int format,
                               const struct denoise_row *row, int columns, int x, int y)
{
    if (y < a->area.top || y >= a->area.bottom)
        return;
    const int begin = hipfx_max_i(a->area.left - x, 0);
    const int end = hipfx_min_i(a->area.right - x, columns);
    HIPFX_VECTORIZE
    for (int i = begin; i < end; i++) {
        uint64_t raw = hipfx_load(&a->in, format, x + i, y);
        hipfx_store(&a->out, format, x + i, y, denoise_encode(format, denoise_row_at(row, i), raw));
    }
}

HIPFX_FN void denoise_time_tile(const struct hipfx_denoise_args *a, int format, int x,
                                int row_begin, int row_end)
{
    const int columns = hipfx_min_i(DENOISE_TILE, a->made.right - x);
    struct denoise_row now[3], before[3], sums[5], mean;
    const int first = a->made.top + row_begin - DENOISE_AROUND;
    const int last = a->made.top + row_end - 1 + DENOISE_AROUND;
    for (int y = first; y <= last; y++) {
        const int i = y - first, slot = i % 3;
        denoise_row_decode(&now[slot], &a->in, format, &a->made, columns + 2 * DENOISE_AROUND,
                           x - DENOISE_AROUND, y);
        denoise_row_fetch(&before[slot], &a->before, &a->known, columns + 2 * DENOISE_AROUND,
                          x - DENOISE_AROUND, y);
        denoise_row_compare(&sums[i % 5], a->per_noise, &now[slot], &before[slot]);
        if (i < 2 * DENOISE_AROUND)
            continue;
        const int middle = y - DENOISE_AROUND, of_middle = (i - DENOISE_AROUND) % 3;
        denoise_row_blend(&mean, a->per_noise, a->least_gain, sums, &now[of_middle],
                          &before[of_middle]);
        denoise_row_keep(&a->now, &mean, columns, x, middle);
        if (a->shown)
            denoise_row_show(a, format, &mean, columns, x, middle);
    }
}

HIPFX_FN void denoise_time(const struct hipfx_denoise_args *a, int format, int row_begin,
                           int row_end)
{
    for (int x = a->made.left; x < a->made.right; x += DENOISE_TILE)
        denoise_time_tile(a, format, x, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_time_rgba8, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_time(a, HIPFX_PIXEL_RGBA8_SRGB, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_time_rgba16f, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_time(a, HIPFX_PIXEL_RGBA16F, row_begin, row_end);
}

/* What a search reads. */
enum denoise_source { DENOISE_FRAME, DENOISE_MEAN, DENOISE_NEAR };

#define DENOISE_OFFSETS_ACROSS (2 * HIPFX_DENOISE_SEARCH + 1)
#define DENOISE_RING           16 /* the next power of 2 from the rows that a search goes over */

struct denoise_sums_row {
    float v[5][DENOISE_TILE];
};

HIPFX_FN struct denoise_sums denoise_sums_at(const struct denoise_sums_row *row, int i)
{
    return (struct denoise_sums){row->v[0][i], row->v[1][i], row->v[2][i], row->v[3][i],
                                 row->v[4][i]};
}

HIPFX_FN void denoise_sums_set(struct denoise_sums_row *row, int i, struct denoise_sums sums)
{
    row->v[0][i] = sums.r;
    row->v[1][i] = sums.g;
    row->v[2][i] = sums.b;
    row->v[3][i] = sums.weight;
    row->v[4][i] = sums.squares;
}

struct denoise_search {
    struct denoise_row rows[DENOISE_RING];
    /* The squares of differences, over three columns, of the last two rows; for each offset. */
    float squares[DENOISE_OFFSETS_ACROSS][DENOISE_OFFSETS_ACROSS][2][DENOISE_TILE];
    struct denoise_sums_row sums;
};

HIPFX_FN int denoise_reach(int step)
{
    return HIPFX_DENOISE_SEARCH * step + DENOISE_PATCH;
}

HIPFX_FN struct denoise_row *denoise_ring_at(struct denoise_search *s, int y)
{
    return &s->rows[y & (DENOISE_RING - 1)];
}

/* A row of a tile with its margins. Outside the frame it is as at its edge. */
HIPFX_FN void denoise_row_read(struct denoise_row *row, const struct hipfx_denoise_args *a,
                               int format, int source, int columns, int x, int y)
{
    const struct hipfx_rect frame = {0, 0, a->in.width, a->in.height};
    y = hipfx_clamp_i(y, 0, a->in.height - 1);
    if (source == DENOISE_FRAME)
        denoise_row_decode(row, &a->in, format, &frame, columns, x, y);
    else if (source == DENOISE_MEAN)
        denoise_row_fetch(row, &a->now, &a->made, columns, x, y);
    else
        denoise_row_fetch(row, &a->near, &a->near_made, columns, x, y);
    for (int channel = 0; channel < 4; channel++) {
        float *v = row->v[channel];
        const int end = frame.right - x;
        for (int i = 0; i < -x; i++)
            v[i] = v[-x];
        for (int i = end; i < columns; i++)
            v[i] = v[end - 1];
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_WIDTH; i++) {
        const bool any = row->v[DENOISE_N][i] > 0.0f;
        row->v[DENOISE_R][i] = any ? row->v[DENOISE_R][i] : DENOISE_NOTHING;
        row->v[DENOISE_G][i] = any ? row->v[DENOISE_G][i] : DENOISE_NOTHING;
        row->v[DENOISE_B][i] = any ? row->v[DENOISE_B][i] : DENOISE_NOTHING;
    }
}

/* The squares of the differences between a row and another, from columns p_at and q_at on, over
 * three columns: 1 2 1. */
HIPFX_FN void denoise_row_squares(float *squares, const struct denoise_row *p, int p_at,
                                  const struct denoise_row *q, int q_at)
{
    float single[DENOISE_SEEN];
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_SEEN; i++) {
        float r = p->v[DENOISE_R][p_at + i] - q->v[DENOISE_R][q_at + i];
        float g = p->v[DENOISE_G][p_at + i] - q->v[DENOISE_G][q_at + i];
        float b = p->v[DENOISE_B][p_at + i] - q->v[DENOISE_B][q_at + i];
        single[i] = r * r + g * g + b * b;
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++)
        squares[i] = single[i] + 2.0f * single[i + 1] + single[i + 2];
}

HIPFX_FN void denoise_row_weigh(struct denoise_sums_row *sums, const float *above,
                                const float *middle, const float *below,
                                const struct denoise_row *p, int p_at, const struct denoise_row *q,
                                int q_at, float per_patch)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++) {
        float weight = denoise_weight(above[i] + 2.0f * middle[i] + below[i],
                                      per_patch * p->v[DENOISE_N][p_at + i]);
        struct denoise_sums sum = denoise_sums_at(sums, i);
        denoise_sums_add(&sum, q->v[DENOISE_R][q_at + i], q->v[DENOISE_G][q_at + i],
                         q->v[DENOISE_B][q_at + i], weight);
        denoise_sums_set(sums, i, sum);
    }
}

/* Takes the differences of row y in, and with them makes the sums of row y - 1 if `weighs`. */
HIPFX_FN void denoise_search_row(struct denoise_search *s, int step, int y, bool weighs,
                                 float per_patch)
{
    const int reach = denoise_reach(step), first = reach - DENOISE_PATCH;
    for (int i = 0; i < 5 * DENOISE_TILE; i += HIPFX_LANES)
        hipfx_vec_store(&s->sums.v[0][i], 0.0f);
    for (int j = -HIPFX_DENOISE_SEARCH; j <= HIPFX_DENOISE_SEARCH; j++) {
        for (int i = -HIPFX_DENOISE_SEARCH; i <= HIPFX_DENOISE_SEARCH; i++) {
            if (!denoise_is_searched(i, j))
                continue;
            const int dx = i * step, dy = j * step;
            float(*last)[DENOISE_TILE] =
                s->squares[j + HIPFX_DENOISE_SEARCH][i + HIPFX_DENOISE_SEARCH];
            float squares[DENOISE_TILE];
            denoise_row_squares(squares, denoise_ring_at(s, y), first, denoise_ring_at(s, y + dy),
                                first + dx);
            if (weighs)
                denoise_row_weigh(&s->sums, last[y & 1], last[~y & 1], squares,
                                  denoise_ring_at(s, y - 1), reach, denoise_ring_at(s, y - 1 + dy),
                                  reach + dx, per_patch);
            for (int k = 0; k < DENOISE_TILE; k += HIPFX_LANES)
                hipfx_vec_store(&last[y & 1][k], hipfx_vec_load(&squares[k]));
        }
    }
}

HIPFX_FN void denoise_search_mean(struct denoise_row *mean, const struct denoise_sums_row *sums,
                                  const float *n)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++) {
        denoise_row_set(mean, i, denoise_sums_mean(denoise_sums_at(sums, i), n[i]));
    }
}

/* The near search's rows are kept, the far search's are the result. */
HIPFX_FN void denoise_search_write(const struct hipfx_denoise_args *a, int format, int source,
                                   struct denoise_row *row, int columns, int x, int y)
{
    if (source != DENOISE_NEAR) {
        denoise_row_keep(&a->near, row, columns, x, y);
        return;
    }
    struct denoise_row from;
    if (a->averaged)
        denoise_row_fetch(&from, &a->now, &a->made, columns, x, y);
    else
        denoise_row_decode(&from, &a->in, format, &a->area, columns, x, y);
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++)
        denoise_row_set(row, i,
                        denoise_mix(denoise_row_at(&from, i), denoise_row_at(row, i), a->strength));
    denoise_row_show(a, format, row, columns, x, y);
}

HIPFX_FN void denoise_search_tile(const struct hipfx_denoise_args *a, int format, int source,
                                  int columns, int x, int begin, int end)
{
    const int step = source == DENOISE_NEAR ? HIPFX_DENOISE_FAR_STEP : 1;
    const int reach = denoise_reach(step), below = HIPFX_DENOISE_SEARCH * step;
    const int wide = columns + 2 * reach;
    struct denoise_search s;
    struct denoise_row mean;
    for (int y = begin - reach; y < begin - DENOISE_PATCH + below; y++)
        denoise_row_read(denoise_ring_at(&s, y), a, format, source, wide, x - reach, y);
    for (int y = begin - DENOISE_PATCH; y < end + DENOISE_PATCH; y++) {
        denoise_row_read(denoise_ring_at(&s, y + below), a, format, source, wide, x - reach,
                         y + below);
        denoise_search_row(&s, step, y, y > begin, a->per_patch);
        if (y <= begin)
            continue;
        denoise_search_mean(&mean, &s.sums, denoise_ring_at(&s, y - 1)->v[DENOISE_N] + reach);
        denoise_search_write(a, format, source, &mean, columns, x, y - 1);
    }
}

HIPFX_FN void denoise_search(const struct hipfx_denoise_args *a, int format, int source,
                             int row_begin, int row_end)
{
    const struct hipfx_rect *rect = source == DENOISE_NEAR ? &a->area : &a->near_made;
    const int right = rect->left + a->width;
    for (int x = rect->left + a->live.first; x < right; x += DENOISE_TILE)
        denoise_search_tile(a, format, source, hipfx_min_i(DENOISE_TILE, right - x), x,
                            rect->top + row_begin, rect->top + row_end);
}

HIPFX_KERNEL_ROWS(denoise_near_rgba8, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_search(a, HIPFX_PIXEL_RGBA8_SRGB, DENOISE_FRAME, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_near_rgba16f, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_search(a, HIPFX_PIXEL_RGBA16F, DENOISE_FRAME, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_near_mean, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_search(a, HIPFX_PIXEL_NONE, DENOISE_MEAN, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_far_rgba8, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_search(a, HIPFX_PIXEL_RGBA8_SRGB, DENOISE_NEAR, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_far_rgba16f, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_search(a, HIPFX_PIXEL_RGBA16F, DENOISE_NEAR, row_begin, row_end);
}
