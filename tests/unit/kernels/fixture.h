/* Runs effects on pictures through the HIP table: on the CPU with each of the processor's images,
 * or on the GPU that the machine has. */
#pragma once

#include "kernels/kernels.h"
#include "picture.h"

/* What a test program was called with: `--gpu` runs it on the machine's GPU, and ends it with
 * status 77 and the reason if there is none; `--quick` makes few and small pictures do, for tools
 * that slow a program down. To be called first. */
void fixture_options(int argc, char **argv);

/* Once for a test program: opens the provider. For cmocka's group setup and teardown. */
int fixture_open(void **state);
int fixture_close(void **state);

/* The images that this processor can run, or one for the GPU; fixture_use selects the one for
 * fixture_apply and gives its name. */
int fixture_image_count(void);
const char *fixture_use(int image);

/* How many of `count` random pictures to try. */
int fixture_rounds(int count);

/* Random pictures to try an effect on: so many in all, each of one of the kinds and sizes. */
struct fixture_pictures {
    int count;
    enum picture_kind first_kind, last_kind;
    int sizes[6][2]; /* px; up to the first that is 0 */
};

/* The picture that `rng` gives next. Its rows have up to 32 bytes after their pixels, as the seed
 * has it. */
struct picture fixture_random_picture(const struct fixture_pictures *pictures, int format,
                                      struct rng *rng, uint64_t seed);

/* Calls `check` with each of them. `rng` goes on behind the picture, for what else is random; the
 * seed makes picture and values again. */
typedef void (*fixture_check_fn)(const struct picture *in, struct rng *rng, uint64_t seed);
void fixture_random_pictures(const struct fixture_pictures *pictures, int format,
                             fixture_check_fn check);

/* Leaves the test, as skipped, in a quick run. */
void fixture_skip_large(void);

/* What the effect makes of the picture; the test fails if it reports failure, changes its input or
 * writes anything but the pixels. Memory whose contents it need not find again holds NaN. The
 * device's rows are sometimes aligned to 16 bytes and sometimes as the picture's. The caller
 * destroys it. */
struct picture fixture_apply(const char *effect, const struct hipfx_values *values, double time_s,
                             const struct picture *in);

/* The same for an area only; the other pixels are as picture_create makes them. */
struct picture fixture_apply_in(const struct hipfx_rect *area, const char *effect,
                                const struct hipfx_values *values, double time_s,
                                const struct picture *in);

/* The same for all of the frame, of which only the tiles that the boxes reach are wanted, and of
 * them not the hole. */
struct fixture_live {
    const struct hipfx_rect *boxes;
    int count;              /* of the boxes */
    struct hipfx_rect hole; /* empty: all 0 */
};

struct picture fixture_apply_live(const struct fixture_live *live, const char *effect,
                                  const struct hipfx_values *values, double time_s,
                                  const struct picture *in);

/* Bytes of scratch memory that the call before has written, if it found enough of it there. */
size_t fixture_scratch_written(void);

/* The same in a region and mixed with the input, as a filter does it. `mask` is like `in` in size
 * and format, or NULL. */
struct picture fixture_apply_region(const struct hipfx_region *region, const struct picture *mask,
                                    const char *effect, const struct hipfx_values *values,
                                    double time_s, const struct picture *in);

/* Empties what an effect has kept of the calls before. */
void fixture_forget(void);

/* Whether the effect accepts frames like these; they need not hold anything. */
bool fixture_accepts(const char *effect, const struct hipfx_frame *in,
                     const struct hipfx_frame *out, struct hipfx_why *why);

/* Device memory, until fixture_close. */
void *fixture_memory(size_t size);

void fixture_set(const char *effect, struct hipfx_values *values, const char *key, double value);
