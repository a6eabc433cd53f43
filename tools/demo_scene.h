/* The demo's moving scene, made of OBS's own colour and text sources: an evening sky, a sun, hills,
 * a floor that runs towards the viewer, and translucent discs. Private to hipfx-demo. */
#pragma once

#include "interop/why.h"

#include <obs/obs.h>

struct demo_scene;

/* Needs OBS's modules image-source and text-freetype2. The picture is laid out for 16:9 and fills
 * any other size. NULL with the reason. */
struct demo_scene *demo_scene_create(uint32_t width, uint32_t height, struct hipfx_why *why);
void demo_scene_destroy(struct demo_scene **scene);

/* The scene as a source; the scene keeps it. */
obs_source_t *demo_scene_source(const struct demo_scene *scene);

/* Puts every item where it is at `time_s`. Any thread, one at a time. */
void demo_scene_move(struct demo_scene *scene, double time_s);
