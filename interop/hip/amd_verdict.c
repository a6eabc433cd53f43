/* The verdict of a trial, kept on disk.
 *
 * The file holds the circumstances of the trial, word for word, then a line "---", then the
 * verdict. It counts if the circumstances of now read the same. */

#include "interop/hip/amd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX   16384
#define SEPARATOR  "---\n"
#define BELIEVED_S (24 * 60 * 60) /* that it crashed or hung */
#define FOLDER     "obs-hipfx"
#define NAME       "amd-runtime"

/* Text of a bounded length; `whole` tells whether everything found room. */
struct text {
    char bytes[FILE_MAX];
    size_t used;
    bool whole;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const size_t left = sizeof(text->bytes) - text->used;
    const int length = vsnprintf(text->bytes + text->used, left, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= left) {
        text->whole = false;
        return;
    }
    text->used += (size_t)length;
}

static void add_file(struct text *text, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        add(text, "file %s none\n", path);
    else
        add(text, "file %s %lld.%09ld %lld\n", path, (long long)info.st_mtim.tv_sec,
            info.st_mtim.tv_nsec, (long long)info.st_size);
}

static void add_variable(struct text *text, const char *name)
{
    const char *value = getenv(name);
    add(text, "variable %s=%s\n", name, value ? value : "");
}

/* The driver that is part of Linux has Linux's version; AMD's own has a file. */
static void add_driver(struct text *text)
{
    struct utsname system;
    char version[64] = "";
    FILE *file = fopen("/sys/module/amdgpu/version", "re");
    if (file) {
        if (!fgets(version, sizeof(version), file))
            version[0] = '\0';
        fclose(file);
    }
    version[strcspn(version, "\n")] = '\0';
    if (uname(&system) != 0)
        text->whole = false;
    else
        add(text, "driver %s %s %s\n", system.release, system.version, version);
}

/* All that can change how the trial ends: which library is found, what it meets and what it is
 * told. An installation of libraries writes the loader's cache anew. */
static void describe(const struct hipfx_amd_trial *trial, struct text *text)
{
    text->used = 0;
    text->whole = true;
    add(text, "obs-hipfx 1\n");
    add_file(text, trial->program);
    add_file(text, "/etc/ld.so.cache");
    add_file(text, "/opt/rocm/lib/libamdhip64.so");
    add_driver(text);
    add(text, "device %s\n", trial->has_device ? hipfx_pci_print(&trial->device).text : "any");
    add_variable(text, "HIPFX_HIP_LIBRARY");
    add_variable(text, "LD_LIBRARY_PATH");
    add_variable(text, "HIP_VISIBLE_DEVICES");
    add_variable(text, "ROCR_VISIBLE_DEVICES");
    add_variable(text, "GPU_DEVICE_ORDINAL");
    add_variable(text, "HSA_OVERRIDE_GFX_VERSION");
    add(text, SEPARATOR);
}

/* The folder is made if `create`. False if there is no place for it. */
static bool find_place(char *path, size_t size, bool create)
{
    char base[HIPFX_AMD_PATH_MAX];
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length;
    if (cache && cache[0] == '/')
        length = snprintf(base, sizeof(base), "%s", cache);
    else if (home && home[0] == '/')
        length = snprintf(base, sizeof(base), "%s/.cache", home);
    else
        return false;
    if (length < 0 || (size_t)length >= sizeof(base))
        return false;
    if (create) {
        mkdir(base, 0700);
        length = snprintf(path, size, "%s/" FOLDER, base);
        if (length < 0 || (size_t)length >= size || (mkdir(path, 0700) != 0 && errno != EEXIST))
            return false;
    }
    length = snprintf(path, size, "%s/" FOLDER "/" NAME, base);
    return length > 0 && (size_t)length < size;
}

static bool read_file(const char *path, struct text *text)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    text->used = fread(text->bytes, 1, sizeof(text->bytes) - 1, file);
    text->whole = !ferror(file) && feof(file);
    text->bytes[text->used] = '\0';
    fclose(file);
    return text->whole && strlen(text->bytes) == text->used;
}

