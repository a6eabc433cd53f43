/* The gallery's page: one HTML file beside its pictures. Private to hipfx-gallery. */
#pragma once

#include "tools/gallery_shots.h"

#include <obs/obs.h>

struct gallery_page_params {
    const char *path;
    const struct gallery_shots *shots;
    const obs_module_t *plugin; /* has the panel's words */
    const char *device;         /* that drew the pictures */
    uint32_t width, height;     /* px, of the pictures */
};

bool gallery_page_write(const struct gallery_page_params *params, struct hipfx_why *why);
