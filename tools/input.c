#include "tools/input.h"
#include "tools/alpha.h"
#include "tools/light.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/intfloat.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

struct hipfx_input {
    char *path;
    AVFormatContext *format;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *to_rgba;
    struct SwsContext *resize; /* of premultiplied RGBA, where frames have alpha */
    uint8_t *unscaled;
    size_t unscaled_size;
    int stream;
    bool frame_pending; /* `frame` holds one that was not handed out yet */
    bool draining;
    struct hipfx_input_info info;
};

static bool fail_av(struct hipfx_why *why, const char *path, const char *what, int err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(err, text, sizeof(text));
    hipfx_fail(why, "%s: %s: %s", path, what, text);
    return false;
}

static bool open_format(struct hipfx_input *input, struct hipfx_why *why)
{
    /* A name is a name: "a%d.png" is no sequence and "http:" no protocol. */
    const size_t size = strlen(input->path) + sizeof("file:");
    char *url = malloc(size);
    if (!url) {
        hipfx_fail(why, "out of memory");
        return false;
    }
    snprintf(url, size, "file:%s", input->path);
    AVDictionary *options = NULL;
    av_dict_set(&options, "pattern_type", "none", 0);
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int err = avformat_open_input(&input->format, url, NULL, &options);
    av_dict_free(&options);
    free(url);
    if (err < 0)
        return fail_av(why, input->path, "cannot be read", err);
    err = avformat_find_stream_info(input->format, NULL);
    if (err < 0)
        return fail_av(why, input->path, "cannot be read", err);
    return true;
}

static bool is_picture_format(const AVInputFormat *format)
{
    const size_t length = strlen(format->name);
    return strcmp(format->name, "image2") == 0 ||
           (length > 5 && strcmp(format->name + length - 5, "_pipe") == 0);
}

