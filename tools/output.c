#include "tools/output.h"
#include "tools/png.h"
#include "tools/tempfile.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* x264 gives the same bytes for the same number of threads only, and even so not if it looks ahead
 * on a thread of its own (seen with 0.164: in one of some thirty films of 2000 frames). */
#define ENCODER_THREADS 4
#define ENCODER_PARAMS  "sync-lookahead=0"

struct hipfx_output {
    struct hipfx_output_params params;
    enum hipfx_output_kind kind;
    struct hipfx_tempfile temp;
    int64_t frames;

    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
    struct SwsContext *to_yuv;
};

static bool has_extension(const char *path, const char *extension)
{
    const char *dot = strrchr(path, '.');
    return dot && !strchr(dot, '/') && strcasecmp(dot, extension) == 0;
}

enum hipfx_output_kind hipfx_output_kind(const char *path)
{
    if (has_extension(path, ".png"))
        return HIPFX_OUTPUT_PNG;
    if (has_extension(path, ".mp4") || has_extension(path, ".mkv"))
        return HIPFX_OUTPUT_VIDEO;
    return HIPFX_OUTPUT_NONE;
}

static bool fail_av(const struct hipfx_output *output, struct hipfx_why *why, const char *what,
                    int err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(err, text, sizeof(text));
    return hipfx_fail(why, "%s: %s: %s", output->params.path, what, text);
}

static bool open_codec(struct hipfx_output *output, struct hipfx_why *why)
{
    const struct hipfx_output_params *p = &output->params;
    const AVCodec *encoder = avcodec_find_encoder_by_name("libx264");
    if (!encoder)
        return hipfx_fail(why, "%s: libavcodec has no libx264", p->path);
    AVCodecContext *codec = output->codec = avcodec_alloc_context3(encoder);
    if (!codec)
        return hipfx_fail(why, "out of memory");

    const bool odd = p->width % 2 || p->height % 2;
    codec->width = (int)p->width;
    codec->height = (int)p->height;
    codec->pix_fmt = odd ? AV_PIX_FMT_YUV444P : AV_PIX_FMT_YUV420P;
    codec->framerate = (AVRational){p->fps_num, p->fps_den};
    codec->time_base = av_inv_q(codec->framerate);
    codec->sample_aspect_ratio = (AVRational){p->aspect_num, p->aspect_den};
    codec->colorspace = AVCOL_SPC_BT709;
    codec->color_primaries = AVCOL_PRI_BT709;
    codec->color_trc = AVCOL_TRC_BT709;
    codec->color_range = AVCOL_RANGE_MPEG;
    codec->thread_count = ENCODER_THREADS;
    codec->flags |= AV_CODEC_FLAG_BITEXACT;
    if (output->format->oformat->flags & AVFMT_GLOBALHEADER)
        codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(codec->priv_data, "preset", "veryfast", 0);
    av_opt_set(codec->priv_data, "crf", "17", 0);
    av_opt_set(codec->priv_data, "x264-params", ENCODER_PARAMS, 0);

    const int err = avcodec_open2(codec, encoder, NULL);
    if (err < 0)
        return fail_av(output, why, "libx264 does not start", err);
    return true;
}

static bool open_converter(struct hipfx_output *output, struct hipfx_why *why)
{
    const AVCodecContext *codec = output->codec;
    output->to_yuv = sws_getContext(
        codec->width, codec->height, AV_PIX_FMT_RGB0, codec->width, codec->height, codec->pix_fmt,
        SWS_BICUBIC | SWS_FULL_CHR_H_INP | SWS_ACCURATE_RND | SWS_BITEXACT, NULL, NULL, NULL);
    if (!output->to_yuv)
        return hipfx_fail(why, "%s: frames cannot be converted to YUV", output->params.path);
    const int *matrix = sws_getCoefficients(SWS_CS_ITU709);
    sws_setColorspaceDetails(output->to_yuv, matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);

    output->packet = av_packet_alloc();
    AVFrame *frame = output->frame = av_frame_alloc();
    if (!output->packet || !frame)
        return hipfx_fail(why, "out of memory");
    frame->format = codec->pix_fmt;
    frame->width = codec->width;
    frame->height = codec->height;
    frame->colorspace = codec->colorspace;
    frame->color_primaries = codec->color_primaries;
    frame->color_trc = codec->color_trc;
    frame->color_range = codec->color_range;
    if (av_frame_get_buffer(frame, 0) < 0)
        return hipfx_fail(why, "out of memory");
    return true;
}

static bool open_file(struct hipfx_output *output, struct hipfx_why *why)
{
    AVFormatContext *format = output->format;
    output->stream = avformat_new_stream(format, NULL);
    if (!output->stream ||
        avcodec_parameters_from_context(output->stream->codecpar, output->codec) < 0)
        return hipfx_fail(why, "out of memory");
    output->stream->time_base = output->codec->time_base;
    output->stream->avg_frame_rate = output->codec->framerate;
    output->stream->sample_aspect_ratio = output->codec->sample_aspect_ratio;

    int err = avio_open(&format->pb, format->url, AVIO_FLAG_WRITE);
    if (err < 0)
        return fail_av(output, why, "cannot be written", err);
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "+faststart", 0);
    err = avformat_write_header(format, &options);
    av_dict_free(&options);
    if (err < 0)
        return fail_av(output, why, "cannot be written", err);
    return true;
}

