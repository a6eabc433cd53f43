/* README.md tells of every effect and of each of its parameters. */
#include "kernels/effect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first line that begins so; free() it. NULL: none. */
static char *find_line(const char *start)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(HIPFX_README_FILE, "r");
    if (!file) {
        fail_msg("%s cannot be read", HIPFX_README_FILE);
        return NULL;
    }
    bool found = false;
    while (!found && getline(&line, &size, file) > 0)
        found = strncmp(line, start, strlen(start)) == 0;
    fclose(file);
    if (!found)
        free(line);
    return found ? line : NULL;
}

/* Whether one of the names between backquotes is the key's; `lift_*` is that of all that begin so.
 */
static bool names(const char *cells, const char *key)
{
    char pattern[64];
    int length = 0;
    for (const char *at = strchr(cells, '`'); at; at = strchr(at + length + 2, '`')) {
        length = (int)strcspn(at + 1, "`");
        snprintf(pattern, sizeof(pattern), "%.*s", length, at + 1);
        if (fnmatch(pattern, key, 0) == 0)
            return true;
        if (!at[length + 1])
            return false;
    }
    return false;
}

static void every_effect_has_a_row_with_its_parameters(void **state)
{
    (void)state;
    for (int e = 0; e < hipfx_effect_count; e++) {
        const struct hipfx_effect *effect = hipfx_effects[e];
        char start[64];
        snprintf(start, sizeof(start), "| `%s` |", effect->id);
        char *row = find_line(start);
        if (!row) {
            fail_msg("README.md has no row for the effect %s", effect->id);
            return;
        }
        const char *parameters = row;
        for (int cell = 0; cell < 4 && parameters; cell++)
            parameters = strchr(parameters + (cell > 0), '|');
        if (!parameters)
            parameters = "";
        for (int i = 0; i < effect->param_count; i++) {
            if (!names(parameters, effect->params[i].key))
                fail_msg("README.md's row for %s does not name %s", effect->id,
                         effect->params[i].key);
        }
        free(row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_effect_has_a_row_with_its_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
