/* For LD_PRELOAD: gives a program that asks EGL for an X11 display the display of a GPU instead,
 * with no window system. libobs then draws on a GPU server where EGL does not work on X11: it still
 * wants an X server (Xvfb will do) to talk to, but draws off screen only. Windows cannot be made.
 *
 * HIPFX_EGL_DEVICE=N takes the device that EGL lists as number N, counted from 0. Without it the
 * first one that starts is taken, software only where there is nothing else.
 *
 * Linked with libEGL itself: libobs loads it for its own use only, where RTLD_NEXT does not look.
 */
#define _GNU_SOURCE
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHIM            __attribute__((visibility("default")))
#define DEVICES_MAX     32
#define CONFIG_ATTR_MAX 64

/* The real function behind one that is defined here. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static __eglMustCastToProperFunctionPointerType find(const char *name)
{
    return REAL(eglGetProcAddress)(name);
}

static bool has_word(const char *words, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = words; at && (at = strstr(at, word)); at += length) {
        const bool begins = at == words || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0'))
            return true;
    }
    return false;
}

static bool is_software(EGLDeviceEXT device)
{
    const PFNEGLQUERYDEVICESTRINGEXTPROC query =
        (PFNEGLQUERYDEVICESTRINGEXTPROC)find("eglQueryDeviceStringEXT");
    return query && has_word(query(device, EGL_EXTENSIONS), "EGL_MESA_device_software");
}

/* Devices are listed that this user may not open, so each is tried. The caller initialises the
 * display again, which EGL allows. */
static EGLDisplay open_platform(EGLenum platform, void *native)
{
    const EGLDisplay display = REAL(eglGetPlatformDisplay)(platform, native, NULL);
    const bool ok = display != EGL_NO_DISPLAY && eglInitialize(display, NULL, NULL);
    return ok ? display : EGL_NO_DISPLAY;
}

static EGLDisplay open_best_device(const EGLDeviceEXT *devices, EGLint count)
{
    for (int software = 0; software < 2; software++) {
        for (EGLint i = 0; i < count; i++) {
            if (is_software(devices[i]) != (software == 1))
                continue;
            const EGLDisplay display = open_platform(EGL_PLATFORM_DEVICE_EXT, devices[i]);
            if (display != EGL_NO_DISPLAY)
                return display;
        }
    }
    return EGL_NO_DISPLAY;
}

static EGLDisplay open_named_device(const char *name, const EGLDeviceEXT *devices, EGLint count)
{
    char *end = NULL;
    const long index = strtol(name, &end, 10);
    if (end == name || *end || index < 0 || index >= count) {
        fprintf(stderr, "eglshim: HIPFX_EGL_DEVICE=%s: EGL lists %d devices\n", name, count);
        return EGL_NO_DISPLAY;
    }
    return open_platform(EGL_PLATFORM_DEVICE_EXT, devices[index]);
}

static EGLDisplay open_display(void)
{
    const PFNEGLQUERYDEVICESEXTPROC query = (PFNEGLQUERYDEVICESEXTPROC)find("eglQueryDevicesEXT");
    const char *name = getenv("HIPFX_EGL_DEVICE");
    EGLDeviceEXT devices[DEVICES_MAX];
    EGLint count = 0;
    if (!query || !query(DEVICES_MAX, devices, &count))
        count = 0;
    if (name && *name)
        return open_named_device(name, devices, count);

    EGLDisplay display = open_best_device(devices, count);
    if (display == EGL_NO_DISPLAY)
        display = open_platform(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY);
    return display;
}

static EGLDisplay headless_display(void)
{
    const EGLDisplay display = open_display();
    if (display == EGL_NO_DISPLAY)
        fprintf(stderr, "eglshim: EGL opens no device without a window system\n");
    return display;
}

static bool is_x11(EGLenum platform)
{
    return platform == EGL_PLATFORM_X11_EXT || platform == EGL_PLATFORM_XCB_EXT;
}

SHIM EGLDisplay EGLAPIENTRY eglGetDisplay(EGLNativeDisplayType display_id)
{
    (void)display_id;
    return headless_display();
}

SHIM EGLDisplay EGLAPIENTRY eglGetPlatformDisplay(EGLenum platform, void *native_display,
                                                  const EGLAttrib *attrib_list)
{
    return is_x11(platform) ? headless_display()
                            : REAL(eglGetPlatformDisplay)(platform, native_display, attrib_list);
}

static EGLDisplay EGLAPIENTRY get_platform_display_ext(EGLenum platform, void *native,
                                                       const EGLint *attributes)
{
    const PFNEGLGETPLATFORMDISPLAYEXTPROC real =
        (PFNEGLGETPLATFORMDISPLAYEXTPROC)find("eglGetPlatformDisplayEXT");
    return is_x11(platform) ? headless_display() : real(platform, native, attributes);
}

/* A device has no configuration for windows. */
SHIM EGLBoolean EGLAPIENTRY eglChooseConfig(EGLDisplay dpy, const EGLint *attrib_list,
                                            EGLConfig *configs, EGLint config_size,
                                            EGLint *num_config)
{
    EGLint wanted[CONFIG_ATTR_MAX + 1];
    int n = 0;
    for (; attrib_list && attrib_list[n] != EGL_NONE && n < CONFIG_ATTR_MAX; n += 2) {
        wanted[n] = attrib_list[n];
        wanted[n + 1] = attrib_list[n + 1];
        if (attrib_list[n] == EGL_SURFACE_TYPE && attrib_list[n + 1] != EGL_DONT_CARE)
            wanted[n + 1] &= ~EGL_WINDOW_BIT;
    }
    wanted[n] = EGL_NONE;
    return REAL(eglChooseConfig)(dpy, wanted, configs, config_size, num_config);
}

SHIM __eglMustCastToProperFunctionPointerType EGLAPIENTRY eglGetProcAddress(const char *name)
{
    if (strcmp(name, "eglGetPlatformDisplayEXT") == 0)
        return (__eglMustCastToProperFunctionPointerType)get_platform_display_ext;
    if (strcmp(name, "eglGetPlatformDisplay") == 0)
        return (__eglMustCastToProperFunctionPointerType)eglGetPlatformDisplay;
    if (strcmp(name, "eglGetDisplay") == 0)
        return (__eglMustCastToProperFunctionPointerType)eglGetDisplay;
    if (strcmp(name, "eglChooseConfig") == 0)
        return (__eglMustCastToProperFunctionPointerType)eglChooseConfig;
    return find(name);
}
