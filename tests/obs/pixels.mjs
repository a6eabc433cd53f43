/* Pictures as RGBA bytes, and what tests say about them. */
import assert from 'node:assert/strict';
import pngjs from 'pngjs';

const { PNG } = pngjs;

/* A picture is {width, height, data}: rows from the top, four bytes a pixel. */
export function paint(width, height, pixel) {
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 4);
  return { width, height, data };
}

export const encodePng = (picture) => {
  const png = new PNG({ width: picture.width, height: picture.height });
  picture.data.copy(png.data);
  return PNG.sync.write(png);
};

export const decodePng = (bytes) => {
  const { width, height, data } = PNG.sync.read(bytes);
  return { width, height, data };
};

export const pixelAt = ({ width, data }, x, y) => {
  const at = (y * width + x) * 4;
  return [...data.subarray(at, at + 4)];
};

export function assertSameBytes(actual, expected, what = 'the picture') {
  const size = ({ width, height }) => `${width}x${height}`;
  assert.equal(size(actual), size(expected), `the size of ${what}`);
  assertClose(actual, (x, y) => pixelAt(expected, x, y), 0, what);
}

/* expected(x, y): [r, g, b, a] in codes from 0 to 255, fractions allowed, or null for "anything". */
export function assertClose(actual, expected, tolerance, what = 'the picture') {
  let checked = 0;
  for (let y = 0; y < actual.height; y++) {
    for (let x = 0; x < actual.width; x++) {
      const want = expected(x, y);
      if (!want) continue;
      checked++;
      const got = pixelAt(actual, x, y);
      if (want.some((value, i) => !(Math.abs(got[i] - value) <= tolerance))) {
        const shown = want.map((value) => Number(value.toFixed(2)));
        assert.fail(`${what} at ${x},${y}: [${got}], not [${shown}] within ${tolerance}`);
      }
    }
  }
  assert.ok(checked > 0, `${what}: no pixel was checked`);
}

export function countColors({ data }) {
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) seen.add(data.readUInt32LE(at));
  return seen.size;
}
