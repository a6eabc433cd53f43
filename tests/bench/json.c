#include "tests/bench/json.h"

#include <math.h>
#include <string.h>

json_t *bench_json_number(double value)
{
    return json_real(round(value * 1e4) / 1e4);
}

json_t *bench_json_ratio(struct bench_ratio ratio)
{
    json_t *out = json_object();
    json_object_set_new(out, "p50", bench_json_number(ratio.p50));
    json_object_set_new(out, "min", bench_json_number(ratio.min));
    json_object_set_new(out, "max", bench_json_number(ratio.max));
    return out;
}

const char *bench_json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text ? text : "unknown";
}

double bench_json_value(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

json_t *bench_json_find(const json_t *array, const char *key, const char *text)
{
    size_t i;
    json_t *object;
    json_array_foreach(array, i, object)
    {
        const char *value = json_string_value(json_object_get(object, key));
        if (value && strcmp(value, text) == 0)
            return object;
    }
    return NULL;
}
