#include "tools/gallery_page.h"
#include "tools/tempfile.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* More rows than these are folded away. */
#define ROWS_SHOWN 10

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>HIP Effects: gallery</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --ink: #1c1b22; --soft: #62606e; --paper: #fafaf7;\n"
    "  --card: #fff; --line: #e2e0da; --check: #ecebe6; }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #ecebf0; --soft: #a09dac;\n"
    "  --paper: #17161b; --card: #201f26; --line: #34323c; --check: #2b2a32; } }\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0 auto; max-width: 1720px; padding: 2rem clamp(1rem, 3vw, 3rem) 4rem;\n"
    "  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }\n"
    "h1 { font-size: 1.8rem; margin: 0; letter-spacing: -.02em; }\n"
    "h2 { font-size: 1.2rem; margin: 3rem 0 .8rem; }\n"
    "h2 code, header p { color: var(--soft); }\n"
    "h2 code { font-size: .85rem; font-weight: normal; margin-left: .5rem; }\n"
    "nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin-top: 1rem; }\n"
    "a { color: inherit; }\n"
    ".shots { display: grid; gap: 1rem;\n"
    "  grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); }\n"
    "figure { margin: 0; background: var(--card); border: 1px solid var(--line);\n"
    "  border-radius: .6rem; overflow: hidden; }\n"
    ".pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1px; background: var(--line); }\n"
    ".pair a { position: relative; display: block; }\n"
    ".pair span { position: absolute; left: .5rem; bottom: .5rem; padding: 0 .45rem;\n"
    "  font-size: .72rem; border-radius: .3rem; color: #fff; background: #0009; }\n"
    "img { display: block; width: 100%; height: auto;\n"
    "  background: repeating-conic-gradient(var(--check) 0 25%, var(--card) 0 50%) 0 0/16px 16px; "
    "}\n"
    ".close img { aspect-ratio: 16/9; object-fit: none; }\n"
    "figcaption { padding: .6rem .9rem .8rem; }\n"
    "figcaption b { margin-right: .5rem; }\n"
    "figcaption i, summary { color: var(--soft); }\n"
    "summary { font-size: .87rem; }\n"
    "dl { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: .2rem 0 0; font-size: .87rem; }\n"
    "dl div { display: flex; gap: .4rem; }\n"
    "dt { color: var(--soft); }\n"
    "dd { margin: 0; font-variant-numeric: tabular-nums; }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

/* Text, and between quotes too. */
static void put_text(FILE *file, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '&':
            fputs("&amp;", file);
            break;
        case '"':
            fputs("&quot;", file);
            break;
        default:
            fputc(*text, file);
        }
    }
}

/* In an address that is relative to the page. */
static void put_link(FILE *file, const char *name)
{
    for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c))
            fputc(*c, file);
        else
            fprintf(file, "%%%02X", *c);
    }
}

/* In the words of the plugin's panel. */
static const char *panel_text(const struct gallery_page_params *p, const char *key)
{
    const char *text = key;
    return obs_module_get_locale_string(p->plugin, key, &text) ? text : key;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* By its settings key; NULL: "mode", which is no parameter. */
static const struct hipfx_param *find_param(const struct hipfx_effect *effect, const char *key)
{
    const size_t length = strlen(effect->id);
    if (strncmp(key, effect->id, length) != 0 || key[length] != '.')
        return hipfx_region_param_find(key);
    const int index = hipfx_param_find(effect, key + length + 1);
    return index < 0 ? NULL : &effect->params[index];
}

static void put_value(FILE *file, const struct gallery_page_params *p, const char *key,
                      const struct hipfx_param *param, const json_t *value)
{
    if (param && param->type == HIPFX_PARAM_COLOR) {
        const unsigned code = (unsigned)json_integer_value(value); /* 0xAABBGGRR */
        fprintf(file, "#%02x%02x%02x, %d%%", code & 255, code >> 8 & 255, code >> 16 & 255,
                (int)(code >> 24) * 100 / 255);
    } else if (param && param->type == HIPFX_PARAM_CHOICE && json_is_string(value)) {
        char choice[160];
        snprintf(choice, sizeof(choice), "%s.%s", key, json_string_value(value));
        put_text(file, panel_text(p, choice));
    } else if (json_is_number(value)) {
        fprintf(file, "%g", json_number_value(value));
        put_text(file, param && param->unit ? param->unit : "");
    } else if (json_is_boolean(value)) {
        fputs(json_is_true(value) ? "yes" : "no", file);
    } else if (json_is_string(value)) {
        put_text(file, base_name(json_string_value(value)));
    }
}

static void put_settings(FILE *file, const struct gallery_page_params *p,
                         const struct gallery_shot *shot)
{
    json_t *root = json_loads(shot->settings, 0, NULL);
    json_object_del(root, "effect");
    const bool many = json_object_size(root) > ROWS_SHOWN;
    if (many)
        fprintf(file, "<details><summary>%d parameters</summary>", (int)json_object_size(root));
    fputs("<dl>", file);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        fputs("<div><dt title=\"", file);
        put_text(file, key);
        fputs("\">", file);
        put_text(file, panel_text(p, key));
        fputs("</dt><dd>", file);
        put_value(file, p, key, find_param(shot->effect, key), value);
        fputs("</dd></div>", file);
    }
    fputs(many ? "</dl></details>" : "</dl>", file);
    json_decref(root);
}

