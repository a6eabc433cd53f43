/* One frame link: hands a frame from GL to HIP and back.
 *
 *     GL draws into `input`          hipfx_link_begin    what GL drew is in `in`
 *     kernels read `in`, write `out`, on the link's stream
 *     GL draws with `output`         hipfx_link_end      what HIP wrote is in `output`
 *
 * The caller brings two empty GL_TEXTURE_2D names; the link gives them storage that HIP reaches, by
 * the rungs that were chosen (ladder.h). It knows nothing of OBS. All calls come from the thread on
 * which the GL context is current. No call waits without a bound. */
#pragma once

#include "interop/gl/gl.h"
#include "interop/hip/hip.h"
#include "interop/ladder.h"
#include "interop/vk/vk.h"
#include "kernels/frame.h"

struct hipfx_link;

struct hipfx_link_params {
    const struct hipfx_hip *hip;
    int device;           /* HIP's number of the stream's device */
    hipStream_t stream;   /* on which the caller enqueues its kernels; outlives the link */
    struct hipfx_vk *vk;  /* NULL where there is none: memory `staged` only; outlives the link */
    GLuint input, output; /* the caller's; no storage yet, deleted after the link is destroyed */
    int width_px, height_px;
    int more_px; /* rows of `input` below the frame, for what else GL hands over: they follow those
                    of `in` */
    enum hipfx_pixel format;
    bool surfaces; /* memory `array`: frames are surfaces over the arrays. Otherwise they are plain
                      memory, and the runtime copies: three times the time that a kernel needs for
                      it (measured on an H100 with driver 580) */
};

/* Finds the best rungs, or takes the forced ones, and proves them by pixels: a 64x64 frame goes
 * round, and a rung that changes a byte is passed over. Needs `hip`, `device`, `stream`, `vk` and
 * `format`.
 * If that frame's work does not end, what it uses is kept for hipfx_link_collect.
 */
bool hipfx_link_choose(const struct hipfx_link_params *params, const struct hipfx_force *force,
                       struct hipfx_rungs *rungs, struct hipfx_why *why);

/* NULL with the reason; the textures may have got storage and are then of no further use. */
struct hipfx_link *hipfx_link_create(const struct hipfx_link_params *params,
                                     const struct hipfx_rungs *rungs, struct hipfx_why *why);

/* Waits, bounded, for work in flight, and sets the pointer to NULL; NULL is allowed. False if the
 * work did not end, or if that cannot be told: the link is then left as it is, with all that it
 * uses, and may be destroyed later. */
bool hipfx_link_destroy(struct hipfx_link **link);

/* Destroys the link, or keeps it for hipfx_link_collect if its work has not ended. Sets the pointer
 * to NULL; NULL is allowed. */
void hipfx_link_abandon(struct hipfx_link **link);

/* Destroys the links of the stream that were kept, those that could not be created among them;
 * false if the work of one still has not ended. `forget_gl`: the GL context is gone. To be called
 * before the stream, `vk` and the context go. */
bool hipfx_link_collect(hipStream_t stream, bool forget_gl);

/* For a link whose GL context is gone: its GL names went with it and are not deleted. NULL is
 * allowed. */
void hipfx_link_forget_gl(struct hipfx_link *link);

/* GL -> HIP. Work that is enqueued on the stream from now on may read `in` and write `out`. */
bool hipfx_link_begin(struct hipfx_link *link, struct hipfx_frame *in, struct hipfx_frame *out,
                      struct hipfx_why *why);

/* HIP -> GL. GL commands from now on see in `output` what the stream's work wrote. Must follow each
 * hipfx_link_begin that succeeded, whether or not the kernels between could be enqueued. */
bool hipfx_link_end(struct hipfx_link *link, struct hipfx_why *why);

/* Bytes of a frame that pass through host memory beside the frame's own: 0 but for `staged`. */
uint64_t hipfx_link_host_bytes(const struct hipfx_link *link);
