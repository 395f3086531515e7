import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEmitter } from './emitter.js';

interface Events {
  tick: number;
  name: string;
}

function start() {
  const errors: { readonly name: keyof Events; readonly error: unknown }[] = [];
  const emitter = createEmitter<Events>((name, error) => errors.push({ name, error }));
  return { emitter, errors, heard: [] as unknown[] };
}

test('tells every listener of that name, in the order they came, and no other', () => {
  const { emitter, heard } = start();
  emitter.on('tick', (event) => heard.push(['a', event]));
  emitter.on('tick', (event) => heard.push(['b', event]));
  emitter.on('name', (event) => heard.push(['c', event]));
  emitter.emit('tick', 1);
  expect(heard).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('an event nobody listens to is no error', () => {
  const { emitter, errors } = start();
  emitter.emit('tick', 1);
  expect(errors).toEqual([]);
});

test('a listener that throws harms neither who emits nor the next listener, and is reported', () => {
  const { emitter, errors, heard } = start();
  const failure = new Error('mine');
  emitter.on('tick', () => {
    throw failure;
  });
  emitter.on('tick', (event) => heard.push(event));
  expect(() => emitter.emit('tick', 7)).not.toThrow();
  expect(heard).toEqual([7]);
  expect(errors).toEqual([{ name: 'tick', error: failure }]);
});

test('a listener whose promise rejects is reported and leaves no unhandled rejection', async () => {
  const { emitter, errors } = start();
  const failure = new Error('later');
  const listener: (event: string) => unknown = async () => {
    throw failure;
  };
  emitter.on('name', listener);
  emitter.emit('name', 'x');
  await turn();
  expect(errors).toEqual([{ name: 'name', error: failure }]);
});

test('who unsubscribed hears nothing more; doing it twice takes nobody else away', () => {
  const { emitter, heard } = start();
  const listener = (event: number): void => void heard.push(event);
  const off = emitter.on('tick', listener);
  emitter.on('tick', listener); // the same function, a subscription of its own
  off();
  off();
  emitter.emit('tick', 1);
  expect(heard).toEqual([1]);
});

test('unsubscribing while an event is told skips nobody else', () => {
  const { emitter, heard } = start();
  const off = emitter.on('tick', () => {
    heard.push('first');
    off();
  });
  emitter.on('tick', () => heard.push('second'));
  emitter.on('tick', () => heard.push('third'));
  emitter.emit('tick', 1);
  emitter.emit('tick', 2);
  expect(heard).toEqual(['first', 'second', 'third', 'second', 'third']);
});

test('who subscribes while an event is told hears the next one', () => {
  const { emitter, heard } = start();
  let added = false;
  emitter.on('tick', (event) => {
    heard.push(['old', event]);
    if (!added) emitter.on('tick', (later) => heard.push(['new', later]));
    added = true;
  });
  emitter.emit('tick', 1);
  emitter.emit('tick', 2);
  expect(heard).toEqual([
    ['old', 1],
    ['old', 2],
    ['new', 2],
  ]);
});

test('clearing lets go of every listener', () => {
  const { emitter, heard } = start();
  const off = emitter.on('tick', (event) => heard.push(event));
  emitter.clear();
  emitter.emit('tick', 1);
  off();
  expect(heard).toEqual([]);
});
