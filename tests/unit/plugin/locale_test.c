/* The English locale has every text that the plugin asks for, and no other; every other locale has
 * the same, in its own language. */
#include "kernels/effect.h"

#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXTS_MAX 512

struct text {
    char name[128], text[1024];
    bool wanted;
};

struct locale {
    char path[512];
    struct text texts[TEXTS_MAX];
    int count;
};

static struct locale english, other;

static struct text *find(struct locale *locale, const char *name)
{
    for (int i = 0; i < locale->count; i++) {
        if (!strcmp(locale->texts[i].name, name))
            return &locale->texts[i];
    }
    return NULL;
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text); /* NULL for what is not */
    json_decref(string);
    return string != NULL;
}

/* Lines are NAME="TEXT", and libobs knows four escapes; it takes what else it finds for nothing. */
static bool parse(const char *line, struct text *out)
{
    int start = 0;
    if (sscanf(line, "%127[A-Za-z0-9_.]=\"%n", out->name, &start) != 1 || start == 0)
        return false;
    const char *text = line + start, *end = text;
    while (*end && *end != '"') {
        const bool escape = *end == '\\';
        if (escape && (!end[1] || !strchr("ntr\"", end[1])))
            return false;
        end += escape ? 2 : 1;
    }
    snprintf(out->text, sizeof(out->text), "%.*s", (int)(end - text), text);
    return !strcmp(end, "\"\n") && (size_t)(end - text) < sizeof(out->text);
}

static void read_line(struct locale *locale, const char *line, int number)
{
    struct text text = {0};
    if (line[0] == '\n' || line[0] == '#')
        return;
    if (!is_utf8(line))
        fail_msg("%s:%d: not UTF-8", locale->path, number);
    if (!parse(line, &text))
        fail_msg("%s:%d is not of the form NAME=\"TEXT\": %s", locale->path, number, line);
    if (find(locale, text.name))
        fail_msg("%s:%d: %s stands there twice", locale->path, number, text.name);
    const size_t length = strlen(text.text);
    if (!length || isspace((unsigned char)text.text[0]) ||
        isspace((unsigned char)text.text[length - 1]))
        fail_msg("%s:%d: no text, or blanks around it", locale->path, number);
    assert_true(locale->count < TEXTS_MAX);
    locale->texts[locale->count++] = text;
}

static bool read_locale(struct locale *locale, const char *path)
{
    char line[2048];
    *locale = (struct locale){0};
    snprintf(locale->path, sizeof(locale->path), "%s", path);
    FILE *file = fopen(path, "r");
    if (!file) {
        print_error("%s cannot be read\n", path);
        return false;
    }
    for (int number = 1; fgets(line, sizeof(line), file); number++)
        read_line(locale, line, number);
    fclose(file);
    return true;
}

static int read_english(void **state)
{
    (void)state;
    return read_locale(&english, HIPFX_LOCALES "/en-US.ini") ? 0 : -1;
}

static void want(const char *name, const char *whence)
{
    struct text *text = find(&english, name);
    if (text)
        text->wanted = true;
    else
        fail_msg("%s (%s) is missing", name, whence);
}

/* A "?" text stands there or not. */
static void may_want(const char *name)
{
    if (find(&english, name))
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

/* Runs after the others that tell what is wanted. */
static void nothing_else_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < english.count; i++) {
        if (!english.texts[i].wanted)
            fail_msg("nobody asks for %s", english.texts[i].name);
    }
}

/* Names, and words that are English in these languages, too. */
static const struct {
    const char *text, *languages;
} same[] = {
    {"HIP Effects", "de es fr ja pt zh"},
    {"16 mm", "de es fr ja pt zh"},
    {"Angle", "fr"},
    {"Bits", "de es fr pt"},
    {"Bokeh", "de es fr pt"},
    {"Cycles", "fr"},
    {"Direction", "fr"},
    {"Ellipse", "de fr"},
    {"Gain", "de fr"},
    {"Gamma", "de es fr"},
    {"Grain", "fr"},
    {"Lift", "de fr pt"},
    {"Oscilloscope", "fr"},
    {"Phase", "de fr"},
    {"Radius", "de"},
    {"Rectangle", "fr"},
    {"Saturation", "fr"},
    {"Sigma", "de es fr pt"},
    {"Style", "fr"},
    {"Vibrance", "fr"},
    {"Vignette", "de"},
    {"Webcam", "de fr pt"},
};

static bool may_be_same(const char *text, const char *file)
{
    const char language[] = {file[0], file[1], '\0'};
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        if (!strcmp(same[i].text, text) && strstr(same[i].languages, language))
            return true;
    }
    return false;
}

/* The length of what stands there for something else: "%1", or a pattern of names, "*.json". */
static size_t placeholder(const char *at)
{
    size_t length = 0;
    if (at[0] == '%' && isalnum((unsigned char)at[1]))
        length = 2;
    else if (at[0] == '*' && at[1] == '.')
        for (length = 2; isalnum((unsigned char)at[length]);)
            length++;
    return length;
}

static int count(const char *text, const char *what, size_t length)
{
    int n = 0;
    for (const char *p = text; *p; p++)
        n += placeholder(p) == length && !strncmp(p, what, length);
    return n;
}

static bool has_placeholders_of(const char *text, const char *of)
{
    for (const char *p = of; *p; p++) {
        const size_t length = placeholder(p);
        if (length > 0 && count(text, p, length) != count(of, p, length))
            return false;
    }
    return true;
}

static void check_text(const struct text *text, const char *file)
{
    const struct text *original = find(&english, text->name);
    if (!original) {
        fail_msg("%s: %s is not in English", file, text->name);
        return;
    }
    if (!strcmp(text->text, original->text) && !may_be_same(text->text, file))
        fail_msg("%s: %s was left in English: %s", file, text->name, text->text);
    if (!has_placeholders_of(text->text, original->text) ||
        !has_placeholders_of(original->text, text->text))
        fail_msg("%s: %s has not the placeholders of \"%s\"", file, text->name, original->text);
}

static void check_language(const char *path)
{
    const char *file = strrchr(path, '/') + 1;
    if (fnmatch("[a-z][a-z]-[A-Z][A-Z].ini", file, 0) != 0)
        fail_msg("%s is not a language's name in OBS", file);
    assert_true(read_locale(&other, path));
    for (int i = 0; i < other.count; i++)
        check_text(&other.texts[i], file);
    for (int i = 0; i < english.count; i++) {
        if (!find(&other, english.texts[i].name))
            fail_msg("%s: %s is missing", file, english.texts[i].name);
    }
}

static void every_language_has_the_same_texts(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob(HIPFX_LOCALES "/*", 0, NULL, &files), 0);
    assert_true(files.gl_pathc > 1);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        if (strcmp(files.gl_pathv[i], english.path) != 0)
            check_language(files.gl_pathv[i]);
    }
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_s_texts_are_there),
        cmocka_unit_test(the_code_s_texts_are_there),
        cmocka_unit_test(the_presets_names_are_there),
        cmocka_unit_test(nothing_else_is_there),
        cmocka_unit_test(every_language_has_the_same_texts),
    };
    return cmocka_run_group_tests(tests, read_english, NULL);
}
