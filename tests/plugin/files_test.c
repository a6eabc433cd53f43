/* Files that settings name: one that is missing or broken lets frames pass through and says why,
 * and is cured by another; one that is sound is read when it is named or has changed. */
#include "tests/plugin/fixture.h"
#include "tests/unit/kernels/fixture.h"

#include <obs/util/platform.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_NS UINT64_C(30000000000)

static char folder[] = "/tmp/hipfx-files-XXXXXX";

static struct {
    char sound[64], other[64], broken[64], missing[64];
} paths;

/* A table of two entries that turns each channel over. */
static void write_table(const char *path, const char *first, const char *last)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        fail_msg("%s cannot be written", path);
        return;
    }
    fprintf(file, "LUT_1D_SIZE 2\n%s\n%s\n", first, last);
    assert_int_equal(fclose(file), 0);
}

static int open_folder(void **state)
{
    if (!mkdtemp(folder))
        return -1;
    snprintf(paths.sound, sizeof(paths.sound), "%s/sound.cube", folder);
    snprintf(paths.other, sizeof(paths.other), "%s/other.cube", folder);
    snprintf(paths.broken, sizeof(paths.broken), "%s/broken.cube", folder);
    snprintf(paths.missing, sizeof(paths.missing), "%s/missing.cube", folder);
    write_table(paths.sound, "1 1 1", "0 0 0");
    write_table(paths.other, "0 0 0", "0.5 0.5 0.5");
    write_table(paths.broken, "0 0 0", "1 one 1");
    return stage_group_open(state);
}

static int close_folder(void **state)
{
    unlink(paths.sound);
    unlink(paths.other);
    unlink(paths.broken);
    rmdir(folder);
    return stage_group_close(state);
}

static obs_source_t *add(struct stage *stage, const char *path, const char *mode)
{
    char settings[256];
    snprintf(settings, sizeof(settings),
             "{\"effect\": \"lut\", \"lut.path\": \"%s\", \"mode\": \"%s\"}", path, mode);
    return stage_add(stage, settings);
}

static void choose(obs_source_t *filter, const char *path)
{
    char settings[256];
    snprintf(settings, sizeof(settings), "{\"lut.path\": \"%s\"}", path);
    stage_update(filter, settings);
}

/* What the kernels make of the picture with the file as it is now. */
static struct picture applied(const struct picture *in, const char *path)
{
    struct hipfx_file *file = hipfx_file_create(hipfx_effect_find("lut"), path);
    assert_non_null(file);
    hipfx_file_read(file);
    struct hipfx_values values = hipfx_values_default(hipfx_effect_find("lut"));
    values.file = file;
    struct picture out = fixture_apply("lut", &values, 0, in);
    fixture_forget();
    hipfx_file_release(file);
    return out;
}

/* A new file is read beside the graphics thread, so it comes a few frames later. */
static void draw_until_drawn(struct stage *stage, const struct picture *wanted)
{
    const uint64_t deadline_ns = os_gettime_ns() + TIMEOUT_NS;
    struct picture got;
    do {
        stage_draw(stage);
        got = stage_drawn(stage);
    } while (!picture_same_bytes(&got, wanted) && os_gettime_ns() < deadline_ns);
    stage_expect(stage, wanted);
}

static void draw_until_refused(struct stage *stage, obs_source_t *filter)
{
    const uint64_t deadline_ns = os_gettime_ns() + TIMEOUT_NS;
    do
        stage_draw(stage);
    while (strcmp(stage_report(filter).state, "passthrough") != 0 && os_gettime_ns() < deadline_ns);
}

static void expect_refusal(obs_source_t *filter, const char *path, const char *words)
{
    const struct stage_report report = stage_report(filter);
    assert_string_equal(report.state, "passthrough");
    if (!strstr(report.reason, path) || !strstr(report.reason, words))
        fail_msg("the report says: %s", report.reason);
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 1);
    assert_true(hipfx_host_log_has(report.reason));
    obs_data_t *settings = obs_source_get_settings(filter);
    assert_string_equal(obs_data_get_string(settings, "lut.path"), path);
    obs_data_release(settings);
}

static void expect_missing(obs_source_t *filter, const char *path)
{
    obs_missing_files_t *files = obs_source_get_missing_files(filter);
    assert_int_equal(obs_missing_files_count(files), path ? 1 : 0);
    if (path)
        assert_string_equal(obs_missing_file_get_path(obs_missing_files_get_file(files, 0)), path);
    obs_missing_files_destroy(files);
}

