#include "tools/render_options.h"
#include "interop/ladder.h"
#include "plugin/check.h"
#include "tools/args.h"

#include <stdio.h>
#include <string.h>

#define FRAMES_MAX 10000000

enum option_id {
    OPTION_SETTINGS = 256,
    OPTION_NO_FILTER,
    OPTION_FRAMES,
    OPTION_FPS,
    OPTION_TIME,
    OPTION_SIZE,
    OPTION_SPACE,
    OPTION_PEAK,
    OPTION_DEVICE,
    OPTION_FORCE,
    OPTION_REPORT,
};

static const struct option known[] = {
    {"settings", required_argument, NULL, OPTION_SETTINGS},
    {"no-filter", no_argument, NULL, OPTION_NO_FILTER},
    {"frames", required_argument, NULL, OPTION_FRAMES},
    {"fps", required_argument, NULL, OPTION_FPS},
    {"time", required_argument, NULL, OPTION_TIME},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"space", required_argument, NULL, OPTION_SPACE},
    {"peak", required_argument, NULL, OPTION_PEAK},
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"force", required_argument, NULL, OPTION_FORCE},
    {"report", required_argument, NULL, OPTION_REPORT},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void render_options_help(void)
{
    fputs(
        "usage: render INPUT OUTPUT [OPTIONS]\n"
        "\n"
        "Applies the HIP Effects filter to a picture or a video, through the plugin in libobs.\n"
        "OUTPUT is a .png (one frame, lossless), or an .mp4 or .mkv (H.264).\n"
        "\n"
        "  --settings JSON   one filter with these settings; may be said again, in order.\n"
        "                    '{\"effect\": \"sine_wave\", \"sine_wave.amplitude\": 0.25}'\n"
        "                    Without it: one filter as it is when a user adds it.\n"
        "  --no-filter       no filter at all\n"
        "  --frames N        a video: its first N frames (default: all);\n"
        "                    a picture into a video: N frames of it (default: 5 seconds)\n"
        "  --fps F           frames per second, as 60, 29.97 or 30000/1001 (default: the\n"
        "                    video's own, 60 for a picture); each input frame is used once\n"
        "  --time S          the filter's clock at the first frame, in seconds (default: 0);\n"
        "                    frame i is drawn at S + i/F\n"
        "  --size WxH        scale the input before it is filtered\n"
        "  --space S         the colour space in which OBS has the picture: srgb (the default, 8\n"
        "                    bits), srgb_16f, 709_extended (HDR; 1 is SDR white) or 709_scrgb\n"
        "                    (HDR; 1 is 80 nits). But for srgb, frames are 16-bit floats in\n"
        "                    linear light, and OUTPUT is a .png of 16 bits\n"
        "  --peak L          with such a space: the light of white in the files (default: 1). A\n"
        "                    code is the sRGB curve of light/L, in and out; what is below 0 or\n"
        "                    above L is clipped in OUTPUT. An INPUT of floats (.exr, .pfm) is\n"
        "                    light as it is, premultiplied\n"
        "  --device D        auto, amd, nvidia or cpu\n"
        "  --force RUNGS     how the frame travels, as \"memory=copy,order=host\"\n"
        "  --report FILE     what was drawn, on what, and how long it took, as JSON\n"
        "  -v, --verbose     all of libobs's log\n"
        "\n"
        "The same command gives the same bytes. A PNG has straight alpha. A video has no alpha:\n"
        "it is drawn over black; and no audio. It is yuv420p, BT.709, or yuv444p where a side is\n"
        "odd, so that the size stays. Of a video into a .png the first frame is taken.\n"
        "Rotation tags of the input are not followed.\n"
        "\n"
        "Exit status: 0, also when the filter could not run and the frames passed through\n"
        "unfiltered (a line on stderr and \"errors\" in the report say why); 1 if libobs could\n"
        "not draw; 2 for a wrong argument, or a file that cannot be read or written. Then there\n"
        "is no output file.\n",
        stdout);
}

static bool add_settings(struct render_options *o, const char *json, struct hipfx_why *why)
{
    if (o->filter_count == HIPFX_FILTERS_MAX)
        return hipfx_fail(why, "--settings: at most %d filters", HIPFX_FILTERS_MAX);
    struct hipfx_why reason = {0}, clamped = {0};
    const struct hipfx_effect *effect = hipfx_settings_check(json, &clamped, &reason);
    if (!effect)
        return hipfx_fail(why, "--settings: %s", reason.text);
    if (clamped.text[0])
        fprintf(stderr, "render: --settings: warning: %s\n", clamped.text);
    o->settings[o->filter_count] = json;
    o->effects[o->filter_count++] = effect->id;
    return true;
}

