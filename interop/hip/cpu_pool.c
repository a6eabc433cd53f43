/* The threads that kernels, copies and fills run on. */
#include "interop/hip/cpu.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

/* One call of hipfx_cpu_pool_run. Lives on its caller's stack: the caller leaves only after it has
 * taken the job off the list and the last helper has left it. */
struct job {
    hipfx_cpu_kernel_fn run;
    const void *args;
    int count;
    int min_chunk;
    _Alignas(64) atomic_int next; /* the first row that nobody has taken; alone on its cache line */
    _Alignas(64) int helpers;     /* inside the job now; under the pool's lock */
    struct job *link;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job was added */
    pthread_cond_t left; /* a helper has left a job */
    struct job *jobs;
    int idle;  /* helpers asleep */
    int width; /* helpers + 1 */
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .left = PTHREAD_COND_INITIALIZER,
    .width = 1,
};

/* Big chunks first, small ones last: a kernel that has work to do at the start of each range does
 * it seldom, and yet all threads finish at about the same time, even if one of them was held up. */
static bool take_chunk(struct job *job, int *begin, int *end)
{
    int next = atomic_load_explicit(&job->next, memory_order_relaxed);
    while (next < job->count) {
        int left = job->count - next;
        int chunk = left / (2 * pool.width);
        if (chunk < job->min_chunk)
            chunk = job->min_chunk;
        if (chunk > left)
            chunk = left;
        if (atomic_compare_exchange_weak_explicit(&job->next, &next, next + chunk,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            *begin = next;
            *end = next + chunk;
            return true;
        }
    }
    return false;
}

static void work_on(struct job *job)
{
    int begin, end;
    while (take_chunk(job, &begin, &end))
        job->run(job->args, begin, end);
}

static bool has_rows(struct job *job)
{
    return atomic_load_explicit(&job->next, memory_order_relaxed) < job->count;
}

static struct job *find_job(void)
{
    struct job *job = pool.jobs;
    while (job && !has_rows(job))
        job = job->link;
    return job;
}

static void *helper_main(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        struct job *job = find_job();
        if (!job) {
            pool.idle++;
            pthread_cond_wait(&pool.work, &pool.lock);
            pool.idle--;
            continue;
        }
        job->helpers++;
        pthread_mutex_unlock(&pool.lock);
        work_on(job);
        pthread_mutex_lock(&pool.lock);
        if (--job->helpers == 0)
            pthread_cond_broadcast(&pool.left);
    }
    return NULL;
}

void hipfx_cpu_pool_start(int core_count)
{
    pthread_mutex_lock(&pool.lock);
    while (pool.width < core_count) {
        pthread_t thread;
        if (hipfx_cpu_thread_create(&thread, "hipfx-pool", helper_main, NULL) != 0)
            break;
        pthread_detach(thread);
        pool.width++;
    }
    pthread_mutex_unlock(&pool.lock);
}

int hipfx_cpu_pool_width(void)
{
    return pool.width;
}
