/* What each effect must do to a picture, from its formula and in double precision. */

export const decodeSrgb = (code) => {
  const v = code / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

export const encodeSrgb = (linear) => {
  const v = Math.min(Math.max(linear, 0), 1);
  return 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
};

/* OBS's 0xAABBGGRR. */
export const obsColor = ([r, g, b, a = 255]) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;

/* From `under` to `over` by `part`, in linear light. Opaque pixels. */
export const mix = (under, over, part) =>
  under.map((code, i) =>
    i === 3 ? code : encodeSrgb(decodeSrgb(code) * (1 - part) + decodeSrgb(over[i]) * part));

/* The height of the curve over column x, for a clock that stands still; y grows downwards. */
export const sineHeight = ({ offset, amplitude, cycles, phase }, x, { width, height }) =>
  height * (0.5 + offset) +
  amplitude * height * Math.sin((2 * Math.PI * cycles * (x + 0.5)) / width + phase);

/* How far a pixel's centre lies from the curve, across it. Of the curve's points, only those less
 * than `reach` columns away are looked at; Infinity where there are none nearer than that. */
export function sineDistance(wave, x, y, size, reach) {
  let nearest = Infinity;
  for (let dx = -reach; dx <= reach; dx += 0.125) {
    const dy = sineHeight(wave, x + dx, size) - (y + 0.5);
    nearest = Math.min(nearest, Math.hypot(dx, dy));
  }
  return nearest <= reach ? nearest : Infinity;
}

const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

export function color({ exposure_ev = 0, contrast = 1, saturation = 1 }, [r, g, b, a]) {
  const graded = [r, g, b].map((code) => {
    const exposed = decodeSrgb(code) * 2 ** exposure_ev;
    return 0.18 * (exposed / 0.18) ** contrast;
  });
  const grey = luminance(graded);
  return [...graded.map((v) => encodeSrgb(grey + (v - grey) * saturation)), a];
}

/* The error function to 1.5e-7: Abramowitz and Stegun 7.1.26. */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    t * (0.254829592 +
      t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
}

/* A step from 0 to 1 at `edge`, blurred, at the centre of column x. */
export const blurredStep = (x, edge, sigma) =>
  0.5 * (1 + erf((x + 0.5 - edge) / (sigma * Math.SQRT2)));
