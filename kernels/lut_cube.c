/* The reader of .cube files. */
#define _GNU_SOURCE /* strtod_l */
#include "interop/fault.h"
#include "kernels/lut.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a float can hold of a half's range: more is no colour. */
#define VALUE_MAX 65504.0

struct reader {
    const char *at, *end; /* of the text that has not been read yet */
    int line;             /* that is being read, from 1 */
    locale_t locale;      /* numbers have a point in every country */
    struct hipfx_why *why;

    struct hipfx_lut_found found; /* owns the values */
    int domain_line;              /* that set the domain last; 0: none */
    size_t count, wanted;         /* rows of values */
};

struct text {
    const char *at;
    size_t length;
};

static bool refuse(struct reader *r, const char *what)
{
    return hipfx_fail(r->why, "line %d: %s: correct it, or choose another file", r->line, what);
}

/* Lines end as on any system. */
static bool next_line(struct reader *r, struct text *line)
{
    if (r->at == r->end)
        return false;
    line->at = r->at;
    while (r->at < r->end && *r->at != '\n' && *r->at != '\r')
        r->at++;
    line->length = (size_t)(r->at - line->at);
    if (r->at < r->end)
        r->at += r->at[0] == '\r' && r->end - r->at > 1 && r->at[1] == '\n' ? 2 : 1;
    r->line++;
    return true;
}

/* The next word of a line, which it is taken from; of length 0 at its end. */
static struct text next_word(struct text *line)
{
    while (line->length > 0 && (line->at[0] == ' ' || line->at[0] == '\t')) {
        line->at++;
        line->length--;
    }
    struct text word = {line->at, 0};
    while (word.length < line->length && word.at[word.length] != ' ' &&
           word.at[word.length] != '\t')
        word.length++;
    line->at += word.length;
    line->length -= word.length;
    return word;
}

static bool is_word(struct text word, const char *text)
{
    return word.length == strlen(text) && strncasecmp(word.at, text, word.length) == 0;
}

/* Those that are known, in letters of any size, or a word of capitals, which may be a later one. */
static bool is_keyword(struct text word)
{
    static const char *const known[] = {
        "TITLE",      "LUT_1D_SIZE",        "LUT_3D_SIZE",       "DOMAIN_MIN",
        "DOMAIN_MAX", "LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_word(word, known[i]))
            return true;
    }
    for (size_t i = 0; i < word.length; i++) {
        const char c = word.at[i];
        if (!(c >= 'A' && c <= 'Z') && (i == 0 || (c != '_' && !(c >= '0' && c <= '9'))))
            return false;
    }
    return word.length > 0;
}

static bool read_number(struct reader *r, struct text *line, double *value)
{
    char digits[64], *end;
    const struct text word = next_word(line);
    if (word.length == 0)
        return refuse(r, "a number is missing");
    if (word.length >= sizeof(digits))
        return refuse(r, "a number is too long");
    memcpy(digits, word.at, word.length);
    digits[word.length] = '\0';
    *value = strtod_l(digits, &end, r->locale);
    if (strspn(digits, "+-.0123456789eE") != word.length || end != digits + word.length)
        return refuse(r, "this is not a number");
    if (!(fabs(*value) <= VALUE_MAX))
        return refuse(r, "a number is too large");
    return true;
}

static bool read_end(struct reader *r, struct text *line)
{
    const struct text word = next_word(line);
    return word.length == 0 || word.at[0] == '#' || refuse(r, "there is more than belongs here");
}

static bool read_three(struct reader *r, struct text *line, float values[3])
{
    for (int i = 0; i < 3; i++) {
        double value;
        if (!read_number(r, line, &value))
            return false;
        values[i] = (float)value;
    }
    return read_end(r, line);
}

static bool read_range(struct reader *r, struct text *line)
{
    double low, high;
    if (!read_number(r, line, &low) || !read_number(r, line, &high) || !read_end(r, line))
        return false;
    for (int i = 0; i < 3; i++) {
        r->found.domain_min[i] = (float)low;
        r->found.domain_max[i] = (float)high;
    }
    return true;
}

