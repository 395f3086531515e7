import { expect, test } from 'vitest';
import { createEmitter } from './emitter.js';
import { EventStreams } from './event-stream.js';
import type { EventStream, EventStreamOptions } from './event-stream.js';

interface Events {
  tick: number | null;
}

function start() {
  const emitter = createEmitter<Events>(() => undefined);
  const streams = new EventStreams();
  let listening = 0;
  const open = (options?: EventStreamOptions) =>
    streams.open<number | null>((listener) => {
      listening += 1;
      const off = emitter.on('tick', listener);
      return () => {
        listening -= 1;
        off();
      };
    }, options);
  const emit = (...events: readonly (number | null)[]): void => {
    for (const event of events) emitter.emit('tick', event);
  };
  return { streams, open, emit, listening: () => listening };
}

async function rest<Event>(stream: EventStream<Event>): Promise<readonly Event[]> {
  const seen: Event[] = [];
  for await (const event of stream) seen.push(event);
  return seen;
}

test('gives every event in order, those that came before the reader and those it waited for', async () => {
  const { streams, open, emit } = start();
  const stream = open();
  emit(1, null);
  expect(await stream.next()).toEqual({ value: 1, done: false });
  expect(await stream.next()).toEqual({ value: null, done: false });
  const two = [stream.next(), stream.next()];
  emit(3, 4, 5);
  expect(await Promise.all(two)).toEqual([
    { value: 3, done: false },
    { value: 4, done: false },
  ]);
  streams.close();
  expect(await rest(stream)).toEqual([5]);
  expect(stream.lost).toBe(0);
});

test('a slow reader loses the oldest, is told how many, and goes on with the newest', async () => {
  const { streams, open, emit } = start();
  const stream = open({ buffer: 3 });
  emit(1, 2, 3, 4, 5);
  expect(stream.lost).toBe(2);
  expect(await stream.next()).toEqual({ value: 3, done: false });
  emit(6, 7);
  expect(stream.lost).toBe(3);
  streams.close();
  expect(await rest(stream)).toEqual([5, 6, 7]);
});

test.each([
  ['its source closes', ({ streams }: ReturnType<typeof start>) => streams.close()],
  ['it is closed', (_: unknown, stream: EventStream<unknown>) => stream.close()],
  ['its signal aborts', (_: unknown, __: unknown, abort: AbortController) => abort.abort()],
])('ends when %s: who waits is told, and nobody listens any more', async (_what, end) => {
  const started = start();
  const abort = new AbortController();
  const stream = started.open({ signal: abort.signal });
  const waiting = [stream.next(), stream.next()];
  end(started, stream, abort);
  expect(await Promise.all(waiting)).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ]);
  expect(await stream.next()).toEqual({ value: undefined, done: true });
  expect([started.listening(), started.streams.size]).toEqual([0, 0]);
  started.emit(1);
  expect(await stream.next()).toEqual({ value: undefined, done: true });
});

test('a reader who breaks off leaves no listener and nothing kept', async () => {
  const { streams, open, emit, listening } = start();
  const stream = open();
  emit(1, 2, 3);
  for await (const event of stream) if (event === 2) break;
  expect([listening(), streams.size]).toEqual([0, 0]);
  expect(await stream.next()).toEqual({ value: undefined, done: true });
});

test('a signal that was aborted before gives nothing and listens to nothing', async () => {
  const { open, listening } = start();
  expect(await rest(open({ signal: AbortSignal.abort() }))).toEqual([]);
  expect(listening()).toBe(0);
});

test('two readers of one event each hear all of it', async () => {
  const { streams, open, emit } = start();
  const [first, second] = [open(), open({ buffer: 1 })];
  emit(1, 2);
  streams.close();
  expect(await rest(first)).toEqual([1, 2]);
  expect(await rest(second)).toEqual([2]);
});

test('a buffer that holds nothing is refused', () => {
  const { open, listening } = start();
  for (const buffer of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => open({ buffer })).toThrow(expect.objectContaining({ code: 'ALGO_INVALID_INPUT' }) as Error);
  }
  expect(listening()).toBe(0);
});
