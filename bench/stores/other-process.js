import { fork } from 'node:child_process';

/**
 * Starts another process for this one to work with.
 *
 * @param {URL} path of a module that calls `serve`
 * @returns `next(kind)` gives the next message of that kind; the messages of one kind come in their order
 */
export function startOther(path, job) {
  const child = fork(path, [], { execArgv: [] });
  const inboxes = new Map();
  const inboxOf = (kind) => {
    if (!inboxes.has(kind)) inboxes.set(kind, { come: [], wanted: [] });
    return inboxes.get(kind);
  };
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let failure = null;
  const fail = (error) => {
    failure ??= error;
    for (const { wanted } of inboxes.values()) for (const { reject } of wanted.splice(0)) reject(failure);
  };
  child.on('message', ({ kind, ...message }) => {
    if (kind === 'failed') return fail(new Error(message.error));
    const { come, wanted } = inboxOf(kind);
    const first = wanted.shift();
    if (first === undefined) come.push(message);
    else first.resolve(message);
  });
  child.on('exit', (code) => fail(new Error(`the other process ended with ${code}`)));
  child.send({ kind: 'start', ...job });
  return {
    send: (message) => child.send(message),
    next(kind) {
      const { come, wanted } = inboxOf(kind);
      if (come.length > 0) return Promise.resolve(come.shift());
      if (failure !== null) return Promise.reject(failure);
      return new Promise((resolve, reject) => wanted.push({ resolve, reject }));
    },
    async close() {
      child.send({ kind: 'close' });
      await ended;
    },
  };
}

/**
 * The other side.
 *
 * @param {(job: any, tell: (message: object) => void) => Promise<Record<string, (message: any) => unknown>>} open gives what
 *   is done for each kind of message; `close` ends the process
 */
export function serve(open) {
  const tell = (message) => process.send?.(message);
  const fail = (error) => tell({ kind: 'failed', error: error instanceof Error ? error.stack : String(error) });
  let handlers;
  process.on('message', async ({ kind, ...message }) => {
    try {
      if (kind === 'start') {
        handlers = await open(message, tell);
        return tell({ kind: 'ready' });
      }
      await handlers[kind](message);
      if (kind === 'close') process.disconnect();
    } catch (error) {
      fail(error);
    }
  });
}

/** Microseconds of the machine's monotonic clock, which all processes share. */
export const sharedMicros = () => Number(process.hrtime.bigint() / 10n) / 100;