static bool read_size(struct reader *r, struct text *line, int dimensions)
{
    const int most = dimensions == 3 ? HIPFX_LUT_3D_MAX : HIPFX_LUT_1D_MAX;
    const struct text word = next_word(line);
    int size = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return refuse(r, "a size is a whole number");
        size = size * 10 + (word.at[i] - '0');
        if (size > most)
            break;
    }
    if (size < 2 || size > most)
        return refuse(r, dimensions == 3 ? "a size in three dimensions is 2 to 65"
                                         : "a size in one dimension is 2 to 65536");
    if (r->found.size)
        return refuse(r, r->found.dimensions == dimensions
                             ? "the table has a size already"
                             : "a curve and a cube in one file are not read, only one of them");
    r->found.size = size;
    r->found.dimensions = dimensions;
    return read_end(r, line);
}

static bool read_keyword(struct reader *r, struct text word, struct text *line)
{
    if (r->count > 0)
        return refuse(r, "a keyword stands between the numbers");
    if (is_word(word, "LUT_1D_SIZE"))
        return read_size(r, line, 1);
    if (is_word(word, "LUT_3D_SIZE"))
        return read_size(r, line, 3);
    const bool is_min = is_word(word, "DOMAIN_MIN"), is_max = is_word(word, "DOMAIN_MAX");
    const bool is_range =
        is_word(word, "LUT_1D_INPUT_RANGE") || is_word(word, "LUT_3D_INPUT_RANGE");
    if (!is_min && !is_max && !is_range)
        return true;
    r->domain_line = r->line;
    if (is_range)
        return read_range(r, line);
    return read_three(r, line, is_min ? r->found.domain_min : r->found.domain_max);
}

static bool begin_values(struct reader *r)
{
    if (!r->found.size)
        return refuse(r, "numbers stand before LUT_1D_SIZE or LUT_3D_SIZE");
    r->wanted = hipfx_lut_count(r->found.size, r->found.dimensions);
    r->found.values = HIPFX_FAULT_POINT(HIPFX_FAULT_LIBC, "malloc", NULL,
                                        malloc(r->wanted * sizeof(*r->found.values)));
    return r->found.values || hipfx_fail(r->why, "out of memory");
}

static bool read_values(struct reader *r, struct text *line)
{
    float values[3];
    if (!r->found.values && !begin_values(r))
        return false;
    if (r->count == r->wanted)
        return refuse(r, "there are more rows of numbers than the size says");
    if (!read_three(r, line, values))
        return false;
    memcpy(r->found.values[r->count++], values, sizeof(values));
    return true;
}

static bool read_line(struct reader *r, struct text *line)
{
    struct text rest = *line;
    const struct text word = next_word(&rest);
    if (word.length == 0 || word.at[0] == '#')
        return true;
    if (is_keyword(word))
        return read_keyword(r, word, &rest);
    if (!word.at[0] || !strchr("+-.0123456789", word.at[0]))
        return refuse(r, "this is neither a keyword nor a number");
    return read_values(r, line);
}

static bool check_domain(struct reader *r)
{
    for (int i = 0; i < 3; i++) {
        if (!(r->found.domain_min[i] < r->found.domain_max[i])) {
            r->line = r->domain_line;
            return refuse(r, "the domain's upper end is not above its lower end");
        }
    }
    return true;
}

static bool read_all(struct reader *r)
{
    struct text line;
    if (r->at == r->end)
        return hipfx_fail(r->why, "the file is empty: choose another file");
    while (next_line(r, &line)) {
        if (!read_line(r, &line))
            return false;
    }
    if (!r->found.size)
        return refuse(r, "the file ends, and there was no LUT_1D_SIZE or LUT_3D_SIZE");
    if (!r->found.values || r->count < r->wanted)
        return refuse(r, "the file ends, and rows of numbers are missing");
    return check_domain(r);
}

struct hipfx_lut *hipfx_lut_parse_cube(const char *text, size_t size, struct hipfx_why *why)
{
    struct reader r = {
        .at = text,
        .end = text + size,
        .locale = newlocale(LC_ALL_MASK, "C", (locale_t)0),
        .why = why,
        .found = {.domain_max = {1, 1, 1}},
    };
    if (!r.locale) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* UTF-8's mark */
        r.at += 3;
    struct hipfx_lut *lut = read_all(&r) ? hipfx_lut_pack(&r.found, why) : NULL;
    free(r.found.values);
    freelocale(r.locale);
    return lut;
}
