/* The scene that the tests play in: a program scene with three inputs, each with known pixels. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng, paint } from './pixels.mjs';
import { obsColor } from './reference.mjs';

export const CANVAS = { width: 640, height: 360, fps: 30 };
export const SCENE = 'Stage';

/* Odd sizes: rows of these are not a multiple of anything. */
const CHART = { width: 321, height: 181 };

const ramp = (at, length) => Math.round((255 * at) / (length - 1));

/* Every red and green code there is, opaque. */
export const chart = paint(CHART.width, CHART.height, (x, y) => [
  ramp(x, CHART.width), ramp(y, CHART.height), 128, 255,
]);

/* Nothing at all beside an opaque colour. */
export const CUT_EDGE = 64;
export const CUT_COLOR = [240, 128, 32, 255];
export const cut = paint(129, 65, (x) => (x < CUT_EDGE ? [0, 0, 0, 0] : CUT_COLOR));

/* Black beside white. */
export const STEP_EDGE = 100;
export const step = paint(200, 75, (x) => {
  const code = x < STEP_EDGE ? 0 : 255;
  return [code, code, code, 255];
});

export const FLAT_COLOR = [51, 102, 204, 255];
export const FLAT_SIZE = { width: 320, height: 180 };

export async function setStage(studio, home) {
  await studio.call('CreateScene', { sceneName: SCENE });
  await studio.call('SetCurrentProgramScene', { sceneName: SCENE });
  for (const [name, picture] of Object.entries({ chart, cut, step })) {
    const file = join(home.path, `${name}.png`);
    writeFileSync(file, encodePng(picture));
    await studio.addInput(SCENE, name, 'image_source', { file });
  }
  await studio.addInput(SCENE, 'flat', 'color_source_v3', {
    color: obsColor(FLAT_COLOR), ...FLAT_SIZE,
  });
}
