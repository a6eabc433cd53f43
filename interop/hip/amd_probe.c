/* Running the helper that tries the runtime, with a bound. */
#define _GNU_SOURCE /* pipe2, environ, sigabbrev_np, posix_spawn_file_actions_addclosefrom_np */
#include "interop/hip/amd.h"
#include "interop/hip/probe.h"

#include "interop/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

/* A GPU that sleeps takes some seconds to wake at worst. */
#define TIMEOUT_NS UINT64_C(8000000000)

/* A process that hangs inside the kernel outlives SIGKILL. Its end is awaited no longer than
 * this. */
#define DEATH_NS (1000 * NS_PER_MS)

/* The helper says a path and a sentence. */
#define ANSWER_MAX 4096

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct hipfx_amd_trial current;

void hipfx_probe_set(const struct hipfx_probe_params *params)
{
    struct hipfx_amd_trial trial = {0};
    if (params && params->program) {
        snprintf(trial.program, sizeof(trial.program), "%s", params->program);
        trial.has_device = params->device;
        if (params->device)
            trial.device = *params->device;
        trial.timeout_ns = params->timeout_ns ? params->timeout_ns : TIMEOUT_NS;
    }
    pthread_mutex_lock(&mutex);
    current = trial;
    pthread_mutex_unlock(&mutex);
}

struct hipfx_amd_trial hipfx_amd_trial(void)
{
    pthread_mutex_lock(&mutex);
    struct hipfx_amd_trial trial = current;
    pthread_mutex_unlock(&mutex);
    return trial;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* Signals as in a fresh program, and no descriptor but the first three: the thread's mask and the
 * program's files are none of the helper's business. */
static int prepare(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int output)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int err = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    err = err ? err : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    err = err ? err : posix_spawnattr_setsigmask(attributes, &none);
    err = err ? err : posix_spawnattr_setsigdefault(attributes, &all);
    return err ? err
               : posix_spawnattr_setflags(attributes,
                                          POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* The helper's process, -1 with the reason if it did not start. */
static pid_t start(const struct hipfx_amd_trial *trial, int output, struct hipfx_why *why)
{
    struct hipfx_pci_text device = hipfx_pci_print(&trial->device);
    char *const arguments[] = {(char *)trial->program, trial->has_device ? device.text : NULL,
                               NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid = -1;
    int err = posix_spawn_file_actions_init(&actions);
    if (!err) {
        err = posix_spawnattr_init(&attributes);
        if (!err) {
            err = prepare(&actions, &attributes, output);
            err =
                err ? err
                    : posix_spawn(&pid, trial->program, &actions, &attributes, arguments, environ);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    if (!err)
        return pid;
    hipfx_fail(why, "%s cannot be started (%s): install the plugin again", trial->program,
               strerror(err));
    return -1;
}

/* All that the helper says, up to its end. False if that does not come in time. */
static bool read_answer(int input, int64_t deadline_ns, char answer[ANSWER_MAX])
{
    size_t used = 0;
    for (;;) {
        struct pollfd ready = {.fd = input, .events = POLLIN};
        const int64_t left_ms = (deadline_ns - now_ns() + NS_PER_MS - 1) / NS_PER_MS;
        const int count = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
        if (count == 0)
            return false;
        char rest[256]; /* what is too much is read, or the helper would wait for a reader */
        const bool full = used >= ANSWER_MAX - 1;
        const ssize_t size = count < 0 ? -1
                             : full    ? read(input, rest, sizeof(rest))
                                       : read(input, answer + used, ANSWER_MAX - 1 - used);
        if (size == 0 || (size < 0 && errno != EINTR))
            return true;
        if (size > 0 && !full)
            used += (size_t)size;
        answer[used] = '\0';
    }
}

/* False if the process did not end in time. `*status` stays -1 where the program has its children
 * forgotten (SIGCHLD ignored): how it ended cannot be learned then. */
static bool await_end(pid_t pid, int64_t deadline_ns, int *status)
{
    const struct timespec pause = {.tv_nsec = 2 * NS_PER_MS};
    for (;;) {
        const pid_t ended = waitpid(pid, status, WNOHANG);
        if (ended == pid)
            return true;
        if (ended < 0 && errno != EINTR) {
            *status = -1;
            return true;
        }
        if (now_ns() > deadline_ns)
            return false;
        nanosleep(&pause, NULL);
    }
}

/* The rest of the answer's line that begins with the word, up to its end; NULL if none. */
static const char *find_line(const char *answer, const char *word)
{
    const size_t length = strlen(word);
    for (const char *line = answer; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, length) == 0 && (line[length] == ' ' || line[length] == '\n'))
            return line + length + (line[length] == ' ');
    }
    return NULL;
}

static void copy_line(char *out, size_t size, const char *line)
{
    snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

void hipfx_amd_judge(const char *answer, int status, bool ended, struct hipfx_amd_verdict *verdict)
{
    *verdict = (struct hipfx_amd_verdict){0};
    const char *library = find_line(answer, "library"), *refusal = find_line(answer, "refused");
    const char *name = "libamdhip64";
    if (library) {
        copy_line(verdict->library, sizeof(verdict->library), library);
        name = verdict->library;
    }
    if (!ended) {
        verdict->outcome = HIPFX_AMD_TIMED_OUT;
        hipfx_fail(&verdict->why, "%s hung when it was tried in a process of its own", name);
    } else if (refusal) {
        verdict->outcome = HIPFX_AMD_REFUSED;
        copy_line(verdict->why.text, sizeof(verdict->why.text), refusal);
    } else if (find_line(answer, "ok") && library) {
        verdict->outcome = HIPFX_AMD_OK;
    } else {
        const int sign = status != -1 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        const char *signal_name = sign ? sigabbrev_np(sign) : NULL;
        verdict->outcome = HIPFX_AMD_CRASHED;
        hipfx_fail(&verdict->why, "%s crashed (%s%s) when it was tried in a process of its own",
                   name, signal_name ? "SIG" : "", signal_name ? signal_name : "no signal");
    }
}

void hipfx_amd_probe(const struct hipfx_amd_trial *trial, struct hipfx_amd_verdict *verdict)
{
    char answer[ANSWER_MAX] = "";
    int ends[2], status = -1;
    *verdict = (struct hipfx_amd_verdict){.outcome = HIPFX_AMD_REFUSED};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        hipfx_fail(&verdict->why, "no pipe for %s: %s", trial->program, strerror(errno));
        return;
    }
    const int64_t begin_ns = now_ns(), deadline_ns = begin_ns + (int64_t)trial->timeout_ns;
    const pid_t pid = start(trial, ends[1], &verdict->why);
    hipfx_fd_close(&ends[1]);
    if (pid > 0) {
        bool ended =
            read_answer(ends[0], deadline_ns, answer) && await_end(pid, deadline_ns, &status);
        if (!ended) {
            kill(pid, SIGKILL);
            await_end(pid, now_ns() + DEATH_NS, &status);
        }
        hipfx_amd_judge(answer, status, ended, verdict);
        hipfx_log(HIPFX_LOG_INFO, "AMD's runtime was tried in a process of its own in %.0f ms",
                  (double)(now_ns() - begin_ns) / NS_PER_MS);
    }
    hipfx_fd_close(&ends[0]);
}
