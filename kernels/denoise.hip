/* Noise taken out over time and in a frame; the kernels for the CPU. device_denoise.h tells the
 * method.
 *
 * Both go down tiles of columns. What a row has been made into lies in rings of as many rows as the
 * next step needs, so that it is made once and stays in the first cache. */
#include "kernels/device_denoise.h"

#define DENOISE_TILE   64
#define DENOISE_MARGIN 16 /* on both sides together; whole vectors of them */
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

HIPFX_FN float *denoise_plane(const struct hipfx_denoise_mean *mean, int y, int channel)
{
    return mean->data + ((uint64_t)y * 4 + (uint64_t)channel) * (uint64_t)mean->pitch;
}

HIPFX_FN void denoise_row_clear(struct denoise_row *row)
{
    for (int i = 0; i < 4 * DENOISE_WIDTH; i += HIPFX_LANES)
        hipfx_vec_store(&row->v[0][i], 0.0f);
}

/* The columns from x on that lie in the rectangle; none in the others. */
HIPFX_FN void denoise_row_decode(struct denoise_row *row, const struct hipfx_frame *in, int format,
                                 const struct hipfx_rect *inside, int x, int y)
{
    denoise_row_clear(row);
    if (y < inside->top || y >= inside->bottom)
        return;
    const int end = hipfx_min_i(inside->right - x, DENOISE_WIDTH);
    HIPFX_VECTORIZE
    for (int i = hipfx_max_i(inside->left - x, 0); i < end; i++)
        denoise_row_set(row, i, denoise_stabilise(format, hipfx_load(in, format, x + i, y)));
}

HIPFX_FN void denoise_row_fetch(struct denoise_row *row, const struct hipfx_denoise_mean *mean,
                                const struct hipfx_rect *inside, int x, int y)
{
    denoise_row_clear(row);
    if (y < inside->top || y >= inside->bottom)
        return;
    const int begin = hipfx_max_i(inside->left - x, 0);
    const int end = hipfx_min_i(inside->right - x, DENOISE_WIDTH);
    for (int channel = 0; channel < 4; channel++) {
        const float *from = denoise_plane(mean, y, channel) + x;
        HIPFX_VECTORIZE
        for (int i = begin; i < end; i++)
            row->v[channel][i] = from[i];
    }
}

/* The differences of a row, summed up over the columns around each. */
HIPFX_FN void denoise_row_compare(struct denoise_row *sums, float per_noise,
                                  const struct denoise_row *now, const struct denoise_row *before)
{
    struct denoise_row signs;
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_WIDTH; i++)
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

HIPFX_FN void denoise_row_blend(struct denoise_row *mean, float least_gain,
                                const struct denoise_row sums[5], const struct denoise_row *now,
                                const struct denoise_row *before)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++) {
        struct denoise_sign sum = denoise_sign_at(&sums[0], i);
        for (int j = 1; j < 5; j++)
            sum = denoise_add(sum, denoise_sign_at(&sums[j], i));
        denoise_row_set(mean, i,
                        denoise_blend(least_gain, sum, denoise_row_at(now, i + DENOISE_AROUND),
                                      denoise_row_at(before, i + DENOISE_AROUND)));
    }
}

