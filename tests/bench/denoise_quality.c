/* What denoising gains on pictures with synthetic noise, as a table in Markdown:
 *     denoise-quality [--check] [PICTURE.ppm]...
 * Pictures are binary PPM (P6) of 8 bits; without any, the tests' own are taken. With --check there
 * are only the rows of single frames, and the status is 1 unless the effect gains more there, in dB
 * and in SSIM, than the best of smart denoise's settings for each noise. */
#include "tests/unit/kernels/fixture.h"
#include "tests/unit/kernels/quality.h"
#include "tests/unit/kernels/trail.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICTURES_MAX 32
#define FRAMES       64

struct score {
    double psnr, ssim; /* sums over the pictures */
};

struct set {
    struct picture pictures[PICTURES_MAX];
    int count;
};

static bool read_picture(const char *path, struct picture *picture)
{
    int width, height, most;
    FILE *file = fopen(path, "rb");
    bool ok = file && fscanf(file, "P6 %d %d %d", &width, &height, &most) == 3 && most == 255 &&
              fgetc(file) != EOF && width > 0 && height > 0 && width <= 8192 && height <= 8192;
    if (ok)
        *picture = picture_create(width, height, HIPFX_PIXEL_RGBA8_SRGB, 0);
    for (int i = 0; ok && i < width * height; i++) {
        picture->bytes[4 * i + 3] = 255;
        ok = fread(picture->bytes + (size_t)4 * (size_t)i, 1, 3, file) == 3;
    }
    if (file)
        fclose(file);
    if (!ok)
        fprintf(stderr, "%s is no binary PPM of 8 bits\n", path);
    return ok;
}

static struct picture noisy(const struct picture *scene, uint64_t seed, double noise)
{
    struct rng rng = {seed};
    struct picture p = picture_create(scene->width, scene->height, scene->format, 0);
    memcpy(p.bytes, scene->bytes, scene->pitch * (size_t)scene->height);
    noise_add(&rng, &p, noise);
    return p;
}

static void add(struct score *score, const struct picture *p, const struct picture *truth)
{
    score->psnr += quality_psnr(p, truth);
    score->ssim += quality_ssim(p, truth);
}

static struct hipfx_values values_of(double spatial, double temporal, double noise)
{
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("denoise"));
    fixture_set("denoise", &values, "spatial", spatial);
    fixture_set("denoise", &values, "temporal", temporal);
    fixture_set("denoise", &values, "noise", noise);
    return values;
}

/* The last of so many frames of a still scene. */
static struct score denoised(const struct set *set, double spatial, double temporal, double noise,
                             int frames)
{
    const struct hipfx_values values = values_of(spatial, temporal, noise);
    struct score score = {0};
    for (int i = 0; i < set->count; i++) {
        struct picture out = {0};
        fixture_forget();
        for (int frame = 0; frame < frames; frame++) {
            struct picture in =
                noisy(&set->pictures[i], (uint64_t)i * 1000 + (uint64_t)frame, noise);
            picture_destroy(&out);
            out = fixture_apply("denoise", &values, frame / 60.0, &in);
            picture_destroy(&in);
        }
        add(&score, &out, &set->pictures[i]);
        picture_destroy(&out);
    }
    return score;
}

static struct score of_noisy(const struct set *set, double noise)
{
    struct score score = {0};
    for (int i = 0; i < set->count; i++) {
        struct picture in = noisy(&set->pictures[i], (uint64_t)i * 1000, noise);
        add(&score, &in, &set->pictures[i]);
        picture_destroy(&in);
    }
    return score;
}

/* The best of its settings for all the pictures together, for each measure by itself. */
static struct score of_smart_denoise(const struct set *set, double noise)
{
    static const double sigmas[] = {1.5, 2.25, 3}, thresholds[] = {2, 2.5, 3, 3.5};
    struct score best = {0};
    for (int k = 0; k < 12; k++) {
        struct score score = {0};
        for (int i = 0; i < set->count; i++) {
            struct picture in = noisy(&set->pictures[i], (uint64_t)i * 1000, noise);
            struct picture out =
                smart_denoise(&in, sigmas[k % 3], 2, thresholds[k / 3] * noise / 255);
            add(&score, &out, &set->pictures[i]);
            picture_destroy(&in);
            picture_destroy(&out);
        }
        best.psnr = fmax(best.psnr, score.psnr);
        best.ssim = fmax(best.ssim, score.ssim);
    }
    return best;
}

static void print_row(const struct set *set, double noise, const char *name, struct score score)
{
    printf("| %4g | %-34s | %6.2f | %.4f |\n", noise, name, score.psnr / set->count,
           score.ssim / set->count);
    fflush(stdout);
}

static void print_over_time(const struct set *set, double noise)
{
    print_row(set, noise, "denoise, over time, 64 frames", denoised(set, 0, 1, noise, FRAMES));
    print_row(set, noise, "denoise, both, 8 frames", denoised(set, 1, 1, noise, 8));
    print_row(set, noise, "denoise, both, 64 frames", denoised(set, 1, 1, noise, FRAMES));
}

static bool gains(const struct set *set, double noise, bool check)
{
    const struct score smart = of_smart_denoise(set, noise);
    const struct score within = denoised(set, 1, 0, noise, 1);
    print_row(set, noise, "as it is", of_noisy(set, noise));
    print_row(set, noise, "smart denoise, its best", smart);
    print_row(set, noise, "denoise, within the frame", within);
    if (!check)
        print_over_time(set, noise);
    return within.psnr > smart.psnr && within.ssim > smart.ssim;
}

static void print_trails(void)
{
    static const int contrasts[] = {120, 40, 16, 8};
    const struct hipfx_values values = values_of(0, 1, 9);
    printf("\n| contrast | left after 1 frame | after 8 |\n|---:|---:|---:|\n");
    for (size_t i = 0; i < sizeof(contrasts) / sizeof(contrasts[0]); i++)
        printf("| %d | %.2f | %.2f |\n", contrasts[i],
               denoise_trail(&values, 8, contrasts[i], 4, 1),
               denoise_trail(&values, 8, contrasts[i], 4, 8));
}

int main(int argc, char **argv)
{
    static const double noises[] = {6, 10, 20};
    struct set set = {0};
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, ok = true;
    for (int i = check ? 2 : 1; i < argc && set.count < PICTURES_MAX; i++) {
        if (!read_picture(argv[i], &set.pictures[set.count++]))
            return 2;
    }
    for (uint64_t seed = 1; argc <= (check ? 2 : 1) && seed <= 3; seed++)
        set.pictures[set.count++] = picture_scene(seed, 256, 192);
    if (fixture_open(NULL) != 0)
        return 1;
    printf("| noise | %-33s | PSNR dB | SSIM |\n|---:|---|---:|---:|\n", "");
    for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++)
        ok = gains(&set, noises[i], check) && ok;
    if (!check)
        print_trails();
    for (int i = 0; i < set.count; i++)
        picture_destroy(&set.pictures[i]);
    return fixture_close(NULL) == 0 && (ok || !check) ? 0 : 1;
}