static bool open_codec(struct hipfx_input *input, struct hipfx_why *why)
{
    const AVCodec *decoder = NULL;
    input->stream = av_find_best_stream(input->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (input->stream < 0 || !decoder)
        return hipfx_fail(why, "%s: no picture or video that can be decoded", input->path);

    AVStream *stream = input->format->streams[input->stream];
    input->codec = avcodec_alloc_context3(decoder);
    if (!input->codec || avcodec_parameters_to_context(input->codec, stream->codecpar) < 0)
        return hipfx_fail(why, "out of memory");
    input->codec->pkt_timebase = stream->time_base;
    input->info.is_picture = is_picture_format(input->format->iformat);
    /* These two would otherwise hand out half of a file that is cut off as a whole picture; others
     * call harmless oddities errors. */
    if (input->info.is_picture &&
        (decoder->id == AV_CODEC_ID_PNG || decoder->id == AV_CODEC_ID_MJPEG))
        input->codec->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;

    const int err = avcodec_open2(input->codec, decoder, NULL);
    if (err < 0)
        return fail_av(why, input->path, "cannot be decoded", err);
    return true;
}

/* Gives the decoder one more packet, or the end. False: no more to give. */
static bool feed(struct hipfx_input *input, int *err)
{
    while (!input->draining) {
        *err = av_read_frame(input->format, input->packet);
        if (*err < 0) {
            /* A file that is cut off ends where it is cut. */
            input->draining = true;
            *err = avcodec_send_packet(input->codec, NULL);
            return *err >= 0;
        }
        const bool ours = input->packet->stream_index == input->stream;
        if (ours)
            *err = avcodec_send_packet(input->codec, input->packet);
        av_packet_unref(input->packet);
        if (ours)
            return true;
    }
    return false;
}

/* A PFM begins with its lowest row (https://netpbm.sourceforge.net/doc/pfm.html). FFmpeg takes it
 * for the highest, and its rows can be gone through from the last to the first. */
static void turn_over(AVFrame *frame)
{
    for (int i = 0; i < AV_NUM_DATA_POINTERS && frame->data[i]; i++) {
        frame->data[i] += (ptrdiff_t)(frame->height - 1) * frame->linesize[i];
        frame->linesize[i] = -frame->linesize[i];
    }
}

/* Decodes into `frame`. False at the end; `err` is then the decoder's last complaint, or 0. */
static bool decode(struct hipfx_input *input, int *err)
{
    *err = 0;
    for (;;) {
        const int got = avcodec_receive_frame(input->codec, input->frame);
        if (got >= 0) {
            if (input->codec->codec_id == AV_CODEC_ID_PFM)
                turn_over(input->frame);
            return true;
        }
        if (got == AVERROR_EOF)
            return false;
        if (got != AVERROR(EAGAIN))
            *err = got;
        int fed = 0;
        if (!feed(input, &fed))
            return false;
        if (fed < 0 && fed != AVERROR_EOF)
            *err = fed;
    }
}

static bool first_frame(struct hipfx_input *input, struct hipfx_why *why)
{
    int err = 0;
    if (!decode(input, &err))
        return err ? fail_av(why, input->path, "cannot be decoded", err)
                   : hipfx_fail(why, "%s: has no frame", input->path);
    input->frame_pending = true;

    struct hipfx_input_info *info = &input->info;
    if (!info->width) {
        info->width = (uint32_t)input->frame->width;
        info->height = (uint32_t)input->frame->height;
    }
    if (info->width > HIPFX_SIDE_MAX || info->height > HIPFX_SIDE_MAX)
        return hipfx_fail(why, "%s: %ux%u is more than %d px on a side; --size scales it",
                          input->path, info->width, info->height, HIPFX_SIDE_MAX);

    AVStream *stream = input->format->streams[input->stream];
    const AVRational rate = av_guess_frame_rate(input->format, stream, NULL);
    if (!info->is_picture && rate.num > 0 && rate.den > 0) {
        info->fps_num = rate.num;
        info->fps_den = rate.den;
    }
    const AVRational aspect = av_guess_sample_aspect_ratio(input->format, stream, input->frame);
    info->aspect_num = aspect.num;
    info->aspect_den = aspect.den;
    return true;
}

struct hipfx_input *hipfx_input_open(const char *path, uint32_t width, uint32_t height,
                                     struct hipfx_why *why)
{
    struct hipfx_input *input = calloc(1, sizeof(*input));
    if (!input) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    input->info.width = width;
    input->info.height = height;
    input->path = strdup(path);
    input->packet = av_packet_alloc();
    input->frame = av_frame_alloc();
    if (!input->path || !input->packet || !input->frame)
        hipfx_fail(why, "out of memory");
    else if (open_format(input, why) && open_codec(input, why) && first_frame(input, why))
        return input;
    hipfx_input_close(&input);
    return NULL;
}

struct hipfx_input_info hipfx_input_info(const struct hipfx_input *input)
{
    return input->info;
}

/* The matrix that a frame's YUV was made with; a file that does not say follows the usual rule. */
static int yuv_matrix(const struct hipfx_input *input)
{
    switch (input->frame->colorspace) {
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_RESERVED:
    case AVCOL_SPC_RGB:
        return !input->info.is_picture && input->frame->height >= 720 ? SWS_CS_ITU709
                                                                      : SWS_CS_ITU601;
    default:
        return input->frame->colorspace;
    }
}

static bool is_full_range(const AVFrame *frame)
{
    switch (frame->format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ411P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ444P:
        return true;
    default:
        return frame->color_range == AVCOL_RANGE_JPEG;
    }
}

#define SCALE_FLAGS                                                                                \
    (SWS_BICUBIC | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT)

/* Converts the frame to straight RGBA of the given size and format, AV_PIX_FMT_RGBA or _RGBA64. */
static bool convert(struct hipfx_input *input, enum AVPixelFormat format, uint8_t *pixels,
                    int width, int height, struct hipfx_why *why)
{
    const AVFrame *frame = input->frame;
    input->to_rgba = sws_getCachedContext(input->to_rgba, frame->width, frame->height,
                                          (enum AVPixelFormat)frame->format, width, height, format,
                                          SCALE_FLAGS, NULL, NULL, NULL);
    if (!input->to_rgba)
        return hipfx_fail(why, "%s: its pixel format cannot be converted", input->path);

    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    if (desc && !(desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) &&
        desc->nb_components >= 3) {
        const int *matrix = sws_getCoefficients(yuv_matrix(input));
        sws_setColorspaceDetails(input->to_rgba, matrix, is_full_range(frame), matrix, 1, 0,
                                 1 << 16, 1 << 16);
    }
    uint8_t *const planes[4] = {pixels};
    const int pitches[4] = {width * (format == AV_PIX_FMT_RGBA ? 4 : 8)};
    if (sws_scale(input->to_rgba, (const uint8_t *const *)frame->data, frame->linesize, 0,
                  frame->height, planes, pitches) < 0)
        return hipfx_fail(why, "%s: cannot be converted to RGBA", input->path);
    return true;
}

static bool reserve_unscaled(struct hipfx_input *input, size_t size, struct hipfx_why *why)
{
    if (size <= input->unscaled_size)
        return true;
    free(input->unscaled);
    input->unscaled = malloc(size);
    input->unscaled_size = input->unscaled ? size : 0;
    return input->unscaled || hipfx_fail(why, "out of memory");
}

/* Scales premultiplied, so that the colour of transparent pixels does not bleed into the others. */
static bool convert_alpha(struct hipfx_input *input, uint8_t *pixels, struct hipfx_why *why)
{
    const AVFrame *frame = input->frame;
    const size_t count = (size_t)frame->width * (size_t)frame->height;
    if (!reserve_unscaled(input, count * 4, why) ||
        !convert(input, AV_PIX_FMT_RGBA, input->unscaled, frame->width, frame->height, why))
        return false;

    const int width = (int)input->info.width, height = (int)input->info.height;
    hipfx_premultiply(input->unscaled, input->unscaled, count);
    input->resize =
        sws_getCachedContext(input->resize, frame->width, frame->height, AV_PIX_FMT_RGBA, width,
                             height, AV_PIX_FMT_RGBA, SCALE_FLAGS, NULL, NULL, NULL);
    if (!input->resize)
        return hipfx_fail(why, "%s: cannot be scaled", input->path);
    const uint8_t *const from[4] = {input->unscaled};
    const int from_pitch[4] = {frame->width * 4};
    uint8_t *const to[4] = {pixels};
    const int to_pitch[4] = {width * 4};
    if (sws_scale(input->resize, from, from_pitch, 0, frame->height, to, to_pitch) < 0)
        return hipfx_fail(why, "%s: cannot be scaled", input->path);
    hipfx_unpremultiply(pixels, pixels, NULL, NULL, (size_t)width * (size_t)height);
    return true;
}

enum hipfx_input_result hipfx_input_next(struct hipfx_input *input, uint8_t *pixels,
                                         struct hipfx_why *why)
{
    int err = 0;
    if (!input->frame_pending && !decode(input, &err))
        return HIPFX_INPUT_END;
    input->frame_pending = false;

    const AVFrame *frame = input->frame;
    const int width = (int)input->info.width, height = (int)input->info.height;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    const bool alpha = desc && (desc->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL));
    const bool scaled = frame->width != width || frame->height != height;
    const bool ok = alpha && scaled ? convert_alpha(input, pixels, why)
                                    : convert(input, AV_PIX_FMT_RGBA, pixels, width, height, why);
    av_frame_unref(input->frame);
    return ok ? HIPFX_INPUT_FRAME : HIPFX_INPUT_ERROR;
}