HIPFX_FN void denoise_row_keep(const struct hipfx_denoise_args *a, const struct denoise_row *mean,
                               int columns, int x, int y)
{
    for (int channel = 0; channel < 4; channel++) {
        float *to = denoise_plane(&a->now, y, channel) + x;
        HIPFX_VECTORIZE
        for (int i = 0; i < columns; i++)
            to[i] = mean->v[channel][i];
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
        denoise_row_decode(&now[slot], &a->in, format, &a->made, x - DENOISE_AROUND, y);
        denoise_row_fetch(&before[slot], &a->before, &a->known, x - DENOISE_AROUND, y);
        denoise_row_compare(&sums[i % 5], a->per_noise, &now[slot], &before[slot]);
        if (i < 2 * DENOISE_AROUND)
            continue;
        const int middle = y - DENOISE_AROUND, of_middle = (i - DENOISE_AROUND) % 3;
        denoise_row_blend(&mean, a->least_gain, sums, &now[of_middle], &before[of_middle]);
        denoise_row_keep(a, &mean, columns, x, middle);
        if (a->shows)
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

#define DENOISE_REACH   (DENOISE_SEARCH + DENOISE_PATCH)
#define DENOISE_OFFSETS 49 /* of which 37 are used */
#define DENOISE_RING    8

struct denoise_search {
    struct denoise_row rows[DENOISE_RING];           /* y - 4 to y + 3 */
    float squares[DENOISE_OFFSETS][2][DENOISE_TILE]; /* over three columns, of the last two rows */
    struct denoise_row sum;                          /* weighted; in the place of n, the weights */
};

HIPFX_FN struct denoise_row *denoise_ring_at(struct denoise_search *s, int y)
{
    return &s->rows[y & (DENOISE_RING - 1)];
}

/* A row with its margins. Outside the frame it is as at its edge. */
HIPFX_FN void denoise_row_read(struct denoise_row *row, const struct hipfx_denoise_args *a,
                               int format, bool mean, int x, int y)
{
    const struct hipfx_rect frame = {0, 0, a->in.width, a->in.height};
    y = hipfx_clamp_i(y, 0, a->in.height - 1);
    if (mean)
        denoise_row_fetch(row, &a->now, &a->made, x, y);
    else
        denoise_row_decode(row, &a->in, format, &frame, x, y);
    for (int channel = 0; channel < 4; channel++) {
        float *v = row->v[channel];
        const int end = frame.right - x;
        for (int i = 0; i < -x; i++)
            v[i] = v[-x];
        for (int i = end; i < DENOISE_WIDTH; i++)
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

/* The squares of the differences between row y and the same row moved by (dx, dy), over three
 * columns. */
HIPFX_FN void denoise_row_squares(float *squares, const struct denoise_row *p,
                                  const struct denoise_row *q, int dx)
{
    float single[DENOISE_WIDTH];
    const int left = DENOISE_REACH - DENOISE_PATCH;
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE + HIPFX_LANES; i++) {
        float r = p->v[DENOISE_R][left + i] - q->v[DENOISE_R][left + dx + i];
        float g = p->v[DENOISE_G][left + i] - q->v[DENOISE_G][left + dx + i];
        float b = p->v[DENOISE_B][left + i] - q->v[DENOISE_B][left + dx + i];
        single[i] = r * r + g * g + b * b;
    }
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++)
        squares[i] = single[i] + single[i + 1] + single[i + 2];
}

HIPFX_FN void denoise_row_weigh(struct denoise_row *sum, const float *above, const float *middle,
                                const float *below, const struct denoise_row *p,
                                const struct denoise_row *q, int dx, float per_patch)
{
    HIPFX_VECTORIZE
    for (int i = 0; i < DENOISE_TILE; i++) {
        const int at = DENOISE_REACH + i;
        float weight =
            denoise_weight(above[i] + middle[i] + below[i], per_patch * p->v[DENOISE_N][at]);
        sum->v[DENOISE_R][i] += weight * q->v[DENOISE_R][at + dx];
        sum->v[DENOISE_G][i] += weight * q->v[DENOISE_G][at + dx];
        sum->v[DENOISE_B][i] += weight * q->v[DENOISE_B][at + dx];
        sum->v[DENOISE_N][i] += weight;
    }
}

/* Takes row y in, and with it makes the weighted sums of row y - 1 if `last` is so. */
HIPFX_FN void denoise_search_row(struct denoise_search *s, int y, bool sums, float per_patch)
{
    const struct denoise_row *low = denoise_ring_at(s, y), *middle = denoise_ring_at(s, y - 1);
    denoise_row_clear(&s->sum);
    for (int dy = -DENOISE_SEARCH; dy <= DENOISE_SEARCH; dy++) {
        for (int dx = -DENOISE_SEARCH; dx <= DENOISE_SEARCH; dx++) {
            if (!denoise_is_near(dx, dy))
                continue;
            float(*of_rows)[DENOISE_TILE] = s->squares[(dy + 3) * 7 + dx + 3];
            float squares[DENOISE_TILE];
            denoise_row_squares(squares, low, denoise_ring_at(s, y + dy), dx);
            if (sums)
                denoise_row_weigh(&s->sum, of_rows[y & 1], of_rows[~y & 1], squares, middle,
                                  denoise_ring_at(s, y - 1 + dy), dx, per_patch);
            for (int i = 0; i < DENOISE_TILE; i += HIPFX_LANES)
                hipfx_vec_store(&of_rows[y & 1][i], hipfx_vec_load(&squares[i]));
        }
    }
}

HIPFX_FN void denoise_search_mix(struct denoise_search *s, const struct denoise_row *p,
                                 float strength)
{
    for (int channel = 0; channel < 3; channel++) {
        HIPFX_VECTORIZE
        for (int i = 0; i < DENOISE_TILE; i++) {
            float of_one = p->v[channel][DENOISE_REACH + i];
            float mean = hipfx_divide(s->sum.v[channel][i], s->sum.v[DENOISE_N][i]);
            s->sum.v[channel][i] = of_one + (mean - of_one) * strength;
        }
    }
}

HIPFX_FN void denoise_space_tile(const struct hipfx_denoise_args *a, int format, bool mean, int x,
                                 int row_begin, int row_end)
{
    struct denoise_search s;
    const int begin = a->area.top + row_begin, end = a->area.top + row_end;
    for (int y = begin - DENOISE_REACH; y < begin + DENOISE_SEARCH - DENOISE_PATCH; y++)
        denoise_row_read(denoise_ring_at(&s, y), a, format, mean, x - DENOISE_REACH, y);
    for (int y = begin - DENOISE_PATCH; y < end + DENOISE_PATCH; y++) {
        denoise_row_read(denoise_ring_at(&s, y + DENOISE_SEARCH), a, format, mean,
                         x - DENOISE_REACH, y + DENOISE_SEARCH);
        denoise_search_row(&s, y, y > begin, a->per_patch);
        if (y <= begin)
            continue;
        denoise_search_mix(&s, denoise_ring_at(&s, y - 1), a->strength);
        denoise_row_show(a, format, &s.sum, DENOISE_TILE, x, y - 1);
    }
}

HIPFX_FN void denoise_space(const struct hipfx_denoise_args *a, int format, bool mean,
                            int row_begin, int row_end)
{
    for (int x = a->area.left; x < a->area.right; x += DENOISE_TILE)
        denoise_space_tile(a, format, mean, x, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_frame_rgba8, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_space(a, HIPFX_PIXEL_RGBA8_SRGB, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_frame_rgba16f, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_space(a, HIPFX_PIXEL_RGBA16F, false, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_mean_rgba8, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_space(a, HIPFX_PIXEL_RGBA8_SRGB, true, row_begin, row_end);
}

HIPFX_KERNEL_ROWS(denoise_mean_rgba16f, struct hipfx_denoise_args, a, row_begin, row_end)
{
    denoise_space(a, HIPFX_PIXEL_RGBA16F, true, row_begin, row_end);
}
