/* The threads that kernels, copies and fills run on. */
#define _GNU_SOURCE /* pthread_setname_np */
#include "interop/hip/cpu.h"

#include <signal.h>
#include <stdatomic.h>

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
        int chunk = left / (4 * pool.width);
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

static struct job *find_job(void)
{
    struct job *job = pool.jobs;
    while (job && atomic_load_explicit(&job->next, memory_order_relaxed) >= job->count)
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

static void post(struct job *job)
{
    int useful = (job->count - 1) / job->min_chunk;

    pthread_mutex_lock(&pool.lock);
    struct job **tail = &pool.jobs;
    while (*tail)
        tail = &(*tail)->link;
    *tail = job;
    bool wake_all = pool.idle <= useful;
    pthread_mutex_unlock(&pool.lock);

    if (wake_all)
        pthread_cond_broadcast(&pool.work);
    for (int i = 0; i < useful && !wake_all; i++)
        pthread_cond_signal(&pool.work);
}

static void withdraw(struct job *job)
{
    pthread_mutex_lock(&pool.lock);
    struct job **link = &pool.jobs;
    while (*link != job)
        link = &(*link)->link;
    *link = job->link;
    while (job->helpers > 0)
        pthread_cond_wait(&pool.left, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

void hipfx_cpu_pool_run(hipfx_cpu_kernel_fn run, const void *args, int count)
{
    if (count <= 1 || pool.width == 1) {
        if (count > 0)
            run(args, 0, count);
        return;
    }

    int min_chunk = count / (16 * pool.width);
    if (min_chunk < 1)
        min_chunk = 1;
    if (min_chunk > 8)
        min_chunk = 8;
    struct job job = {
        .run = run,
        .args = args,
        .count = count,
        .min_chunk = min_chunk,
    };
    post(&job);
    work_on(&job);
    withdraw(&job);
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

int hipfx_cpu_thread_create(pthread_t *thread, const char *name, void *(*main)(void *), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int err = pthread_create(thread, NULL, main, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (err == 0)
        pthread_setname_np(*thread, name);
    return err;
}
