#include "tests/interop/gl_context.h"

#include <epoxy/egl.h>
#include <stdio.h>

static EGLDisplay display = EGL_NO_DISPLAY;
static EGLContext context = EGL_NO_CONTEXT;

static bool try_display(EGLDisplay candidate)
{
    static const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE,
                                    EGL_PBUFFER_BIT, EGL_NONE};
    static const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3,
                                     EGL_NONE};
    EGLConfig config;
    EGLint count = 0;
    if (candidate == EGL_NO_DISPLAY || !eglInitialize(candidate, NULL, NULL))
        return false;
    display = candidate;
    if (!eglBindAPI(EGL_OPENGL_API) || !eglChooseConfig(display, wanted, &config, 1, &count) ||
        !count)
        return false;
    context = eglCreateContext(display, config, EGL_NO_CONTEXT, version);
    return context != EGL_NO_CONTEXT &&
           eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
}

bool test_gl_open(void)
{
    EGLDeviceEXT devices[8];
    EGLint count = 0;
    /* Drivers name either the old extension or the two that it was split into. */
    if ((epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_base") ||
         epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_enumeration")) &&
        eglQueryDevicesEXT(8, devices, &count)) {
        for (EGLint i = 0; i < count; i++) {
            if (try_display(eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, devices[i], NULL)))
                return true;
            test_gl_close();
        }
    }
    return false;
}

void test_gl_close(void)
{
    if (display != EGL_NO_DISPLAY) {
        eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        if (context != EGL_NO_CONTEXT)
            eglDestroyContext(display, context);
        eglTerminate(display);
    }
    display = EGL_NO_DISPLAY;
    context = EGL_NO_CONTEXT;
}
