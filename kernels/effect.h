/* The effect table: one row per effect, with its parameters and the function that runs it. The
 * properties panel, settings, the render tool's checks and the tests are made from it.
 *
 * An effect is a function from one device frame to another on a stream. It knows nothing of OBS, GL
 * or Vulkan, nor of how the frame came to lie there. */
#pragma once

#include "interop/hip/hip.h"
#include "kernels/args_live.h"
#include "kernels/file.h"
#include "kernels/region.h"

#include <stdbool.h>
#include <stddef.h>

#define HIPFX_PARAMS_MAX 40

enum hipfx_param_type {
    HIPFX_PARAM_NONE = 0,
    HIPFX_PARAM_FLOAT,
    HIPFX_PARAM_COLOR,  /* 0xAABBGGRR, sRGB-encoded, straight alpha */
    HIPFX_PARAM_CHOICE, /* stored as the choice's string, held as its index */
    HIPFX_PARAM_BOOL,   /* 0 or 1 */
    HIPFX_PARAM_FILE,   /* stored as a path, held as struct hipfx_file; an effect has one at most,
                           which has no range */
};

struct hipfx_param {
    const char *key; /* stable, snake_case; the settings key is "effect.key" */
    enum hipfx_param_type type;
    double min, max, step, def;
    const char *unit;           /* slider suffix with its leading space, or NULL: " px", " EV" */
    const char *const *choices; /* NULL-terminated. HIPFX_PARAM_CHOICE: stable strings;
                                   HIPFX_PARAM_FILE: patterns of names, "*.cube" */
};

/* Parameter values by their index in the effect's table: a float's value, a colour's integer, a
 * choice's index; a file's has no meaning. */
struct hipfx_values {
    double v[HIPFX_PARAMS_MAX];
    struct hipfx_file *file; /* of the HIPFX_PARAM_FILE, read; NULL: none was chosen */
};

struct hipfx_kernels; /* the device's kernels, below */

#define HIPFX_OUTGROWN_MAX 8

/* Device memory that an effect needs beside its frames, grown as needed. One per filter. What it
 * has grown out of is kept: kernels may still use it, and runtimes wait for all streams when memory
 * is freed, for those of others, too, and without a bound. */
struct hipfx_scratch {
    void *data;
    size_t size;
    void *outgrown[HIPFX_OUTGROWN_MAX];
    int outgrown_count;
};

/* Device memory whose contents an effect finds again. `holds` is the effect's own mark of what lies
 * there; 0: nothing. */
struct hipfx_kept {
    struct hipfx_scratch memory;
    uint64_t holds;
    /* With it, for an effect that wants to know: */
    struct hipfx_rect area; /* of the frame that it was made of */
    double time_s;
};

/* What an effect keeps from frame to frame. One per filter; for another effect it is emptied. */
struct hipfx_effect_state {
    struct hipfx_kept history; /* made of earlier frames: forgotten on a new size or format, after a
                                  gap in time, and when the filter was hidden */
    struct hipfx_kept table;   /* made of the values */
    struct hipfx_scratch plain[2]; /* the frames, where they are surfaces: hipfx_apply */
    struct hipfx_scratch mask[2];  /* the mask and what is blurred of it: hipfx_apply_region */
    struct hipfx_scratch live;     /* the tiles that the mask reaches: the same */
    struct hipfx_file *file;       /* a reference: the table is being copied from it */
};

/* Where and when an effect runs. */
struct hipfx_run {
    struct hipfx_kernels *kernels;
    hipStream_t stream;
    struct hipfx_scratch *scratch;
    struct hipfx_effect_state *state;
    struct hipfx_rect area;     /* of the frame that is wanted, not empty; `left` is a multiple of
                                   HIPFX_AREA_ALIGN */
    struct hipfx_live_map live; /* what is wanted of the area */
    double time_s;              /* the filter's clock */
    struct hipfx_why *why;
};

struct hipfx_effect {
    const char *id; /* stable, snake_case: the value of the setting "effect" */
    const struct hipfx_param *params;
    int param_count;

    bool direct; /* its kernels read and write surfaces as well as plain memory, and each pixel but
                    once or twice, so that a copy would cost more */
    /* Reads and checks what the HIPFX_PARAM_FILE names, into memory for free(); NULL with the
     * reason and what to do, without the path. Any thread. NULL: the effect has no such parameter.
     */
    void *(*read_file)(const char *path, struct hipfx_why *why);

