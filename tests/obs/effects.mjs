/* Each effect, as seen in OBS's own screenshots of the filtered source. */
import { afterEach, it } from 'node:test';
import { until } from './processes.mjs';
import { assertClose, assertSameBytes, pixelAt } from './pixels.mjs';
import {
  blurredStep, color, decodeSrgb, encodeSrgb, mix, obsColor, sineDistance, sineHeight,
} from './reference.mjs';
import { chart, cut, CUT_COLOR, CUT_EDGE, FLAT_COLOR, FLAT_SIZE, STEP_EDGE } from './stage.mjs';

const FILTER = 'under test';

/* Codes: one for the 8-bit result, one for arithmetic in float32. */
const TOLERANCE = 2;

const LINE_COLOR = [250, 200, 20, 255];
const WAVE = { offset: 0, amplitude: 0.25, cycles: 2, phase: 0 };

/* The plugin's settings keys for an effect's parameters. */
const settings = (effect, parameters) => ({
  effect,
  ...Object.fromEntries(
    Object.entries(parameters).map(([key, value]) => [`${effect}.${key}`, value])),
});

const still = (parameters) =>
  settings('sine_wave', { ...WAVE, speed: 0, color: obsColor(LINE_COLOR), ...parameters });

export function effectTests(stage) {
  /* The picture of an input with one filter on it. */
  const shot = async (source, filterSettings) => {
    await stage.studio.addReadyFilter(source, FILTER, filterSettings);
    return stage.studio.screenshot(source);
  };

  afterEach(() => stage.studio.clearFilters('chart', 'cut', 'flat', 'step'));

  it('gives the bytes back where the settings are neutral', async () => {
    const neutral = [
      settings('sine_wave', { opacity: 0 }),
      settings('color', { exposure_ev: 0, contrast: 1, saturation: 1 }),
      settings('gaussian_blur', { sigma_px: 0 }),
    ];
    for (const [source, picture] of Object.entries({ chart, cut })) {
      for (const each of neutral) {
        assertSameBytes(await shot(source, each), picture, `${each.effect} on ${source}`);
        await stage.studio.clearFilters(source);
      }
    }
  });

  it('draws the sine wave as a line, and nothing beside it', async () => {
    const thickness = 8;
    const got = await shot('chart', still({ style: 'line', opacity: 1, thickness_px: thickness }));
    assertClose(got, (x, y) => {
      const distance = sineDistance(WAVE, x, y, chart, 16);
      if (distance < thickness / 2 - 1.5) return LINE_COLOR;
      return distance > thickness / 2 + 1.5 ? pixelAt(chart, x, y) : null;
    }, 0);
  });

  it('puts the curve where phase, offset and cycles say', async () => {
    const wave = { offset: -0.125, amplitude: 0.125, cycles: 3, phase: 1 };
    const got = await shot('chart', still({
      ...wave, style: 'line', opacity: 1, thickness_px: 6,
    }));
    assertClose(got, (x, y) => {
      const distance = sineDistance(wave, x, y, chart, 16);
      if (distance < 1.5) return LINE_COLOR;
      return distance > 4.5 ? pixelAt(chart, x, y) : null;
    }, 0);
  });

  it('softens the line over one pixel and mixes in linear light', async () => {
    const flatLine = { offset: 0.1, amplitude: 0, cycles: 1, phase: 0 };
    const thickness = 3.5;
    const opacity = 0.5;
    const got = await shot('flat', still({
      ...flatLine, style: 'line', opacity, thickness_px: thickness,
    }));
    const centre = sineHeight(flatLine, 0, FLAT_SIZE);
    assertClose(got, (x, y) => {
      const inside = thickness / 2 + 0.5 - Math.abs(y + 0.5 - centre);
      const cover = Math.min(Math.max(inside, 0), 1);
      return mix(FLAT_COLOR, LINE_COLOR, cover * opacity);
    }, TOLERANCE);
  });

  it('fills what lies below the curve', async () => {
    const got = await shot('chart', still({ style: 'fill', opacity: 0.75, thickness_px: 2 }));
    assertClose(got, (x, y) => {
      const distance = sineDistance(WAVE, x, y, chart, 4);
      if (distance < 2.5) return null;
      const under = pixelAt(chart, x, y);
      return y + 0.5 > sineHeight(WAVE, x, chart) ? mix(under, LINE_COLOR, 0.75) : under;
    }, TOLERANCE);
  });

  it('moves the columns of a warped picture by the wave', async () => {
    const got = await shot('chart', still({ style: 'warp', opacity: 1 }));
    const rest = chart.height / 2;
    assertClose(got, (x, y) => {
      const from = y + rest - sineHeight(WAVE, x, chart);
      if (from < 0 || from > chart.height - 1) return null;
      const above = pixelAt(chart, x, Math.floor(from));
      const below = pixelAt(chart, x, Math.ceil(from));
      return mix(above, below, from - Math.floor(from));
    }, TOLERANCE);
  });

  it('moves the curve as time goes by', async () => {
    const first = await shot('chart', still({ style: 'line', opacity: 1, speed: 1 }));
    await until(10_000, 'the curve to move', async () =>
      !first.data.equals((await stage.studio.screenshot('chart')).data));
  });

  it('grades colours by exposure, contrast and saturation', async () => {
    const grades = [
      { exposure_ev: 1 },
      { exposure_ev: -1.5 },
      { contrast: 1.5 },
      { saturation: 0 },
      { exposure_ev: 0.5, contrast: 0.75, saturation: 1.5 },
    ];
    await shot('chart', settings('color', {}));
    for (const grade of grades) {
      await stage.studio.setFilter('chart', FILTER, settings('color', grade));
      const got = await stage.studio.screenshot('chart');
      const what = JSON.stringify(grade);
      assertClose(got, (x, y) => color(grade, pixelAt(chart, x, y)), TOLERANCE, what);
    }
  });

  it('leaves a flat colour as it is however much it is blurred', async () => {
    await shot('flat', settings('gaussian_blur', {}));
    for (const sigma_px of [0.5, 3, 25, 100]) {
      const each = settings('gaussian_blur', { sigma_px });
      await stage.studio.setFilter('flat', FILTER, each);
      const got = await stage.studio.screenshot('flat');
      assertClose(got, () => FLAT_COLOR, 1, `sigma ${sigma_px}`);
    }
  });

  it('blurs a step into the error function', async () => {
    await shot('step', settings('gaussian_blur', {}));
    for (const sigma_px of [2, 5, 12]) {
      await stage.studio.setFilter('step', FILTER, settings('gaussian_blur', { sigma_px }));
      const got = await stage.studio.screenshot('step');
      assertClose(got, (x) => {
        const code = encodeSrgb(blurredStep(x, STEP_EDGE, sigma_px));
        return [code, code, code, 255];
      }, TOLERANCE, `sigma ${sigma_px}`);
    }
  });

  it('blurs premultiplied: an edge of nothing does not darken the colour', async () => {
    const got = await shot('cut', settings('gaussian_blur', { sigma_px: 4 }));
    assertClose(got, (x) => {
      const part = blurredStep(x, CUT_EDGE, 4);
      const [r, g, b] = CUT_COLOR.map((code) => encodeSrgb(decodeSrgb(code) * part));
      return [r, g, b, 255 * part];
    }, TOLERANCE);
  });
}
