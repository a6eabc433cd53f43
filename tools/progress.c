#include "tools/progress.h"

#include <obs/util/platform.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH      32
#define SHOW_PERIOD_NS UINT64_C(100000000)

struct hipfx_progress hipfx_progress_start(const char *what, int64_t total)
{
    return (struct hipfx_progress){
        .shown = isatty(STDERR_FILENO),
        .what = what,
        .total = total,
    };
}

void hipfx_progress_show(struct hipfx_progress *progress, int64_t done)
{
    const uint64_t now_ns = os_gettime_ns();
    if (!progress->shown || (done < progress->total && now_ns - progress->last_ns < SHOW_PERIOD_NS))
        return;
    progress->last_ns = now_ns;
    if (progress->total <= 0) {
        fprintf(stderr, "\r%s %lld frames", progress->what, (long long)done);
    } else {
        char bar[BAR_WIDTH + 1];
        const int filled = (int)(done * BAR_WIDTH / progress->total);
        memset(bar, '.', BAR_WIDTH);
        memset(bar, '#', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r%s [%s] %lld/%lld", progress->what, bar, (long long)done,
                (long long)progress->total);
    }
    fflush(stderr);
}

void hipfx_progress_end(struct hipfx_progress *progress)
{
    if (progress->shown && progress->last_ns)
        fprintf(stderr, "\r\033[K");
}
