/* A libobs with the plugin in it, a source that shows a picture, and the filters on it: the stage
 * on which the plugin's tests are set.
 *
 * Each test has a libobs of its own, which counts what was not freed. Frames are drawn in step:
 * nothing is filtered but by stage_draw and its kin. A function that cannot do its work fails the
 * test. All calls come from the test's own thread. */
#pragma once

#include "tests/unit/kernels/picture.h"
#include "tools/filter.h"
#include "tools/grab.h"
#include "tools/host.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define STAGE_FILTERS 4

struct stage {
    struct hipfx_host *host;
    obs_source_t *source;
    obs_source_t *filters[STAGE_FILTERS]; /* in the order in which they were added */
    struct hipfx_grab grab;
};

/* For cmocka: libobs starts with the plugin loaded; libobs stops, and the test fails if libobs
 * counts a block that was not freed. `state` is the stage. */
int stage_open(void **state);
int stage_open_free_running(void **state);
int stage_close(void **state);

/* Once for a test program, around its tests: what stage_apply needs. */
int stage_group_open(void **state);
int stage_group_close(void **state);

/* Starts libobs for a moment to ask its GL context: before the tests, in a program whose subject
 * not every device has. False, too, if libobs does not start. */
bool stage_gl_has(bool (*ask)(void));

/* True if a GPU runs HIP here and HIPFX_FORCE does not ask for the CPU. AMD's runtime counts unless
 * it is a stand-in's turn: tests/amd chooses for itself. */
bool stage_has_gpu(void);

/* The source shows the picture from now on; 0x0 (a zeroed struct) shows nothing. */
void stage_show(struct stage *stage, const struct picture *picture);
void stage_show_on(struct stage *stage, obs_source_t *source, const struct picture *picture);

/* The same for a picture of another colour space, in the format that goes with it. */
void stage_show_in(struct stage *stage, obs_source_t *source, enum gs_color_space space,
                   const struct picture *picture);
enum hipfx_pixel stage_format(enum gs_color_space space);

/* A source of the same kind, which shows nothing yet; the caller releases it. */
obs_source_t *stage_new_source(const char *name);

/* Draws one frame of the source, as a scene would, into stage->grab: the first in which none of its
 * filters is still starting. The scene's colour space is stage->grab.space. */
void stage_draw(struct stage *stage);
void stage_draw_source(struct stage *stage, obs_source_t *source);

/* Draws one frame in which the source is drawn `times` times, and nothing is read back. */
void stage_draw_times(struct stage *stage, int times);

/* The picture that was drawn last, until the next one is. */
struct picture stage_drawn(const struct stage *stage);

/* Fails the test unless the last drawn frame has exactly these bytes. */
void stage_expect(const struct stage *stage, const struct picture *wanted);

/* The stage's filters: settings are a JSON object. The filter is the stage's own. Its clock stands
 * at 0. */
obs_source_t *stage_add(struct stage *stage, const char *settings);
void stage_update(obs_source_t *filter, const char *settings);
void stage_remove(struct stage *stage, obs_source_t *filter);

/* A frame in which only the canvas is drawn. */
void stage_pass_frame(struct stage *stage);

/* Waits until libobs has destroyed what was released. */
void stage_settle(struct stage *stage);

/* A new video output, of another size. */
void stage_reset_video(struct stage *stage);

/* The picture that the effect's kernels make of one, with no OBS and no link around them. The
 * caller destroys it. */
struct picture stage_apply(const struct picture *in, const char *settings);

/* What the filter says of itself. */
struct stage_report {
    char state[32], device[16], memory[16], order[16], effect[32], format[32];
    char reason[512]; /* "": none */
    long long width, height, frames, passthrough_frames, first_frames, host_bytes_per_frame;
};
struct stage_report stage_report(obs_source_t *filter);

/* What the process holds. */
struct stage_holdings {
    long blocks; /* libobs's own count */
    int descriptors, threads;
};
struct stage_holdings stage_holdings(void);
void stage_expect_holdings(const struct stage_holdings *wanted);

/* Random, the same in each run. */
struct picture stage_picture(enum picture_kind kind, int width, int height);
