/* A running OBS Studio: start, requests over its websocket, a clean quit. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { OBSWebSocket } from 'obs-websocket-js';
import { start, until, within } from './processes.mjs';

const START_MS = 60_000;
const REQUEST_MS = 20_000;
const QUIT_MS = 30_000;

const ARGUMENTS = ['--multi', '--disable-updater', '--disable-missing-files-check'];

async function connect(port, exited) {
  const socket = new OBSWebSocket();
  let ended;
  exited.then((how) => { ended = how; });
  await until(START_MS, 'the websocket of OBS', async () => {
    if (ended) throw new Error(`OBS ended at its start: ${JSON.stringify(ended)}`);
    try {
      await socket.connect(`ws://127.0.0.1:${port}`);
      return true;
    } catch (error) {
      if (error.code > 0 && error.code !== 1006) throw error;
      return false;
    }
  });
  return socket;
}

/* home: from makeHome(); display: an X display's name; log: the file that OBS's output goes to. */
export async function startObs({ home, display, port, log }) {
  const environment = { ...process.env, ...home.environment, DISPLAY: display };
  environment.QT_QPA_PLATFORM = 'xcb';
  environment.LC_ALL = 'C.UTF-8';
  delete environment.WAYLAND_DISPLAY;

  const output = openSync(log, 'w');
  const obs = start('obs', ARGUMENTS, { env: environment, stdio: ['ignore', output, output] });
  closeSync(output);

  let socket;
  try {
    socket = await connect(port, obs.exited);
  } catch (error) {
    await obs.kill();
    throw error;
  }

  const call = (request, data) => within(REQUEST_MS, request, socket.call(request, data));
  const kill = async () => {
    await socket.disconnect();
    await obs.kill();
  };

  return {
    pid: obs.child.pid,
    call,
    kill,
    logText: () => readFileSync(log, 'utf8'),

    /* SIGINT is OBS's own way to quit without its window: the handler closes the main window. */
    quit: async () => {
      await socket.disconnect();
      obs.child.kill('SIGINT');
      return within(QUIT_MS, 'OBS to quit', obs.exited);
    },
  };
}