static bool open_video(struct hipfx_output *output, struct hipfx_why *why)
{
    const char *muxer = has_extension(output->params.path, ".mkv") ? "matroska" : "mp4";
    const size_t size = strlen(output->temp.path) + sizeof("file:");
    char *url = malloc(size);
    if (!url)
        return hipfx_fail(why, "out of memory");
    snprintf(url, size, "file:%s", output->temp.path);
    const int err = avformat_alloc_output_context2(&output->format, NULL, muxer, url);
    free(url);
    if (err < 0)
        return fail_av(output, why, "no muxer for it", err);
    output->format->flags |= AVFMT_FLAG_BITEXACT;
    return open_codec(output, why) && open_converter(output, why) && open_file(output, why);
}

struct hipfx_output *hipfx_output_open(const struct hipfx_output_params *params,
                                       struct hipfx_why *why)
{
    struct hipfx_output *output = calloc(1, sizeof(*output));
    if (!output) {
        hipfx_fail(why, "out of memory");
        return NULL;
    }
    output->params = *params;
    output->kind = hipfx_output_kind(params->path);
    if (!hipfx_tempfile_create(&output->temp, params->path, why) ||
        (output->kind == HIPFX_OUTPUT_VIDEO && !open_video(output, why)))
        hipfx_output_abort(&output);
    return output;
}

/* Takes what the encoder has ready. */
static bool drain(struct hipfx_output *output, struct hipfx_why *why)
{
    for (;;) {
        int err = avcodec_receive_packet(output->codec, output->packet);
        if (err == AVERROR(EAGAIN) || err == AVERROR_EOF)
            return true;
        if (err < 0)
            return fail_av(output, why, "cannot be encoded", err);
        output->packet->duration = 1;
        av_packet_rescale_ts(output->packet, output->codec->time_base, output->stream->time_base);
        output->packet->stream_index = output->stream->index;
        err = av_interleaved_write_frame(output->format, output->packet);
        if (err < 0)
            return fail_av(output, why, "cannot be written", err);
    }
}

static bool write_video(struct hipfx_output *output, const uint8_t *pixels, struct hipfx_why *why)
{
    AVFrame *frame = output->frame;
    if (av_frame_make_writable(frame) < 0)
        return hipfx_fail(why, "out of memory");
    const uint8_t *const planes[4] = {pixels};
    const int pitches[4] = {frame->width * 4};
    if (sws_scale(output->to_yuv, planes, pitches, 0, frame->height, frame->data, frame->linesize) <
        0)
        return hipfx_fail(why, "%s: a frame cannot be converted to YUV", output->params.path);
    frame->pts = output->frames;
    const int err = avcodec_send_frame(output->codec, frame);
    if (err < 0)
        return fail_av(output, why, "cannot be encoded", err);
    return drain(output, why);
}

static bool takes_picture(const struct hipfx_output *output, struct hipfx_why *why)
{
    return !output->frames || hipfx_fail(why, "%s: a PNG takes one frame", output->params.path);
}

bool hipfx_output_write(struct hipfx_output *output, const uint8_t *pixels, struct hipfx_why *why)
{
    const struct hipfx_output_params *p = &output->params;
    const bool ok =
        output->kind == HIPFX_OUTPUT_PNG
            ? takes_picture(output, why) &&
                  hipfx_png_write(p->path, output->temp.path, pixels, p->width, p->height, why)
            : write_video(output, pixels, why);
    if (ok)
        output->frames++;
    return ok;
}

bool hipfx_output_write_light(struct hipfx_output *output, const float *pixels, float peak,
                              struct hipfx_why *why)
{
    const struct hipfx_output_params *p = &output->params;
    if (output->kind != HIPFX_OUTPUT_PNG)
        return hipfx_fail(why, "%s: a video has 8 bits", p->path);
    if (!takes_picture(output, why) ||
        !hipfx_png_write_light(p->path, output->temp.path, pixels, peak, p->width, p->height, why))
        return false;
    output->frames++;
    return true;
}

static bool finish_video(struct hipfx_output *output, struct hipfx_why *why)
{
    int err = avcodec_send_frame(output->codec, NULL);
    if (err < 0)
        return fail_av(output, why, "cannot be encoded", err);
    if (!drain(output, why))
        return false;
    err = av_write_trailer(output->format);
    if (err < 0)
        return fail_av(output, why, "cannot be written", err);
    err = avio_closep(&output->format->pb);
    if (err < 0)
        return fail_av(output, why, "cannot be written", err);
    return true;
}

bool hipfx_output_finish(struct hipfx_output **output, struct hipfx_why *why)
{
    const bool ok = ((*output)->kind != HIPFX_OUTPUT_VIDEO || finish_video(*output, why)) &&
                    hipfx_tempfile_commit(&(*output)->temp, why);
    hipfx_output_abort(output);
    return ok;
}

void hipfx_output_abort(struct hipfx_output **output_ptr)
{
    struct hipfx_output *output = *output_ptr;
    if (!output)
        return;
    *output_ptr = NULL;
    sws_freeContext(output->to_yuv);
    av_frame_free(&output->frame);
    av_packet_free(&output->packet);
    avcodec_free_context(&output->codec);
    if (output->format)
        avio_closep(&output->format->pb);
    avformat_free_context(output->format);
    hipfx_tempfile_discard(&output->temp);
    free(output);
}

bool hipfx_output_png(const char *path, const uint8_t *pixels, uint32_t width, uint32_t height,
                      struct hipfx_why *why)
{
    const struct hipfx_output_params params = {.path = path, .width = width, .height = height};
    struct hipfx_output *output = hipfx_output_open(&params, why);
    if (output && hipfx_output_write(output, pixels, why))
        return hipfx_output_finish(&output, why);
    hipfx_output_abort(&output);
    return false;
}
