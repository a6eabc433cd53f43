#include "tools/host_log.h"
#include "tools/host.h"

#include <obs/util/base.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Plain malloc throughout: libobs counts what goes through bmalloc as its own leaks. */
static struct {
    pthread_mutex_t mutex;
    bool verbose;
    int errors, warnings, infos, debugs;
    char *text;
    size_t size, capacity;
} sink = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int *counter(int level)
{
    if (level <= LOG_ERROR)
        return &sink.errors;
    if (level <= LOG_WARNING)
        return &sink.warnings;
    return level <= LOG_INFO ? &sink.infos : &sink.debugs;
}

/* A line that does not fit into memory is counted all the same. */
static void keep(const char *line)
{
    const size_t length = strlen(line) + 1;
    if (sink.size + length + 1 > sink.capacity) {
        const size_t capacity = 2 * (sink.size + length + 1);
        char *text = realloc(sink.text, capacity);
        if (!text)
            return;
        sink.text = text;
        sink.capacity = capacity;
    }
    memcpy(sink.text + sink.size, line, length - 1);
    sink.text[sink.size + length - 1] = '\n';
    sink.size += length;
    sink.text[sink.size] = '\0';
}

static void take_line(int level, const char *format, va_list args, void *param)
{
    (void)param;
    char line[4096];
    vsnprintf(line, sizeof(line), format, args);

    pthread_mutex_lock(&sink.mutex);
    (*counter(level))++;
    keep(line);
    if (sink.verbose || level <= LOG_WARNING)
        fprintf(stderr, "obs: %s\n", line);
    pthread_mutex_unlock(&sink.mutex);
}

void hipfx_host_log_start(bool verbose)
{
    hipfx_host_log_clear();
    sink.verbose = verbose;
    base_set_log_handler(take_line, NULL);
}

void hipfx_host_log_stop(void)
{
    base_set_log_handler(NULL, NULL);
}

int hipfx_host_log_count(int level)
{
    pthread_mutex_lock(&sink.mutex);
    const int count = *counter(level);
    pthread_mutex_unlock(&sink.mutex);
    return count;
}

bool hipfx_host_log_has(const char *text)
{
    pthread_mutex_lock(&sink.mutex);
    const bool found = sink.text && strstr(sink.text, text);
    pthread_mutex_unlock(&sink.mutex);
    return found;
}

void hipfx_host_log_clear(void)
{
    pthread_mutex_lock(&sink.mutex);
    sink.errors = sink.warnings = sink.infos = sink.debugs = 0;
    free(sink.text);
    sink.text = NULL;
    sink.size = sink.capacity = 0;
    pthread_mutex_unlock(&sink.mutex);
}

char *hipfx_host_log_text(void)
{
    pthread_mutex_lock(&sink.mutex);
    char *copy = strdup(sink.text ? sink.text : "");
    pthread_mutex_unlock(&sink.mutex);
    return copy;
}