static void put_picture(FILE *file, const struct gallery_page_params *p,
                        const struct gallery_shot *shot, const char *name, const char *label)
{
    fputs("<a href=\"", file);
    put_link(file, name);
    fputs("\"><img src=\"", file);
    put_link(file, name);
    fprintf(file, "\" alt=\"%s\" width=\"%u\" height=\"%u\" loading=\"lazy\"", label, p->width,
            p->height);
    if (shot->close_up)
        fprintf(file, " style=\"object-position: %s; filter: contrast(%d)\"", shot->close_up,
                shot->contrast ? shot->contrast : 1);
    fprintf(file, "><span>%s%s", label, shot->close_up ? ", a part" : "");
    if (shot->contrast)
        fprintf(file, ", %d \u00d7 the contrast", shot->contrast);
    fputs("</span></a>\n", file);
}

/* A preset that comes with the plugin has a name in the panel. */
static const char *preset_name(const struct gallery_page_params *p, const struct gallery_shot *shot)
{
    char key[320];
    const char *name = shot->name;
    snprintf(key, sizeof(key), "%s.preset.%s", shot->effect->id, shot->name);
    return obs_module_get_locale_string(p->plugin, key, &name) ? name : shot->name;
}

static void put_shot(FILE *file, const struct gallery_page_params *p,
                     const struct gallery_shot *shot)
{
    fprintf(file, "<figure data-effect=\"%s\">\n<div class=\"%s\">\n", shot->effect->id,
            shot->close_up ? "pair close" : "pair");
    put_picture(file, p, shot, gallery_before(shot->flaw), "before");
    put_picture(file, p, shot, shot->picture, "after");
    fputs("</div>\n<figcaption><b>", file);
    put_text(file, shot->name ? preset_name(p, shot) : panel_text(p, shot->effect->id));
    fputs("</b><i>", file);
    put_text(file, shot->caption ? shot->caption : "preset");
    fputs("</i>", file);
    put_settings(file, p, shot);
    fputs("</figcaption>\n</figure>\n", file);
}

static void put_page(FILE *file, const struct gallery_page_params *p)
{
    fputs(head, file);
    fputs(
        "<header>\n<h1>HIP Effects</h1>\n<p>Every effect as a new filter has it, and every preset "
        "that comes with the plugin: drawn by libobs, on ",
        file);
    put_text(file, p->device);
    fputs(".</p>\n<nav>\n", file);
    for (int e = 0; e < hipfx_effect_count; e++) {
        fprintf(file, "<a href=\"#%s\">", hipfx_effects[e]->id);
        put_text(file, panel_text(p, hipfx_effects[e]->id));
        fputs("</a>\n", file);
    }
    fputs("</nav>\n</header>\n<main>\n", file);
    for (int e = 0; e < hipfx_effect_count; e++) {
        const char *id = hipfx_effects[e]->id;
        fprintf(file, "<section>\n<h2 id=\"%s\">", id);
        put_text(file, panel_text(p, id));
        fprintf(file, "<code>%s</code></h2>\n<div class=\"shots\">\n", id);
        for (int i = 0; i < p->shots->count; i++) {
            if (p->shots->list[i].effect == hipfx_effects[e])
                put_shot(file, p, &p->shots->list[i]);
        }
        fputs("</div>\n</section>\n", file);
    }
    fputs("</main>\n</body>\n</html>\n", file);
}

bool gallery_page_write(const struct gallery_page_params *params, struct hipfx_why *why)
{
    struct hipfx_tempfile temp = {0};
    if (!hipfx_tempfile_create(&temp, params->path, why))
        return false;
    FILE *file = fopen(temp.path, "w");
    if (!file) {
        hipfx_fail(why, "%s: cannot be written: %s", params->path, strerror(errno));
        hipfx_tempfile_discard(&temp);
        return false;
    }
    put_page(file, params);
    const bool ok = !ferror(file);
    if (fclose(file) == 0 && ok)
        return hipfx_tempfile_commit(&temp, why);
    hipfx_tempfile_discard(&temp);
    return hipfx_fail(why, "%s: cannot be written: %s", params->path, strerror(errno));
}