/* Which component of the format holds red, green, blue or alpha: gray has one for all three, and
 * not every format has alpha. NULL: none. */
static const AVComponentDescriptor *component(const AVPixFmtDescriptor *desc, int i)
{
    const bool alpha = desc->flags & AV_PIX_FMT_FLAG_ALPHA;
    const int colors = desc->nb_components - (alpha ? 1 : 0);
    if (i == 3)
        return alpha ? &desc->comp[colors] : NULL;
    return &desc->comp[colors < 3 ? 0 : i];
}

/* Floats, or whole numbers of a byte or two, in the frame's own order of bytes. */
static float read_component(const AVFrame *frame, const AVPixFmtDescriptor *desc, int i, int x,
                            int y)
{
    const AVComponentDescriptor *c = component(desc, i);
    if (!c)
        return 1;
    const uint8_t *at = frame->data[c->plane] + (ptrdiff_t)y * frame->linesize[c->plane] +
                        (ptrdiff_t)x * c->step + c->offset;
    if (desc->flags & AV_PIX_FMT_FLAG_FLOAT)
        return av_int2float(desc->flags & AV_PIX_FMT_FLAG_BE ? AV_RB32(at) : AV_RL32(at));
    unsigned code = *at;
    if (c->depth + c->shift > 8)
        code = desc->flags & AV_PIX_FMT_FLAG_BE ? AV_RB16(at) : AV_RL16(at);
    const unsigned white = (1U << c->depth) - 1;
    return (float)(code >> c->shift & white) / (float)white;
}

