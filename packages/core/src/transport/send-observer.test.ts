import { channel } from 'node:diagnostics_channel';
import { onTestFinished, expect, test } from 'vitest';
import { SendObserver } from './send-observer.js';

const created = channel('undici:request:create');
const writing = channel('undici:client:sendHeaders');

function observer(): SendObserver {
  const made = new SendObserver();
  onTestFinished(() => made.close());
  return made;
}

function watch() {
  const seen = { wrote: 0, lost: 0 };
  return { seen, wrote: () => void (seen.wrote += 1), loseSight: () => void (seen.lost += 1) };
}

test('sees the write of the request that was made inside, and of no other', () => {
  const watching = observer();
  const mine = { path: '/mine' };
  const other = { path: '/mine' };
  const { seen, ...handlers } = watch();
  created.publish({ request: other });
  watching.watch(handlers, () => created.publish({ request: mine }));
  writing.publish({ request: other });
  expect(seen).toEqual({ wrote: 0, lost: 0 });
  writing.publish({ request: mine });
  expect(seen).toEqual({ wrote: 1, lost: 0 });
});

test('keeps two requests apart that are watched at once', () => {
  const watching = observer();
  const [first, second] = [{}, {}];
  const [a, b] = [watch(), watch()];
  watching.watch(a, () => created.publish({ request: first }));
  watching.watch(b, () => created.publish({ request: second }));
  writing.publish({ request: second });
  expect([a.seen.wrote, b.seen.wrote]).toEqual([0, 1]);
});

test('a request that is not made at once is out of sight', () => {
  const watching = observer();
  const { seen, ...handlers } = watch();
  watching.watch(handlers, () => undefined);
  expect(seen).toEqual({ wrote: 0, lost: 1 });
  created.publish({ request: {} }); // made later: nobody knows whose it is
  expect(seen).toEqual({ wrote: 0, lost: 1 });
});

test('a dispatch that throws is out of sight, and the next one is watched as usual', () => {
  const watching = observer();
  const lost = watch();
  const dispatch = (): void => {
    throw new Error('no');
  };
  expect(() => watching.watch(lost, dispatch)).toThrow('no');
  expect(lost.seen.lost).toBe(1);

  const mine = {};
  const next = watch();
  watching.watch(next, () => created.publish({ request: mine }));
  writing.publish({ request: mine });
  expect([lost.seen.wrote, next.seen.wrote, next.seen.lost]).toEqual([0, 1, 0]);
});

test.each([null, undefined, 7, 'x', {}, { request: null }, { request: 'x' }])(
  'a message of another form (%o) is no request',
  (message) => {
    const watching = observer();
    const { seen, ...handlers } = watch();
    watching.watch(handlers, () => created.publish(message));
    expect(() => writing.publish(message)).not.toThrow();
    expect(seen).toEqual({ wrote: 0, lost: 1 });
  },
);

test('two managers in one process both see their own', () => {
  const [one, two] = [observer(), observer()];
  const [first, second] = [{}, {}];
  const [a, b] = [watch(), watch()];
  one.watch(a, () => created.publish({ request: first }));
  two.watch(b, () => created.publish({ request: second }));
  writing.publish({ request: first });
  writing.publish({ request: second });
  expect([a.seen, b.seen]).toEqual([
    { wrote: 1, lost: 0 },
    { wrote: 1, lost: 0 },
  ]);
});

test('closed, it sees nothing any more and calls that out of sight', () => {
  const watching = new SendObserver();
  watching.close();
  const { seen, ...handlers } = watch();
  watching.watch(handlers, () => created.publish({ request: {} }));
  expect(seen).toEqual({ wrote: 0, lost: 1 });
});
