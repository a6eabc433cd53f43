#include "tools/demo_record.h"
#include "tools/tempfile.h"

#include <libavformat/avformat.h>
#include <obs/util/threading.h>
#include <stdlib.h>
#include <string.h>

#define STOP_TIMEOUT_MS 60000

struct demo_record {
    obs_encoder_t *video, *audio;
    obs_output_t *output;
    os_event_t *stopped;
    long long code; /* of the "stop" signal */
};

static void on_stop(void *param, calldata_t *data)
{
    struct demo_record *record = param;
    record->code = calldata_int(data, "code");
    os_event_signal(record->stopped);
}

static bool create_encoders(struct demo_record *record, struct hipfx_why *why)
{
    obs_data_t *settings = obs_data_create();
    obs_data_set_string(settings, "rate_control", "CRF");
    obs_data_set_int(settings, "crf", 18);
    obs_data_set_string(settings, "preset", "superfast");
    obs_data_set_string(settings, "x264opts", "bframes=0");
    record->video = obs_video_encoder_create("obs_x264", "demo video", settings, NULL);
    obs_data_release(settings);
    record->audio = obs_audio_encoder_create("ffmpeg_aac", "demo audio", NULL, 0, NULL);
    if (!record->video || !record->audio)
        return hipfx_fail(why, "OBS's x264 or AAC encoder is not there");
    obs_encoder_set_video(record->video, obs_get_video());
    obs_encoder_set_audio(record->audio, obs_get_audio());
    return true;
}

static bool create_output(struct demo_record *record, const char *path, struct hipfx_why *why)
{
    obs_data_t *settings = obs_data_create();
    obs_data_set_string(settings, "path", path);
    record->output = obs_output_create("ffmpeg_muxer", "demo", settings, NULL);
    obs_data_release(settings);
    if (!record->output)
        return hipfx_fail(why, "OBS's muxer is not there");
    obs_output_set_video_encoder(record->output, record->video);
    obs_output_set_audio_encoder(record->output, record->audio, 0);
    signal_handler_connect(obs_output_get_signal_handler(record->output), "stop", on_stop, record);
    return true;
}

static void destroy(struct demo_record **record_ptr)
{
    struct demo_record *record = *record_ptr;
    *record_ptr = NULL;
    if (record->output)
        signal_handler_disconnect(obs_output_get_signal_handler(record->output), "stop", on_stop,
                                  record);
    obs_output_release(record->output);
    obs_encoder_release(record->video);
    obs_encoder_release(record->audio);
    os_event_destroy(record->stopped);
    free(record);
}

static bool start(struct demo_record *record, const char *path, struct hipfx_why *why)
{
    if (os_event_init(&record->stopped, OS_EVENT_TYPE_MANUAL) != 0)
        return hipfx_fail(why, "out of memory");
    if (!create_encoders(record, why) || !create_output(record, path, why))
        return false;
    if (obs_output_start(record->output))
        return true;
    const char *error = obs_output_get_last_error(record->output);
    return hipfx_fail(why, "OBS does not start to record: %s",
                      error ? error : "its reason is in the log");
}

struct demo_record *demo_record_start(const char *path, struct hipfx_why *why)
{
    struct demo_record *record = calloc(1, sizeof(*record));
    if (!record)
        hipfx_fail(why, "out of memory");
    else if (!start(record, path, why))
        destroy(&record);
    return record;
}

int64_t demo_record_frames(const struct demo_record *record)
{
    return obs_output_get_total_frames(record->output);
}

bool demo_record_stop(struct demo_record **record_ptr, struct hipfx_why *why)
{
    struct demo_record *record = *record_ptr;
    if (!record)
        return true;
    bool ok = true;
    obs_output_stop(record->output);
    if (os_event_timedwait(record->stopped, STOP_TIMEOUT_MS) != 0) {
        obs_output_force_stop(record->output);
        ok = hipfx_fail(why, "OBS did not finish the recording");
    } else if (record->code != OBS_OUTPUT_SUCCESS) {
        ok = hipfx_fail(why, "OBS's recording failed with code %lld", record->code);
    }
    destroy(record_ptr);
    return ok;
}

static bool fail_av(struct hipfx_why *why, const char *path, int err)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";
    av_strerror(err, text, sizeof(text));
    return hipfx_fail(why, "%s: %s", path, text);
}

/* Copies packets of the stream until there are enough. Without B-frames a packet is a frame, in the
 * order in which they are shown. */
static int copy_packets(AVFormatContext *from, int stream, AVFormatContext *to, int64_t frames)
{
    AVPacket *packet = av_packet_alloc();
    if (!packet)
        return AVERROR(ENOMEM);
    int err = 0;
    int64_t copied = 0;
    while (copied < frames && (err = av_read_frame(from, packet)) >= 0) {
        if (packet->stream_index != stream) {
            av_packet_unref(packet);
            continue;
        }
        av_packet_rescale_ts(packet, from->streams[stream]->time_base, to->streams[0]->time_base);
        packet->stream_index = 0;
        packet->pos = -1;
        err = av_interleaved_write_frame(to, packet);
        if (err < 0)
            break;
        copied++;
    }
    av_packet_free(&packet);
    return err == AVERROR_EOF ? 0 : err;
}

static int copy_stream(AVFormatContext *from, AVFormatContext *to, int64_t frames)
{
    const int stream = av_find_best_stream(from, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (stream < 0)
        return stream;
    AVStream *out = avformat_new_stream(to, NULL);
    if (!out)
        return AVERROR(ENOMEM);
    int err = avcodec_parameters_copy(out->codecpar, from->streams[stream]->codecpar);
    if (err < 0)
        return err;
    out->codecpar->codec_tag = 0;
    out->time_base = from->streams[stream]->time_base;
    out->avg_frame_rate = from->streams[stream]->avg_frame_rate;

    err = avio_open(&to->pb, to->url, AVIO_FLAG_WRITE);
    if (err < 0)
        return err;
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "+faststart", 0);
    err = avformat_write_header(to, &options);
    av_dict_free(&options);
    if (err >= 0)
        err = copy_packets(from, stream, to, frames);
    const int end = err < 0 ? err : av_write_trailer(to);
    const int closed = avio_closep(&to->pb);
    return end < 0 ? end : closed;
}

bool demo_record_cut(const char *recording, const char *path, int64_t frames, struct hipfx_why *why)
{
    struct hipfx_tempfile temp;
    if (!hipfx_tempfile_create(&temp, path, why))
        return false;
    AVFormatContext *from = NULL, *to = NULL;
    int err = avformat_open_input(&from, recording, NULL, NULL);
    if (err >= 0)
        err = avformat_find_stream_info(from, NULL);
    if (err >= 0)
        err = avformat_alloc_output_context2(&to, NULL, "mp4", temp.path);
    if (err >= 0)
        err = copy_stream(from, to, frames);
    avformat_close_input(&from);
    avformat_free_context(to);
    if (err >= 0)
        return hipfx_tempfile_commit(&temp, why);
    hipfx_tempfile_discard(&temp);
    return fail_av(why, path, err);
}