static void premultiply_light(float pixel[4], float peak)
{
    for (int i = 0; i < 3; i++)
        pixel[i] = (float)hipfx_srgb_decode((double)pixel[i]) * peak * pixel[3];
}

static void take_components(const AVFrame *frame, const AVPixFmtDescriptor *desc, float peak,
                            float *pixels)
{
    for (int y = 0; y < frame->height; y++) {
        for (int x = 0; x < frame->width; x++, pixels += 4) {
            for (int i = 0; i < 4; i++)
                pixels[i] = read_component(frame, desc, i, x, y);
            if (!(desc->flags & AV_PIX_FMT_FLAG_FLOAT))
                premultiply_light(pixels, peak);
        }
    }
}

/* What is no RGB becomes it in 16 bits. */
static bool take_converted(struct hipfx_input *input, float peak, float *pixels,
                           struct hipfx_why *why)
{
    const int width = input->frame->width, height = input->frame->height;
    const size_t count = (size_t)width * (size_t)height;
    if (!reserve_unscaled(input, count * 8, why) ||
        !convert(input, AV_PIX_FMT_RGBA64, input->unscaled, width, height, why))
        return false;
    for (size_t i = 0; i < count; i++, pixels += 4) {
        uint16_t code[4];
        memcpy(code, input->unscaled + 8 * i, sizeof(code));
        for (int c = 0; c < 4; c++)
            pixels[c] = (float)code[c] / 65535;
        premultiply_light(pixels, peak);
    }
    return true;
}

/* swscale does not convert RGB to RGB of more bits exactly. */
static bool has_plain_components(const AVPixFmtDescriptor *desc)
{
    const int depth = desc->comp[0].depth + desc->comp[0].shift;
    const bool is_gray = desc->nb_components <= 2;
    return (desc->flags & AV_PIX_FMT_FLAG_RGB || is_gray) &&
           !(desc->flags &
             (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL)) &&
           depth % 8 == 0 && depth <= (desc->flags & AV_PIX_FMT_FLAG_FLOAT ? 32 : 16);
}

enum hipfx_input_result hipfx_input_next_light(struct hipfx_input *input, float peak, float *pixels,
                                               struct hipfx_why *why)
{
    int err = 0;
    if (!input->frame_pending && !decode(input, &err))
        return HIPFX_INPUT_END;
    input->frame_pending = false;

    const AVFrame *frame = input->frame;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    bool ok = true;
    if (frame->width != (int)input->info.width || frame->height != (int)input->info.height)
        ok = hipfx_fail(why, "%s: frames of light are not scaled", input->path);
    else if (desc && has_plain_components(desc))
        take_components(frame, desc, peak, pixels);
    else
        ok = take_converted(input, peak, pixels, why);
    av_frame_unref(input->frame);
    return ok ? HIPFX_INPUT_FRAME : HIPFX_INPUT_ERROR;
}

void hipfx_input_close(struct hipfx_input **input_ptr)
{
    struct hipfx_input *input = *input_ptr;
    if (!input)
        return;
    *input_ptr = NULL;
    sws_freeContext(input->to_rgba);
    sws_freeContext(input->resize);
    av_frame_free(&input->frame);
    av_packet_free(&input->packet);
    avcodec_free_context(&input->codec);
    avformat_close_input(&input->format);
    free(input->unscaled);
    free(input->path);
    free(input);
}
