/* A stand-in for AMD's HIP runtime, libamdhip64.so.5, .6 and .7, for tests only.
 *
 * It is no emulator of a GPU: it carries HIP's calls out with the project's `cpu` provider, and
 * behaves as AMD's runtime on Linux does where a program could come to harm:
 *  - importing a semaphore aborts the process (https://github.com/ROCm/clr/issues/72), and a type
 *    beyond those of version 5 is refused with hipErrorInvalidValue first;
 *  - an imported file descriptor stays the caller's, and must be open until the memory is mapped;
 *  - memory that is still mapped when it is destroyed leaks: here that aborts the process, too;
 *  - a code object of another target is refused with hipErrorNoBinaryForGpu;
 *  - devices have PCI addresses, and UUIDs that are none of Vulkan's;
 *  - version 5 has no hipLaunchHostFunc.
 * Prototypes are those of the official header, which every file includes.
 *
 * Two things cannot be honest. The opaque descriptors that it imports are lavapipe's, whose layout
 * only Mesa knows: the stand-in reads Mesa's header (standin_memory.c) and refuses what looks
 * different. And code objects are for GPUs: it checks that one is for the right target and has the
 * kernel, and runs the kernel's source for that GPU on the processor instead, thread by thread
 * (emulate.h, standin_block.c).
 *
 * Two devices: device 0 at 0000:0c:00.0, gfx1036, is there to be passed over. Device 1 is what the
 * environment says:
 *   HIPFX_STANDIN_PCI   its address, 0000:03:00.0 by default
 *   HIPFX_STANDIN_GFX   its target, gfx1030 by default; given, it is device 0's, too, as where the
 *                       user overrides what the runtime takes its GPUs for
 *   HIPFX_STANDIN_INIT  what hipInit does: "crash", "hang", "none" (there is no device)
 *   HIPFX_STANDIN_USE   what hipMalloc does: "crash" */
#pragma once

#include "interop/hip/cpu.h"

#define STANDIN_EXPORT __attribute__((visibility("default")))

/* standin_memory.c: true if the pointer is imported memory; it is then freed. */
bool standin_unmap(void *ptr, hipError_t *err);

/* standin.c: the target of the thread's device. */
const char *standin_target(void);
