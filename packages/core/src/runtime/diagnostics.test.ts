import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import { createDiagnostics } from './diagnostics.js';
import type { DiagnosticsChannel } from './diagnostics-messages.js';

const MESSAGE = {
  userId: 'u1',
  broker: 'dhan',
  account: 'main',
  lane: 'reads',
  operation: 'read',
  what: 'waited',
  waitedMs: 5,
} as const;

function heardOn(name: DiagnosticsChannel): unknown[] {
  const heard: unknown[] = [];
  const listener = (message: unknown): void => void heard.push(message);
  subscribe(name, listener);
  onTestFinished(() => void unsubscribe(name, listener));
  return heard;
}

const unexpected = (_name: string, error: unknown): never => {
  throw error;
};

test('nothing is wanted while nobody listens', () => {
  const diagnostics = createDiagnostics({ manager: 'm1', onHookError: unexpected });
  expect(Object.values(diagnostics).map(({ wanted }) => wanted)).toEqual(Array.from({ length: 6 }, () => false));
});

test('a subscriber of the channel makes it wanted, for as long as it listens', () => {
  const { rate, call } = createDiagnostics({ manager: 'm1', onHookError: unexpected });
  const listener = (): void => undefined;
  subscribe('algo:rate', listener);
  expect([rate.wanted, call.wanted]).toEqual([true, false]);
  unsubscribe('algo:rate', listener);
  expect(rate.wanted).toBe(false);
});

test('a message reaches the channel and the hook, with the manager it is of', () => {
  const heard = heardOn('algo:rate');
  const hooked: unknown[] = [];
  const hooks = { onRate: (message: unknown) => void hooked.push(message) };
  const first = createDiagnostics({ manager: 'm1', hooks, onHookError: unexpected });
  const second = createDiagnostics({ manager: 'm2', onHookError: unexpected });
  first.rate.tell(MESSAGE);
  second.rate.tell(MESSAGE);
  expect(hooked).toEqual([{ manager: 'm1', ...MESSAGE }]);
  expect(heard).toEqual([
    { manager: 'm1', ...MESSAGE },
    { manager: 'm2', ...MESSAGE },
  ]);
});

test('a hook that throws, now or later, is reported and harms nobody', async () => {
  const errors: unknown[] = [];
  const onHookError = (name: string, error: unknown): void => void errors.push([name, String(error)]);
  const later: () => unknown = () => Promise.reject(new Error('later'));
  const throws = createDiagnostics({
    manager: 'm1',
    hooks: {
      onRate: () => {
        throw new Error('now');
      },
      onCall: later,
    },
    onHookError,
  });
  throws.rate.tell(MESSAGE);
  throws.call.tell({ ...MESSAGE, id: 1, phase: 'start' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([
    ['algo:rate', 'Error: now'],
    ['algo:call', 'Error: later'],
  ]);
});
