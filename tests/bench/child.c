#define _GNU_SOURCE /* strsignal */
#include "tests/bench/child.h"
#include "tests/bench/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far longer than a part takes that goes on at all. */
#define TIMEOUT_MS (30 * 60 * 1e3)

struct command {
    char size[32], rounds[16], frames[16], result[512];
    const char *argv[16];
};

static void make_command(struct command *c, const struct bench_child *child)
{
    const struct bench_options *o = child->options;
    int n = 0;
    snprintf(c->size, sizeof(c->size), "%ux%u", o->sizes[child->size].width,
             o->sizes[child->size].height);
    snprintf(c->rounds, sizeof(c->rounds), "%d", o->rounds);
    snprintf(c->frames, sizeof(c->frames), "%d", o->frames);
    snprintf(c->result, sizeof(c->result), "%s/result.json", child->dir);
    c->argv[n++] = "hipfx-bench";
    c->argv[n++] = "--only";
    c->argv[n++] = child->part;
    c->argv[n++] = "--result";
    c->argv[n++] = c->result;
    c->argv[n++] = "--size";
    c->argv[n++] = c->size;
    c->argv[n++] = "--rounds";
    c->argv[n++] = c->rounds;
    c->argv[n++] = "--frames";
    c->argv[n++] = c->frames;
    if (o->verbose)
        c->argv[n++] = "--verbose";
    c->argv[n] = NULL;
}

/* In the new process. */
static void become(const struct bench_child *child, struct command *c)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (child->cache)
        setenv("CUDA_CACHE_PATH", child->cache, true);
    /* Its table is not wanted, and what libraries print there even less. */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv("/proc/self/exe", (char *const *)c->argv);
    _exit(127);
}

static bool wait_for(pid_t pid, int *status, struct hipfx_why *why)
{
    const double begin_ms = bench_now_ms();
    pid_t ended = 0;
    while ((ended = waitpid(pid, status, WNOHANG)) == 0) {
        if (bench_now_ms() - begin_ms > TIMEOUT_MS) {
            kill(pid, SIGKILL);
            waitpid(pid, status, 0);
            return hipfx_fail(why, "it did not end in %.0f minutes", TIMEOUT_MS / 60e3);
        }
        usleep(10000);
    }
    return ended == pid || hipfx_fail(why, "waitpid: %s", strerror(errno));
}

static json_t *read_result(const char *path, int status, struct hipfx_why *why)
{
    json_t *result = json_load_file(path, 0, NULL);
    const char *error = json_string_value(json_object_get(result, "error"));
    if (result && !error)
        return result;
    if (error)
        hipfx_fail(why, "%s", error);
    else if (WIFSIGNALED(status))
        hipfx_fail(why, "it was ended by signal %d (%s)", WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
    else
        hipfx_fail(why, "it ended with status %d and told nothing", WEXITSTATUS(status));
    json_decref(result);
    return NULL;
}

json_t *bench_child_run(const struct bench_child *child, struct hipfx_why *why)
{
    struct command command;
    int status = 0;
    make_command(&command, child);
    unlink(command.result);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0)
        become(child, &command);
    if (pid < 0) {
        hipfx_fail(why, "fork: %s", strerror(errno));
        return NULL;
    }
    if (!wait_for(pid, &status, why))
        return NULL;
    /* A result counts even if the driver fell over afterwards, while it was being closed. */
    if (WIFSIGNALED(status))
        fprintf(stderr, "bench: warning: the part \"%s\" was ended by signal %d\n", child->part,
                WTERMSIG(status));
    return read_result(command.result, status, why);
}
