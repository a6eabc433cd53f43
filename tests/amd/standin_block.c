/* A GPU's block of threads: contexts that take turns on one thread, from barrier to barrier. */
#include "tests/amd/standin_kernels.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#define THREADS_MAX 1024
#define STACK_BYTES ((size_t)64 * 1024)

extern unsigned standin_block_x, standin_block_y, standin_thread;
void standin_barrier(void);

unsigned standin_block_x, standin_block_y, standin_thread;

static struct {
    ucontext_t caller;
    ucontext_t contexts[THREADS_MAX];
    bool ended[THREADS_MAX];
    char *stacks;
    const struct standin_kernel *kernel;
    const void *args;
} block;

void standin_barrier(void)
{
    const unsigned self = standin_thread;
    swapcontext(&block.contexts[self], &block.caller);
    standin_thread = self;
}

static void thread_main(void)
{
    block.kernel->run(block.args);
    block.ended[standin_thread] = true;
}

static void start_thread(unsigned thread)
{
    ucontext_t *context = &block.contexts[thread];
    if (getcontext(context) != 0)
        abort();
    context->uc_stack.ss_sp = block.stacks + thread * STACK_BYTES;
    context->uc_stack.ss_size = STACK_BYTES;
    context->uc_link = &block.caller;
    makecontext(context, thread_main, 0);
    block.ended[thread] = false;
}

/* All threads up to the next barrier or their end; true if they have ended. Some at a barrier and
 * some at their end would hang a GPU. */
static bool run_to_barrier(unsigned threads)
{
    unsigned ended = 0;
    for (unsigned i = 0; i < threads; i++) {
        standin_thread = i;
        swapcontext(&block.caller, &block.contexts[i]);
        ended += block.ended[i];
    }
    if (ended != 0 && ended != threads) {
        fprintf(stderr, "stand-in for AMD's runtime: %s: not all threads come to a barrier\n",
                block.kernel->name);
        abort();
    }
    return ended == threads;
}

static void run_block(unsigned threads)
{
    for (unsigned i = 0; i < threads; i++)
        start_thread(i);
    while (!run_to_barrier(threads))
        ;
}

void standin_run(const struct standin_kernel *kernel, const void *args, unsigned grid_x,
                 unsigned grid_y, unsigned threads)
{
    if (!block.stacks)
        block.stacks = malloc(THREADS_MAX * STACK_BYTES);
    if (!block.stacks || threads > THREADS_MAX)
        abort();
    block.kernel = kernel;
    block.args = args;
    for (unsigned y = 0; y < grid_y; y++) {
        for (unsigned x = 0; x < grid_x; x++) {
            standin_block_x = x;
            standin_block_y = y;
            run_block(threads);
        }
    }
}
