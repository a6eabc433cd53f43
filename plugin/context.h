/* A GL context for a thread of the plugin's own, which shares the objects of OBS's. */
#pragma once

#include "interop/why.h"

#include <epoxy/egl.h>
#include <stdbool.h>

struct hipfx_context {
    EGLDisplay display;
    EGLContext shared; /* OBS's */
    EGLContext own;    /* EGL_NO_CONTEXT: none yet */
};

/* With the graphics context entered: notes what to share with. False with the reason if EGL cannot
 * do it. Makes nothing. */
bool hipfx_context_prepare(struct hipfx_context *context, struct hipfx_why *why);

/* On the thread: makes the context and makes it current, which takes as long as EGL does. */
bool hipfx_context_enter(struct hipfx_context *context, struct hipfx_why *why);

/* On the thread, before it ends; whether or not it was entered. */
void hipfx_context_leave(struct hipfx_context *context);
