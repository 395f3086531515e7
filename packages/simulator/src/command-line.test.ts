import { expect, test } from 'vitest';
import { parseCommandLine, restoreFlags } from './command-line.js';

test('leaves everything to the defaults when nothing is asked for', () => {
  expect(parseCommandLine([])).toEqual({});
});

test('reads several brokers, and all of them', () => {
  expect(parseCommandLine(['--brokers', 'angel, kotak'])).toEqual({ brokers: ['angel', 'kotak'] });
  expect(parseCommandLine(['--brokers', 'all'])).toEqual({ brokers: ['jainam', 'dhan', 'angel', 'kotak'] });
});

test('reads every flag', () => {
  const args = ['--brokers', 'dhan', '--port', '8080', '--state', 'dir', '--seed', '7', '--rate-limits', 'off'];
  expect(parseCommandLine([...args, '--clock', '2026-11-20T10:00:00+05:30'])).toEqual({
    brokers: ['dhan'],
    port: 8080,
    state: 'dir',
    seed: 7,
    startMs: Date.parse('2026-11-20T04:30:00Z'),
    jainam: { rateLimits: 'off' },
    dhan: { rateLimits: 'off' },
    angel: { rateLimits: 'off' },
    kotak: { rateLimits: 'off' },
  });
});

test('refuses an instant without its zone', () => {
  expect(() => parseCommandLine(['--clock', '2026-11-20T10:00:00'])).toThrow(/with its zone/);
});

test('refuses flags it does not know', () => {
  expect(() => parseCommandLine(['--verbose'])).toThrow();
  expect(() => parseCommandLine(['dhan'])).toThrow();
});

test('flags that npx took for its own are put together again from its environment', () => {
  const environment = {
    npm_command: 'exec',
    npm_config_brokers: 'true',
    npm_config_port: 'true',
    npm_config_state: 'true',
    npm_config_clock: 'now',
  };
  expect(restoreFlags(['dhan', '0', 'folder'], environment)).toEqual([
    '--clock',
    'now',
    '--brokers',
    'dhan',
    '--port',
    '0',
    '--state',
    'folder',
  ]);
});

test('a command line that is whole is left as it is', () => {
  const environment = { npm_command: 'exec', npm_config_port: 'true' };
  expect(restoreFlags(['--port', '0'], environment)).toEqual(['--port', '0']);
  expect(restoreFlags(['dhan', '0'], {})).toEqual(['dhan', '0']);
  expect(restoreFlags(['dhan', '0'], { npm_command: 'exec', npm_config_port: 'true' })).toEqual(['dhan', '0']);
});
