/* OBS's windows on the test's display, seen through xdotool and ImageMagick. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { decodePng } from './pixels.mjs';
import { until } from './processes.mjs';

const execute = promisify(execFile);

const onDisplay = (display, program, ...args) =>
  execute(program, args, { env: { ...process.env, DISPLAY: display }, timeout: 20_000 });

/* The id of the visible window with this text in its title. */
export function waitForWindow(display, title) {
  return until(20_000, `a window "${title}"`, async () => {
    try {
      const found = await onDisplay(display, 'xdotool', 'search', '--onlyvisible', '--name', title);
      return found.stdout.trim().split('\n')[0] || false;
    } catch (error) {
      if (error.code === 1) return false;
      throw error;
    }
  });
}

export const resizeWindow = (display, id, { width, height }) =>
  onDisplay(display, 'xdotool', 'windowmove', id, '0', '0', 'windowsize', id, width, height);

export async function saveWindow(display, id, file) {
  await onDisplay(display, 'import', '-window', id, `png32:${file}`);
  return decodePng(readFileSync(file));
}
