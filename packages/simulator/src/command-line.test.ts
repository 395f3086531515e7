import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.js';

test('leaves everything to the defaults when nothing is asked for', () => {
  expect(parseCommandLine([])).toEqual({});
});

test('reads every flag', () => {
  const args = ['--brokers', 'dhan', '--port', '8080', '--state', 'dir', '--seed', '7', '--rate-limits', 'off'];
  expect(parseCommandLine([...args, '--clock', '2026-11-20T10:00:00+05:30'])).toEqual({
    brokers: ['dhan'],
    port: 8080,
    state: 'dir',
    seed: 7,
    startMs: Date.parse('2026-11-20T04:30:00Z'),
    dhan: { rateLimits: 'off' },
  });
});

test('refuses an instant without its zone', () => {
  expect(() => parseCommandLine(['--clock', '2026-11-20T10:00:00'])).toThrow(/with its zone/);
});

test('refuses flags it does not know', () => {
  expect(() => parseCommandLine(['--verbose'])).toThrow();
  expect(() => parseCommandLine(['dhan'])).toThrow();
});
