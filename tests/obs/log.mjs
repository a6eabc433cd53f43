/* What OBS's log may and may not say. */

/* Errors of OBS's own modules about this display and machine, none of which the filter touches. */
const OF_THE_MACHINE = [
  /Could not create dbus connection/,
  /window manager does not support Extended Window Manager Hints/,
  /os_dlopen\(libvlc/,
];

const lines = (text) => text.split('\n');

export const errorsIn = (text) =>
  lines(text)
    .filter((line) => line.startsWith('error: '))
    .filter((line) => !OF_THE_MACHINE.some((pattern) => pattern.test(line)));

export const pluginLines = (text) => lines(text).filter((line) => line.includes('[obs-hipfx]'));

export const pluginComplaints = (text) =>
  lines(text).filter((line) => /^(warning|error): .*hipfx/i.test(line));

/* Undefined if OBS did not come to count them. */
export function leaksIn(text) {
  const count = text.match(/Number of memory leaks: (\d+)/);
  return count ? Number(count[1]) : undefined;
}
