/* Frames that carry their number: is the frame that comes back from HIP the one that GL has just
 * drawn, and all of it?
 *
 * GL stamps the frame's number into every 16x16 tile of the input, HIP copies the input to the
 * output, GL copies the output into one of a ring of textures. Nothing waits in between, so frames
 * go back to back; when the ring is full, every pixel of it is looked at. Needs a current GL
 * context and no OBS. One thread. */
#pragma once

#include "interop/link.h"

#define STALE_RING 32

struct stale_params {
    enum hipfx_hip_kind device; /* HIPFX_HIP_NONE: the one that GL draws on */
    int width_px, height_px;
};

struct stale {
    const struct hipfx_hip *hip;
    int device; /* HIP's number */
    struct hipfx_vk *vk;
    hipStream_t stream;
    int width_px, height_px;

    GLuint stamp, toil; /* programs: the picture, and one that takes long */
    GLuint vertices;    /* an empty array: vertices are made from their numbers */
    GLuint ring[STALE_RING], ring_framebuffer[STALE_RING];
    GLuint toil_texture, toil_framebuffer;
    void *scratch;                    /* HIP's, for work that takes long */
    double gl_round_ns, hip_round_ns; /* how long a round of it takes */
    uint8_t *pixels, *wanted;         /* a frame, and a row of tiles */
};

/* On failure the caller still calls stale_close. */
bool stale_open(struct stale *stale, const struct stale_params *params, struct hipfx_why *why);
void stale_close(struct stale *stale);

/* False with the reason where the device does not have the two rungs. */
bool stale_choose(const struct stale *stale, const struct hipfx_force *force,
                  struct hipfx_rungs *rungs, struct hipfx_why *why);

enum stale_pace {
    STALE_BACK_TO_BACK, /* as fast as they can be enqueued */
    STALE_DELAYED,      /* with long work on either side, in frames taken at random */
};

struct stale_result {
    int frames, wrong; /* looked at; of these, not what was drawn */
    char first[128];   /* the first wrong pixel in words */
};

/* Passes frames until there are `frames` of them, or, where that is asked for, until a ring had a
 * wrong one. False with the reason if a frame could not be passed at all. */
bool stale_run(struct stale *stale, const struct hipfx_rungs *rungs, enum stale_pace pace,
               int frames, bool stop_when_wrong, struct stale_result *result,
               struct hipfx_why *why);
