/* Recording with OBS's own x264 encoder and muxer. Private to hipfx-demo. */
#pragma once

#include "interop/why.h"

#include <obs/obs.h>
#include <stdbool.h>
#include <stdint.h>

struct demo_record;

/* Starts to record what libobs's canvas shows, in real time, into an .mp4. Needs OBS's modules
 * obs-x264 and obs-ffmpeg, and libobs's audio. NULL with the reason. */
struct demo_record *demo_record_start(const char *path, struct hipfx_why *why);

/* Frames that are encoded by now. */
int64_t demo_record_frames(const struct demo_record *record);

/* Ends the recording, waits until the file is whole and frees all. False with the reason. */
bool demo_record_stop(struct demo_record **record, struct hipfx_why *why);

/* Copies the first `frames` frames of a recording, without its (silent) sound, into a new file that
 * appears when it is whole. The streams are not encoded again. OBS stops a few frames late: this
 * gives a video its exact length. The recording must have no B-frames, as demo_record makes it. */
bool demo_record_cut(const char *recording, const char *path, int64_t frames,
                     struct hipfx_why *why);
