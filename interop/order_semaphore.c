#include "interop/order_parts.h"

/* hipExternalSemaphoreHandleTypeTimelineSemaphoreFd, by value: the headers of HIP 5 lack the name.
 */
#define HANDLE_TIMELINE_FD ((hipExternalSemaphoreHandleType)9)

static bool import_gl(struct hipfx_order_state *state, VkSemaphore semaphore, bool timeline,
                      struct hipfx_gl_semaphore *gl, struct hipfx_why *why)
{
    int fd = hipfx_vk_semaphore_fd(state->params.vk, semaphore, why);
    if (fd == HIPFX_FD_NONE)
        return false;
    const bool ok = hipfx_gl_semaphore_import(gl, timeline, &fd, why);
    hipfx_fd_close(&fd);
    return ok;
}

static bool import_hip(struct hipfx_order_state *state, VkSemaphore semaphore, bool timeline,
                       hipExternalSemaphore_t *imported, struct hipfx_why *why)
{
    const struct hipfx_hip *hip = state->params.hip;
    int fd = hipfx_vk_semaphore_fd(state->params.vk, semaphore, why);
    if (fd == HIPFX_FD_NONE)
        return false;
    const hipExternalSemaphoreHandleDesc handle = {
        /* The value is one of the enumeration's in newer headers. */
        /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange) */
        .type = timeline ? HANDLE_TIMELINE_FD : hipExternalSemaphoreHandleTypeOpaqueFd,
        .handle.fd = fd,
    };
    const bool ok = HIP(why, hip, hipImportExternalSemaphore, imported, &handle);
    if (!ok)
        *imported = NULL;
    if (hip->takes_fd)
        fd = HIPFX_FD_NONE;
    hipfx_fd_close(&fd);
    return ok;
}

bool hipfx_order_binary_create(struct hipfx_order_state *state,
                               struct hipfx_order_semaphore *semaphore, bool hip,
                               struct hipfx_why *why)
{
    return hipfx_vk_binary_create(state->params.vk, &semaphore->vk, why) &&
           import_gl(state, semaphore->vk, false, &semaphore->gl, why) &&
           (!hip || import_hip(state, semaphore->vk, false, &semaphore->hip, why));
}

bool hipfx_order_timeline_create(struct hipfx_order_state *state, bool gl, struct hipfx_why *why)
{
    const bool hip = state->params.hip->imports_semaphores;
    return hipfx_vk_timeline_create(state->params.vk, gl || hip, &state->timeline, why) &&
           (!gl || import_gl(state, state->timeline.semaphore, true, &state->shared.gl, why)) &&
           (!hip || import_hip(state, state->timeline.semaphore, true, &state->shared.hip, why));
}

/* The importers first, then what they imported. */
void hipfx_order_semaphore_destroy(struct hipfx_order_state *state,
                                   struct hipfx_order_semaphore *semaphore)
{
    if (semaphore->hip)
        HIP_FREE(state->params.hip, hipDestroyExternalSemaphore, semaphore->hip);
    hipfx_gl_semaphore_destroy(&semaphore->gl);
    if (semaphore->vk)
        hipfx_vk_binary_destroy(state->params.vk, &semaphore->vk);
    *semaphore = (struct hipfx_order_semaphore){0};
}

bool hipfx_order_hip_wait(struct hipfx_order_state *state, hipExternalSemaphore_t semaphore,
                          uint64_t value, struct hipfx_why *why)
{
    const hipExternalSemaphoreWaitParams params = {.params.fence.value = value};
    return HIP(why, state->params.hip, hipWaitExternalSemaphoresAsync, &semaphore, &params, 1,
               state->params.stream);
}

bool hipfx_order_hip_signal(struct hipfx_order_state *state, hipExternalSemaphore_t semaphore,
                            uint64_t value, struct hipfx_why *why)
{
    const hipExternalSemaphoreSignalParams params = {.params.fence.value = value};
    if (!HIP(why, state->params.hip, hipSignalExternalSemaphoresAsync, &semaphore, &params, 1,
             state->params.stream))
        return false;
    hipfx_order_watch_told(state, value);
    return true;
}
