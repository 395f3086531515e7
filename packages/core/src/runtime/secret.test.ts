import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { isSecret, Secret } from './secret.js';

const VALUE = 'canary-7f3a9c-token';
const secret = new Secret(VALUE);

function printed(...values: unknown[]): string {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  new Console(stream, stream).log(...values);
  return text;
}

test('only reveal gives the value', () => {
  expect(secret.reveal()).toBe(VALUE);
});

test.each<readonly [string, () => string]>([
  ['String()', () => String(secret)],
  ['a template', () => `${secret}`],
  ['adding a text', () => '' + String(secret)],
  ['toString', () => secret.toString()],
  ['JSON', () => JSON.stringify(secret)],
  ['JSON inside something', () => JSON.stringify({ a: [secret], b: { c: secret } })],
  ['inspect', () => inspect(secret)],
  ['inspect in depth', () => inspect({ a: [{ b: secret }] }, { depth: 9, showHidden: true, getters: true })],
  ['inspect without custom printing', () => inspect(secret, { customInspect: false, showHidden: true })],
  ['format %s', () => format('%s', secret)],
  ['format %o', () => format('%o', secret)],
  ['format %O', () => format('%O', { secret })],
  ['format %j', () => format('%j', { secret })],
  ['console.log', () => printed(secret, { secret }, [secret], new Map([['k', secret]]))],
  ['a spread copy', () => JSON.stringify({ ...secret }) + inspect({ ...secret }, { showHidden: true })],
  ['structuredClone', () => inspect(structuredClone({ secret }), { showHidden: true, depth: 9 })],
  ['own keys', () => inspect(Reflect.ownKeys(secret))],
  ['own values', () => inspect([...Object.values(secret), ...Object.entries(secret)])],
  ['v8 serialisation', () => serialize({ ...secret }).toString('latin1')],
  ['an error message', () => String(new Error(`failed with ${secret}`))],
  ['joining', () => [secret, secret].join(',')],
])('is not seen through %s', (_way, show) => {
  expect(show()).not.toContain(VALUE);
  expect(show()).not.toContain('canary');
});

test('prints as a mask, so that a reader knows something was there', () => {
  expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual(['[secret]', '"[secret]"', '[secret]']);
});

test('has no key that could be listed', () => {
  expect(Object.keys(secret)).toEqual([]);
});

test('a secret of another copy of core is known by its brand', () => {
  const foreign = { [Symbol.for('algo.secret')]: true, reveal: () => 'x' };
  expect(isSecret(secret)).toBe(true);
  expect(isSecret(foreign)).toBe(true);
});

test.each([null, undefined, 'text', 7, {}, [], () => 'x', { reveal: () => 'x' }])('%o is no secret', (value) => {
  expect(isSecret(value)).toBe(false);
});
