#include "tests/gpu/stale_program.h"

#include "tests/interop/gl_context.h"
#include "tools/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* False for an argument that makes no sense, after one line about it on stderr. */
static bool parse(int argc, char **argv, struct stale_options *out)
{
    struct hipfx_why why = {0};
    *out = (struct stale_options){.params = {.width_px = 640, .height_px = 360}};
    if (!hipfx_force_parse(getenv("HIPFX_FORCE"), &out->force, &why)) {
        fprintf(stderr, "HIPFX_FORCE: %s\n", why.text);
        return false;
    }
    out->params.device = out->force.device;
    for (int i = 1; i < argc; i += 2) {
        uint32_t width = 0, height = 0;
        char *end = NULL;
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--frames") == 0) {
            const long frames = strtol(value, &end, 10);
            if (end != value && !*end && frames > 0 && frames < 1000000) {
                out->frames = (int)frames;
                continue;
            }
        } else if (strcmp(argv[i], "--size") == 0 && hipfx_parse_size(value, &width, &height)) {
            out->params.width_px = (int)width;
            out->params.height_px = (int)height;
            continue;
        }
        fprintf(stderr, "%s %s: takes --frames N and --size WxH\n", argv[i], value);
        return false;
    }
    return true;
}

int stale_frames(const struct stale_options *options, const struct stale *stale)
{
    if (options->frames)
        return options->frames;
    return stale->hip->kind == HIPFX_HIP_CPU ? 200 : 5000;
}

int stale_main(int argc, char **argv,
               enum stale_outcome (*look)(struct stale *stale, const struct stale_options *options))
{
    struct stale_options options;
    struct stale stale;
    struct hipfx_why why = {0};
    if (!parse(argc, argv, &options))
        return 2;
    if (!test_gl_open()) {
        puts("skipped: EGL offers no OpenGL context without a window");
        return 77;
    }
    enum stale_outcome outcome = STALE_FAILED;
    if (stale_open(&stale, &options.params, &why)) {
        printf("device=%s \"%s\"\n", stale.hip->name, stale.vk->device_name);
        outcome = look(&stale, &options);
    } else {
        printf("%s\n", why.text);
    }
    stale_close(&stale);
    test_gl_close();
    if (outcome == STALE_NO_RUNG)
        puts("skipped: the device does not have this rung");
    return outcome == STALE_NO_RUNG ? 77 : outcome == STALE_PASSED ? 0 : 1;
}