static bool add_force(struct render_options *o, const char *key, const char *value,
                      struct hipfx_why *why)
{
    const size_t used = strlen(o->force);
    const int length =
        snprintf(o->force + used, sizeof(o->force) - used, "%s%s%s", used ? "," : "", key, value);
    if (length < 0 || (size_t)length >= sizeof(o->force) - used)
        return hipfx_fail(why, "--force: too long");
    struct hipfx_force force;
    struct hipfx_why reason = {0};
    if (!hipfx_force_parse(o->force, &force, &reason))
        return hipfx_fail(why, "%s: %s", *key ? "--device" : "--force", reason.text);
    return true;
}

static bool take_space(struct render_options *o, const char *name, struct hipfx_why *why)
{
    static const char *const names[] = {
        [GS_CS_SRGB] = "srgb",
        [GS_CS_SRGB_16F] = "srgb_16f",
        [GS_CS_709_EXTENDED] = "709_extended",
        [GS_CS_709_SCRGB] = "709_scrgb",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            o->space = (enum gs_color_space)i;
            return true;
        }
    }
    return hipfx_fail(why, "--space: \"%s\" is none of srgb, srgb_16f, 709_extended and 709_scrgb",
                      name);
}

static bool take_option(void *options, int id, const char *value, struct hipfx_why *why)
{
    struct render_options *o = options;
    switch (id) {
    case OPTION_SETTINGS:
        return add_settings(o, value, why);
    case OPTION_NO_FILTER:
        o->no_filter = true;
        return true;
    case OPTION_FRAMES:
        return hipfx_parse_int(value, 1, FRAMES_MAX, &o->frames) ||
               hipfx_fail(why, "--frames: \"%s\" is no whole number from 1 to %d", value,
                          FRAMES_MAX);
    case OPTION_FPS:
        return hipfx_parse_rate(value, &o->fps_num, &o->fps_den) ||
               hipfx_fail(why, "--fps: \"%s\" is no frame rate, as 60, 29.97 or 30000/1001", value);
    case OPTION_TIME:
        return hipfx_parse_seconds(value, &o->time_s) ||
               hipfx_fail(why, "--time: \"%s\" is no number of seconds from 0 to 86400", value);
    case OPTION_SIZE:
        return hipfx_parse_size(value, &o->width, &o->height) ||
               hipfx_fail(why, "--size: \"%s\" is no size, as 1280x720", value);
    case OPTION_SPACE:
        return take_space(o, value, why);
    case OPTION_PEAK:
        return hipfx_parse_number(value, 0.001, 10000, &o->peak) ||
               hipfx_fail(why, "--peak: \"%s\" is no number from 0.001 to 10000", value);
    case OPTION_DEVICE:
        return strcmp(value, "auto") == 0 || add_force(o, "device=", value, why);
    case OPTION_FORCE:
        return add_force(o, "", value, why);
    case OPTION_REPORT:
        o->report = value;
        return true;
    case 'v':
        o->verbose = true;
        return true;
    default:
        return false;
    }
}

static bool take_files(struct render_options *o, int count, char **names, struct hipfx_why *why)
{
    if (count != 2)
        return hipfx_fail(why, "give an INPUT and an OUTPUT file; --help tells more");
    o->input = names[0];
    o->output = names[1];
    o->kind = hipfx_output_kind(o->output);
    if (o->kind == HIPFX_OUTPUT_NONE)
        return hipfx_fail(why, "%s: the output's name must end in .png, .mp4 or .mkv", o->output);
    if (o->kind == HIPFX_OUTPUT_PNG && o->frames > 1)
        return hipfx_fail(why, "%s: a .png takes one frame; use .mp4 or .mkv for more", o->output);
    if (o->no_filter && o->filter_count)
        return hipfx_fail(why, "--no-filter and --settings do not go together");
    if (o->space != GS_CS_SRGB && (o->kind != HIPFX_OUTPUT_PNG || o->width))
        return hipfx_fail(why, "--space: only srgb goes with --size and into a video");
    return true;
}

enum hipfx_command render_options_parse(int argc, char **argv, struct render_options *options,
                                        struct hipfx_why *why)
{
    *options = (struct render_options){.space = GS_CS_SRGB, .peak = 1};
    const enum hipfx_command command =
        hipfx_options_read(argc, argv, known, take_option, options, why);
    if (command != HIPFX_COMMAND_RUN)
        return command;
    if (!take_files(options, argc - optind, argv + optind, why))
        return HIPFX_COMMAND_BAD;
    if (!options->no_filter && !options->filter_count && !add_settings(options, "{}", why))
        return HIPFX_COMMAND_BAD;
    return HIPFX_COMMAND_RUN;
}