static void a_missing_file_is_told_listed_and_cured_by_another(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_TRANSLUCENT, 61, 43);
    struct picture wanted = applied(&in, paths.sound);
    stage_show(stage, &in);
    obs_source_t *filter = add(stage, paths.missing, "exact");
    stage_draw(stage);
    stage_expect(stage, &in);
    expect_refusal(filter, paths.missing, "choose another file");
    expect_missing(filter, paths.missing);

    obs_missing_files_t *files = obs_source_get_missing_files(filter);
    obs_missing_file_issue_callback(obs_missing_files_get_file(files, 0), paths.sound);
    obs_missing_files_destroy(files);
    draw_until_drawn(stage, &wanted);
    assert_string_equal(stage_report(filter).state, "ready");
    expect_missing(filter, NULL);
    obs_data_t *settings = obs_source_get_settings(filter);
    assert_string_equal(obs_data_get_string(settings, "lut.path"), paths.sound);
    obs_data_release(settings);
    picture_destroy(&wanted);
    picture_destroy(&in);
}

static void a_broken_file_is_told_with_its_line(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = add(stage, paths.broken, "exact");
    stage_draw(stage);
    stage_expect(stage, &in);
    expect_refusal(filter, paths.broken, "line 3: ");
    expect_missing(filter, NULL);
    picture_destroy(&in);
}

static void no_file_is_no_effect(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    stage_show(stage, &in);
    obs_source_t *filter = add(stage, "", "exact");
    stage_draw(stage);
    stage_expect(stage, &in);
    assert_string_equal(stage_report(filter).state, "ready");
    assert_int_equal(hipfx_host_log_count(LOG_WARNING), 0);
    expect_missing(filter, NULL);
    picture_destroy(&in);
}

/* While a new file is being read the old one is shown: no frame passes through. */
static void files_are_changed_without_a_gap(void **state)
{
    struct stage *stage = *state;
    static const char *const modes[] = {"exact", "smooth"};
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    struct picture sound = applied(&in, paths.sound), other = applied(&in, paths.other);
    stage_show(stage, &in);
    for (int m = 0; m < 2; m++) {
        obs_source_t *filter = add(stage, paths.sound, modes[m]);
        draw_until_drawn(stage, &sound);
        const long long passed = stage_report(filter).passthrough_frames;
        for (int i = 0; i < 4; i++) {
            choose(filter, i % 2 ? paths.sound : paths.other);
            draw_until_drawn(stage, i % 2 ? &sound : &other);
        }
        assert_int_equal(stage_report(filter).passthrough_frames, passed);
        choose(filter, paths.missing);
        draw_until_refused(stage, filter);
        stage_expect(stage, &in);
        stage_remove(stage, filter);
    }
    picture_destroy(&sound);
    picture_destroy(&other);
    picture_destroy(&in);
}

static void a_file_that_has_changed_is_read_again(void **state)
{
    struct stage *stage = *state;
    char path[80];
    snprintf(path, sizeof(path), "%s/changing.cube", folder);
    struct picture in = stage_picture(PICTURE_OPAQUE, 61, 43);
    stage_show(stage, &in);
    write_table(path, "1 1 1", "0 0 0");
    struct picture before = applied(&in, path);
    obs_source_t *filter = add(stage, path, "exact");
    draw_until_drawn(stage, &before);
    write_table(path, "0.25 0 0", "0.75 1 1");
    struct picture after = applied(&in, path);
    stage_draw(stage);
    stage_expect(stage, &before);
    stage_update(filter, "{\"lut.amount\": 1}");
    draw_until_drawn(stage, &after);
    unlink(path);
    picture_destroy(&before);
    picture_destroy(&after);
    picture_destroy(&in);
}

static void nothing_grows_while_files_change(void **state)
{
    struct stage *stage = *state;
    struct picture in = stage_picture(PICTURE_OPAQUE, 20, 10);
    struct stage_holdings before = {0};
    stage_show(stage, &in);
    for (int i = 0; i < 8; i++) {
        obs_source_t *filter = add(stage, i % 2 ? paths.sound : paths.missing, "exact");
        stage_draw(stage);
        choose(filter, i % 3 ? paths.other : paths.broken);
        stage_draw(stage);
        stage_remove(stage, filter);
        if (i == 2)
            before = stage_holdings();
    }
    stage_expect_holdings(&before);
    picture_destroy(&in);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_missing_file_is_told_listed_and_cured_by_another),
        TEST(a_broken_file_is_told_with_its_line),
        TEST(no_file_is_no_effect),
        TEST(files_are_changed_without_a_gap),
        TEST(a_file_that_has_changed_is_read_again),
        TEST(nothing_grows_while_files_change),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
