#include "plugin/context.h"

#include "interop/fault.h"

bool hipfx_context_prepare(struct hipfx_context *context, struct hipfx_why *why)
{
    *context = (struct hipfx_context){
        .display = eglGetCurrentDisplay(),
        .shared = eglGetCurrentContext(),
        .own = EGL_NO_CONTEXT,
    };
    return epoxy_has_egl_extension(context->display, "EGL_KHR_surfaceless_context") ||
           hipfx_fail(why, "EGL has no EGL_KHR_surfaceless_context: update the graphics driver");
}

static bool fail(struct hipfx_why *why, const char *call)
{
    return hipfx_fail(why, "%s failed: 0x%x", call, (unsigned)eglGetError());
}

/* Of the configuration and version that OBS's has: others may not share with it. */
static bool create(struct hipfx_context *context, struct hipfx_why *why)
{
    static const EGLint version[] = {EGL_CONTEXT_MAJOR_VERSION,
                                     3,
                                     EGL_CONTEXT_MINOR_VERSION,
                                     3,
                                     EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                     EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                     EGL_NONE};
    const EGLDisplay display = context->display;
    EGLint id = 0, count = 0;
    EGLConfig config = NULL;
    if (!HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglQueryContext", EGL_FALSE,
                           eglQueryContext(display, context->shared, EGL_CONFIG_ID, &id)))
        return fail(why, "eglQueryContext");
    const EGLint wanted[] = {EGL_CONFIG_ID, id, EGL_NONE};
    if (!HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglChooseConfig", EGL_FALSE,
                           eglChooseConfig(display, wanted, &config, 1, &count)) ||
        !count)
        return fail(why, "eglChooseConfig");
    context->own = HIPFX_FAULT_POINT(HIPFX_FAULT_EGL, "eglCreateContext", EGL_NO_CONTEXT,
                                     eglCreateContext(display, config, context->shared, version));
    return context->own != EGL_NO_CONTEXT || fail(why, "eglCreateContext");
}

bool hipfx_context_enter(struct hipfx_context *context, struct hipfx_why *why)
{
    eglBindAPI(EGL_OPENGL_API); /* each thread has its own */
    return create(context, why) &&
           (HIPFX_FAULT_POINT(
                HIPFX_FAULT_EGL, "eglMakeCurrent", EGL_FALSE,
                eglMakeCurrent(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context->own)) ||
            fail(why, "eglMakeCurrent"));
}

void hipfx_context_leave(struct hipfx_context *context)
{
    if (context->own != EGL_NO_CONTEXT) {
        eglMakeCurrent(context->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(context->display, context->own);
    }
    context->own = EGL_NO_CONTEXT;
    eglReleaseThread();
}
