/* What the gallery shows: every effect as it is when a user adds it, and its presets. Private to
 * hipfx-gallery. */
#pragma once

#include "interop/why.h"
#include "kernels/effect.h"
#include "tools/gallery_scene.h"

#define GALLERY_SHOTS_MAX 400

struct gallery_shot {
    const struct hipfx_effect *effect;
    const char *caption; /* what it is, beside its name; NULL for a preset */
    char *name;          /* a preset's; NULL: none */
    char *settings;      /* JSON, as a filter takes them */
    char *picture;       /* the file's name in the gallery's folder */
    enum gallery_flaw flaw;
    const char *close_up; /* where the effect is best seen at its own size, as CSS has it: "0% 50%";
                             NULL: on the whole picture */
    int contrast;         /* how much more of it the page gives to what is hardly seen; 0: none */
};

/* In the effect table's order. Each owns its strings, but for the caption. */
struct gallery_shots {
    struct gallery_shot list[GALLERY_SHOTS_MAX];
    int count;
};

/* Finds them; presets are data/presets/EFFECT/NAME.json. Writes into the folder `out` what settings
 * name: a look-up table. False with the reason: a preset is broken, a file cannot be written. Free
 * them in any case. */
bool gallery_shots_find(struct gallery_shots *shots, const char *data, const char *out,
                        struct hipfx_why *why);
void gallery_shots_free(struct gallery_shots *shots);

/* The file's name of the picture without the filter. */
const char *gallery_before(enum gallery_flaw flaw);
