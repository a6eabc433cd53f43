/* The English locale has every text that the plugin asks for, and no other. */
#include "kernels/effect.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEYS_MAX 512

struct key {
    char name[128];
    bool has_text, wanted;
};

static struct {
    struct key keys[KEYS_MAX];
    int count;
} locale;

static struct key *find(const char *name)
{
    for (int i = 0; i < locale.count; i++) {
        if (!strcmp(locale.keys[i].name, name))
            return &locale.keys[i];
    }
    return NULL;
}

/* Lines are NAME="TEXT"; libobs takes what else it finds for nothing. */
static void read_line(const char *line, int number)
{
    char name[128] = "", text[512] = "";
    int end = 0;
    if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#')
        return;
    if (sscanf(line, "%127[^=\"]=\"%511[^\"]\"%n", name, text, &end) < 1 || !strchr(line, '='))
        fail_msg("line %d is not of the form NAME=\"TEXT\": %s", number, line);
    if (find(name))
        fail_msg("line %d: %s stands there twice", number, name);
    assert_true(locale.count < KEYS_MAX);
    struct key *key = &locale.keys[locale.count++];
    snprintf(key->name, sizeof(key->name), "%s", name);
    key->has_text = end > 0 && text[strspn(text, " ")] != '\0';
}

static int read_locale(void **state)
{
    (void)state;
    FILE *file = fopen(HIPFX_LOCALE_FILE, "r");
    if (!file) {
        print_error("%s cannot be read\n", HIPFX_LOCALE_FILE);
        return -1;
    }
    char line[1024];
    for (int number = 1; fgets(line, sizeof(line), file); number++)
        read_line(line, number);
    fclose(file);
    return 0;
}

static void want(const char *name, const char *whence)
{
    struct key *key = find(name);
    if (!key) {
        fail_msg("%s (%s) is missing", name, whence);
        return;
    }
    if (!key->has_text)
        fail_msg("%s has no text", name);
    key->wanted = true;
}

/* A "?" text stands there or not. */
static void may_want(const char *name)
{
    if (find(name))
        want(name, "the effect table");
}

static void want_param(const struct hipfx_param *param, const char *name)
{
    char choice[192], help[192];
    want(name, "the effect table");
    snprintf(help, sizeof(help), "%s.help", name);
    may_want(help);
    for (int i = 0; param->type == HIPFX_PARAM_CHOICE && param->choices[i]; i++) {
        snprintf(choice, sizeof(choice), "%s.%s", name, param->choices[i]);
        want(choice, "the effect table");
    }
}

static void the_table_s_texts_are_there(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        want(hipfx_effects[e]->id, "the effect table");
        for (int i = 0; i < hipfx_effects[e]->param_count; i++) {
            const struct hipfx_param *param = &hipfx_effects[e]->params[i];
            char name[128];
            snprintf(name, sizeof(name), "%s.%s", hipfx_effects[e]->id, param->key);
            want_param(param, name);
        }
    }
    for (int i = 0; i < hipfx_region_param_count; i++)
        want_param(&hipfx_region_params[i], hipfx_region_params[i].key);
}

/* obs_module_text("NAME") wherever it stands; a call with anything else has its name from the
 * table. */
static int want_literals(const char *path)
{
    static const char call[] = "obs_module_text(\"";
    static char source[1 << 20];
    int found = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        fail_msg("%s cannot be read", path);
        return 0;
    }
    const size_t size = fread(source, 1, sizeof(source) - 1, file);
    fclose(file);
    source[size] = '\0';
    for (char *p = strstr(source, call); p; p = strstr(p, call)) {
        p += sizeof(call) - 1;
        char name[128];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, "\""), p);
        want(name, path);
        found++;
    }
    return found;
}

static void the_code_s_texts_are_there(void **state)
{
    (void)state;
    glob_t files;
    int found = 0;
    assert_int_equal(glob(HIPFX_PLUGIN_SOURCES, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        found += want_literals(files.gl_pathv[i]);
    globfree(&files);
    assert_true(found > 0);
}

/* A shipped preset is named after its effect and its file. */
static void the_presets_names_are_there(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob(HIPFX_PRESETS "/*/*.json", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char effect[64] = "", file[64] = "", name[192];
        const char *path = files.gl_pathv[i] + strlen(HIPFX_PRESETS "/");
        assert_int_equal(sscanf(path, "%63[^/]/%63[^.]", effect, file), 2);
        snprintf(name, sizeof(name), "%s.preset.%s", effect, file);
        want(name, path);
    }
    globfree(&files);
}

/* Runs last: the others tell what is wanted. */
static void nothing_else_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < locale.count; i++) {
        if (!locale.keys[i].wanted)
            fail_msg("nobody asks for %s", locale.keys[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_s_texts_are_there),
        cmocka_unit_test(the_code_s_texts_are_there),
        cmocka_unit_test(the_presets_names_are_there),
        cmocka_unit_test(nothing_else_is_there),
    };
    return cmocka_run_group_tests(tests, read_locale, NULL);
}