    /* True if the result would be the input, byte for byte: the caller need not run it. */
    bool (*is_neutral)(const struct hipfx_values *values);

    /* Enqueues the kernels that read `in` and write those pixels of `out` that lie in the run's
     * area, and no others; what they are does not depend on the area, nor, where they are wanted,
     * on `live`. The two frames have the same size and format and do not overlap. Does not wait.
     * Called by hipfx_apply, with sound frames and values in their ranges that are not neutral. */
    bool (*apply)(const struct hipfx_run *run, const struct hipfx_values *values,
                  const struct hipfx_frame *in, const struct hipfx_frame *out);
};

/* Runs an effect on any values and frames of either kind: frames that cannot be worked on are
 * refused, values brought into their ranges, neutral ones give the input's bytes back, and effects
 * that are not `direct` work on copies of surfaces. */
bool hipfx_apply(const struct hipfx_run *run, const struct hipfx_effect *effect,
                 const struct hipfx_values *values, const struct hipfx_frame *in,
                 const struct hipfx_frame *out);

/* The same for all of `out`, in a region: what that does not reach is a copy of `in`, and the
 * effect does not run there. `mask` is what HIPFX_REGION_SOURCE takes the alpha of, like `in` in
 * size and format; otherwise it is not looked at, nor is the run's area. */
bool hipfx_apply_region(const struct hipfx_run *run, const struct hipfx_effect *effect,
                        const struct hipfx_values *values, const struct hipfx_region *region,
                        const struct hipfx_frame *mask, const struct hipfx_frame *in,
                        const struct hipfx_frame *out);

extern const struct hipfx_effect *const hipfx_effects[];
extern const int hipfx_effect_count;

const struct hipfx_effect *hipfx_effect_find(const char *id);             /* NULL: no such effect */
int hipfx_param_find(const struct hipfx_effect *effect, const char *key); /* -1: none */
int hipfx_choice_find(const struct hipfx_param *param, const char *name); /* -1: none */
const struct hipfx_param *hipfx_file_param(const struct hipfx_effect *effect); /* NULL: none */
struct hipfx_values hipfx_values_default(const struct hipfx_effect *effect);

/* What every effect has beside its own parameters; their keys are whole settings keys. */
extern const struct hipfx_param hipfx_region_params[];
extern const int hipfx_region_param_count;
const struct hipfx_param *hipfx_region_param_find(const char *key); /* NULL: none */

/* From values in their ranges, by their index in that table. */
struct hipfx_region hipfx_region_from(const struct hipfx_values *values);

/* In degrees: a whole turn more is the same. */
bool hipfx_param_is_angle(const struct hipfx_param *param);

/* Brings a value into its parameter's range: angles by whole turns, other values to the nearest
 * end. NaN becomes the default. */
double hipfx_param_clamp(const struct hipfx_param *param, double value);

/* Loads the kernels that the device can run. `device` is HIP's number of it, and hipSetDevice has
 * chosen it on this thread. NULL with the reason if there are none for it. */
struct hipfx_kernels *hipfx_kernels_create(const struct hipfx_hip *hip, int device,
                                           struct hipfx_why *why);
void hipfx_kernels_destroy(struct hipfx_kernels **kernels);

/* At least `size` bytes of device memory, kept for the next frame; NULL on failure. Does not wait.
 */
void *hipfx_scratch_reserve(const struct hipfx_run *run, size_t size);

/* Frees what was grown out of, and all of it. No stream of the device may be at work, or this waits
 * for it. */
void hipfx_scratch_trim(const struct hipfx_hip *hip, struct hipfx_scratch *scratch);
void hipfx_scratch_free(const struct hipfx_hip *hip, struct hipfx_scratch *scratch);

/* The frames before are not to be thought of any more. */
void hipfx_effect_state_forget(struct hipfx_effect_state *state);

/* How often that has grown which has grown most often since it was trimmed. */
int hipfx_effect_state_outgrown(struct hipfx_effect_state *state);

/* As with hipfx_scratch_trim and hipfx_scratch_free. */
void hipfx_effect_state_trim(const struct hipfx_hip *hip, struct hipfx_effect_state *state);
void hipfx_effect_state_free(const struct hipfx_hip *hip, struct hipfx_effect_state *state);

struct hipfx_rect hipfx_frame_area(const struct hipfx_frame *frame); /* all of it */
