/* Child processes that never outlive the test, a virtual display, and waits that end. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();

/* A group per child, so that what the child started goes with it. */
function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

process.on('exit', () => running.forEach((child) => killGroup(child, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/* Starts a program. `exited` resolves with {code, signal}, or with {error} if it did not start. */
export function start(program, args, options) {
  const child = spawn(program, args, { ...options, detached: true });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('exit', (code, signal) => {
      killGroup(child, 'SIGKILL');
      running.delete(child);
      resolve({ code, signal });
    });
  });
  if (child.pid) running.add(child);
  return {
    child,
    exited,
    kill: async () => {
      if (running.has(child)) killGroup(child, 'SIGKILL');
      await exited;
    },
  };
}

/* The promise's value, or an error that names what was waited for. */
export async function within(milliseconds, what, promise) {
  const timer = new AbortController();
  const late = sleep(milliseconds, null, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`${what}: nothing after ${milliseconds} ms`)),
    () => undefined,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/* Calls `probe` until it gives something other than undefined or false. */
export async function until(milliseconds, what, probe) {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not so after ${milliseconds} ms`);
    await sleep(50);
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/* Xvfb picks a free display number and writes it to descriptor 3. */
export async function startDisplay({ width, height }) {
  const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'];
  const server = start('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const number = new Promise((resolve, reject) => {
    server.child.stdio[3].once('data', (text) => resolve(String(text).trim()));
    server.exited.then(({ error, code }) =>
      reject(error ?? new Error(`Xvfb ended with status ${code}`)));
  });
  const name = `:${await within(10_000, 'Xvfb', number)}`;
  return { name, stop: server.kill };
}
