/* Frames that are surfaces over arrays, which only NVIDIA's GPUs have here. Part of device.h.
 *
 * PTX counts a surface's columns in bytes. An access outside it ends the kernel with an error. */
#pragma once

#if defined(__NVPTX__)
#define HIPFX_SURFACES 1

HIPFX_FN int hipfx_surface_x(const struct hipfx_frame *frame, int format, int x)
{
    return (frame->x + x) * (format == HIPFX_PIXEL_RGBA8_SRGB ? 4 : 8);
}

HIPFX_FN uint64_t hipfx_surface_load(const struct hipfx_frame *frame, int format, int x, int y)
{
    uint32_t low, high = 0;
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        __asm__("suld.b.2d.b32.trap {%0}, [%1, {%2, %3}];"
                : "=r"(low)
                : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)), "r"(frame->y + y));
    else
        __asm__("suld.b.2d.v2.b32.trap {%0, %1}, [%2, {%3, %4}];"
                : "=r"(low), "=r"(high)
                : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)), "r"(frame->y + y));
    return low | (uint64_t)high << 32;
}

HIPFX_FN void hipfx_surface_store(const struct hipfx_frame *frame, int format, int x, int y,
                                  uint64_t raw)
{
    if (format == HIPFX_PIXEL_RGBA8_SRGB)
        __asm__ volatile("sust.b.2d.b32.trap [%0, {%1, %2}], {%3};"
                         :
                         : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)),
                           "r"(frame->y + y), "r"((uint32_t)raw)
                         : "memory");
    else
        __asm__ volatile("sust.b.2d.v2.b32.trap [%0, {%1, %2}], {%3, %4};"
                         :
                         : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)),
                           "r"(frame->y + y), "r"((uint32_t)raw), "r"((uint32_t)(raw >> 32))
                         : "memory");
}

/* 16 bytes, where x is a multiple of as many. */
HIPFX_FN hipfx_group hipfx_surface_load_group(const struct hipfx_frame *frame, int format, int x,
                                              int y)
{
    uint32_t a, b, c, d;
    __asm__("suld.b.2d.v4.b32.trap {%0, %1, %2, %3}, [%4, {%5, %6}];"
            : "=r"(a), "=r"(b), "=r"(c), "=r"(d)
            : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)), "r"(frame->y + y));
    return (hipfx_group){a, b, c, d};
}

HIPFX_FN void hipfx_surface_store_group(const struct hipfx_frame *frame, int format, int x, int y,
                                        hipfx_group group)
{
    __asm__ volatile("sust.b.2d.v4.b32.trap [%0, {%1, %2}], {%3, %4, %5, %6};"
                     :
                     : "l"(frame->surface), "r"(hipfx_surface_x(frame, format, x)),
                       "r"(frame->y + y), "r"(group.x), "r"(group.y), "r"(group.z), "r"(group.w)
                     : "memory");
}

/* A group, of which pixels outside the frame are read as 0 and not written. */
HIPFX_FN hipfx_group hipfx_surface_load_row(const struct hipfx_frame *frame, int format, int x,
                                            int y)
{
    if (x + hipfx_group_pixels(format) <= frame->width)
        return hipfx_surface_load_group(frame, format, x, y);
    hipfx_group group = 0;
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        uint64_t raw = x + i < frame->width ? hipfx_surface_load(frame, format, x + i, y) : 0;
        group = hipfx_group_rotate(group, format, raw);
    }
    return group;
}

HIPFX_FN void hipfx_surface_store_row(const struct hipfx_frame *frame, int format, int x, int y,
                                      hipfx_group group)
{
    if (x + hipfx_group_pixels(format) <= frame->width) {
        hipfx_surface_store_group(frame, format, x, y, group);
        return;
    }
    for (int i = 0; i < hipfx_group_pixels(format); i++) {
        uint64_t raw = hipfx_group_first(group, format);
        group = hipfx_group_rotate(group, format, raw);
        if (x + i < frame->width)
            hipfx_surface_store(frame, format, x + i, y, raw);
    }
}
#endif
