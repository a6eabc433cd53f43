/* Look-up tables for colour, as users have them: .cube files and OBS's .png pictures.
 *
 * .cube: Adobe, "Cube LUT Specification Version 1.0" (2013), with tables of one dimension to 65536
 * entries and of three to 65 along an axis; DaVinci Resolve's LUT_1D_INPUT_RANGE and
 * LUT_3D_INPUT_RANGE, but not its files of both a curve and a cube. Keywords may be written in
 * small letters; other words of capitals are passed over, as other readers do it.
 *
 * .png: 64 tiles of 64x64 pixels in rows of 8; red grows along a tile's rows, green down its
 * columns, blue from tile to tile. 8 or 16 bits, any colour type; alpha means nothing. */
#pragma once

#include "interop/why.h"

#include <stddef.h>
#include <stdint.h>

#define HIPFX_LUT_1D_MAX 65536
#define HIPFX_LUT_3D_MAX 65

/* In one piece of memory, for free(). Entries are spread over the range of the file's own values,
 * so that they are exact to 1/131070 of it. */
struct hipfx_lut {
    int32_t size;       /* entries along an axis, at least 2 */
    int32_t dimensions; /* 1 or 3 */
    float domain_min[3], domain_max[3];
    float low[3], step[3]; /* an entry stands for low + step * entry */
    size_t bytes;          /* of the entries */
    uint16_t entries[][4]; /* r, g, b, 0; of three dimensions, red's index changes fastest */
};

/* A file of either kind, told apart by its first bytes. NULL with the reason and what to do. */
void *hipfx_lut_read(const char *path, struct hipfx_why *why);

/* The text, with its size and a 0 after it. The reason names the line. */
struct hipfx_lut *hipfx_lut_parse_cube(const char *text, size_t size, struct hipfx_why *why);
struct hipfx_lut *hipfx_lut_parse_png(const void *bytes, size_t size, struct hipfx_why *why);

/* What the parsers find: the table of struct hipfx_lut, before it is packed. */
struct hipfx_lut_found {
    int size, dimensions;
    float domain_min[3], domain_max[3];
    float (*values)[3];
};
size_t hipfx_lut_count(int size, int dimensions);
struct hipfx_lut *hipfx_lut_pack(const struct hipfx_lut_found *found, struct hipfx_why *why);