static void add_verdict(struct text *text, const struct hipfx_amd_verdict *verdict)
{
    add(text, "time %lld\n", (long long)time(NULL));
    add(text, "outcome %d\n", verdict->outcome);
    add(text, "why %s\n", verdict->why.text);
    add(text, "library %s\n", verdict->library);
    add_file(text, verdict->library);
}

/* Takes the line that begins with the word off the text; NULL if another one comes first. */
static const char *take_line(char **text, const char *word)
{
    const size_t length = strlen(word);
    char *line = *text, *end = strchr(line, '\n');
    if (!end || strncmp(line, word, length) != 0 || line[length] != ' ')
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line + length + 1;
}

bool hipfx_amd_verdict_parse(char *text, int64_t now_s, struct hipfx_amd_verdict *verdict,
                             const char **rest)
{
    *verdict = (struct hipfx_amd_verdict){0};
    const char *when = take_line(&text, "time");
    const char *outcome = when ? take_line(&text, "outcome") : NULL;
    const char *why = outcome ? take_line(&text, "why") : NULL;
    const char *library = why ? take_line(&text, "library") : NULL;
    if (!library || strlen(library) >= sizeof(verdict->library))
        return false;
    const int64_t then_s = strtoll(when, NULL, 10);
    const bool recent = then_s <= now_s && then_s >= now_s - BELIEVED_S;
    const long value = strtol(outcome, NULL, 10);
    if (value <= HIPFX_AMD_UNKNOWN || value >= HIPFX_AMD_OUTCOME_COUNT ||
        (value == HIPFX_AMD_OK ? library[0] != '/' : !recent))
        return false;
    verdict->outcome = (enum hipfx_amd_outcome)value;
    snprintf(verdict->why.text, sizeof(verdict->why.text), "%s", why);
    snprintf(verdict->library, sizeof(verdict->library), "%s", library);
    *rest = text;
    return true;
}

static bool library_is_the_same(const char *then, const struct hipfx_amd_verdict *verdict)
{
    struct text now = {.whole = true};
    add_file(&now, verdict->library);
    return now.whole && !strcmp(then, now.bytes);
}

bool hipfx_amd_verdict_load(const struct hipfx_amd_trial *trial, struct hipfx_amd_verdict *verdict)
{
    char path[HIPFX_AMD_PATH_MAX];
    struct text now, then;
    *verdict = (struct hipfx_amd_verdict){0};
    describe(trial, &now);
    if (!now.whole || !find_place(path, sizeof(path), false) || !read_file(path, &then) ||
        strncmp(then.bytes, now.bytes, now.used) != 0)
        return false;
    struct hipfx_amd_verdict kept;
    const char *library_then;
    if (!hipfx_amd_verdict_parse(then.bytes + now.used, time(NULL), &kept, &library_then) ||
        !library_is_the_same(library_then, &kept))
        return false;
    *verdict = kept;
    if (kept.outcome != HIPFX_AMD_OK) {
        size_t used = strlen(verdict->why.text);
        snprintf(verdict->why.text + used, sizeof(verdict->why.text) - used,
                 "; it is tried again a day later, or if you delete %s", path);
    }
    return true;
}

/* Written beside and renamed: another OBS may be reading. */
void hipfx_amd_verdict_save(const struct hipfx_amd_trial *trial,
                            const struct hipfx_amd_verdict *verdict)
{
    char path[HIPFX_AMD_PATH_MAX], beside[HIPFX_AMD_PATH_MAX + 16];
    struct text text;
    describe(trial, &text);
    add_verdict(&text, verdict);
    if (!text.whole || !find_place(path, sizeof(path), true))
        return;
    snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid());
    FILE *file = fopen(beside, "we");
    if (!file)
        return;
    bool ok = fwrite(text.bytes, 1, text.used, file) == text.used;
    ok = fclose(file) == 0 && ok;
    if (!ok || rename(beside, path) != 0)
        unlink(beside);
}
