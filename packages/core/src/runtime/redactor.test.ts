import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogFields, Logger } from './logger.js';
import { createRedactor, redactingLogger } from './redactor.js';
import { Secret } from './secret.js';

/** Awkward on purpose: needs padding, URL escapes and JSON escapes. */
const VALUE = 'p+q/r=?"s\\t & ü';

function knowing(...values: readonly string[]) {
  const redactor = createRedactor();
  for (const value of values) redactor.remember(new Secret(value));
  return redactor;
}

const bytes = (value: string): Buffer => Buffer.from(value, 'utf8');
const formOf = (value: string): string => new URLSearchParams({ value }).toString().slice('value='.length);
const lowerEscapes = (text: string): string => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
const SHAPES: readonly (readonly [string, (value: string) => string])[] = [
  ['raw', (value) => value],
  ['base64', (value) => bytes(value).toString('base64')],
  ['base64 without padding', (value) => bytes(value).toString('base64').replace(/=+$/, '')],
  ['base64url', (value) => bytes(value).toString('base64url')],
  ['lower hex', (value) => bytes(value).toString('hex')],
  ['upper hex', (value) => bytes(value).toString('hex').toUpperCase()],
  ['URL-encoded', (value) => encodeURIComponent(value)],
  ['JSON-escaped', (value) => JSON.stringify(value).slice(1, -1)],
  ['JSON-escaped, slashes too', (value) => JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
  ['URL-encoded in lower case', (value) => lowerEscapes(encodeURIComponent(value))],
  ['form-encoded', (value) => formOf(value)],
  ['form-encoded in lower case', (value) => lowerEscapes(formOf(value))],
  ['base64, then URL-encoded', (value) => encodeURIComponent(bytes(value).toString('base64'))],
  ['base64, then URL-encoded in lower case', (value) => lowerEscapes(formOf(bytes(value).toString('base64')))],
  ['base64, then JSON-escaped, slashes too', (value) => bytes(value).toString('base64').replaceAll('/', '\\/')],
];

test.each(SHAPES)('takes a secret out in its %s form, wherever it stands', (_name, shape) => {
  const scrubbed = knowing(VALUE).scrub(`before ${shape(VALUE)} and again ${shape(VALUE)}; after`);
  expect(scrubbed).toBe('before [secret] and again [secret]; after');
});

test('leaves no form of any secret in any text', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 });
  fc.assert(
    fc.property(text, fc.constantFrom(...SHAPES), fc.string(), fc.string(), (value, [, shape], before, after) => {
      fc.pre(
        value.length >= 4 && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value) && !'[secret]'.includes(value),
      );
      fc.pre(value.isWellFormed());
      const scrubbed = knowing(value).scrub(`${before}<${shape(value)}>${after}`);
      expect(scrubbed).toContain('[secret]');
      expect(scrubbed).not.toContain(`<${shape(value)}>`);
    }),
    { numRuns: 500 },
  );
});

test('takes several secrets out of one text', () => {
  expect(knowing('alpha-secret', 'beta-secret').scrub('alpha-secret:beta-secret')).toBe('[secret]:[secret]');
});

test.each([
  ['at its start', '1234', '1234enSECRETtail'],
  ['in its middle', '1234', 'tok1234enSECRETtail'],
  ['at its end', 'tail', 'tok1234enSECRETtail'],
  ['again and again', 'aaaa', 'aaaaaaaaaaaaaaab'],
])('a short secret that stands %s of a longer one leaves no rest of it', (_where, short, long) => {
  for (const redactor of [knowing(short, long), knowing(long, short)]) {
    expect(redactor.scrub(`<${long}>`)).toBe('<[secret]>');
    expect(redactor.scrub(`<${bytes(long).toString('base64')}>`)).toBe('<[secret]>');
    expect(redactor.scrub(`<${short}>`)).toBe('<[secret]>');
  }
});

test('a secret of which the base64 holds signs is taken out however that base64 is written', () => {
  const value = '???>>>~~~'; // base64: Pz8/Pj4+fn5+
  const base64 = bytes(value).toString('base64');
  expect(base64).toMatch(/\/.*\+/);
  const shapes = [base64, encodeURIComponent(base64), lowerEscapes(encodeURIComponent(base64)), formOf(base64)];
  const text = [...shapes, base64.replaceAll('/', '\\/'), bytes(value).toString('base64url')].join(' ');
  expect(knowing(value).scrub(text)).toBe('[secret] [secret] [secret] [secret] [secret] [secret]');
});

test('leaves a text without secrets as it is', () => {
  expect(knowing(VALUE).scrub('order 1234 at 102.75')).toBe('order 1234 at 102.75');
});

test('does not remember what is too short to be a credential', () => {
  const redactor = knowing('123', '');
  expect(redactor.scrub('quantity 123')).toBe('quantity 123');
  expect(() => redactor.forget(new Secret('123'))).not.toThrow();
});

test('forgets when the last holder let go, and not before', () => {
  const redactor = knowing(VALUE, VALUE);
  redactor.forget(new Secret(VALUE));
  expect(redactor.scrub(VALUE)).toBe('[secret]');
  redactor.forget(new Secret(VALUE));
  expect(redactor.scrub('p+q/r=?')).toBe('p+q/r=?');
  expect(redactor.scrub(VALUE)).toBe(VALUE);
  redactor.forget(new Secret(VALUE));
  redactor.remember(new Secret(VALUE));
  expect(redactor.scrub(VALUE)).toBe('[secret]'); // one forget too many takes nothing from the next holder
});

test('control characters cannot forge a line of the log', () => {
  const forged = 'rejected\r\n{"level":"info","event":"order-accepted"}\u2028x\u2029y\u0085z\u001b[2Kw\u0000';
  const scrubbed = createRedactor().scrub(forged);
  expect(scrubbed).toBe('rejected {"level":"info","event":"order-accepted"} x y z [2Kw ');
});

test('a logger behind it gets clean strings, and everything else untouched', () => {
  const lines: { readonly level: string; readonly event: string; readonly fields: LogFields | undefined }[] = [];
  const at =
    (level: string) =>
    (event: string, ...rest: [LogFields?]): void =>
      void lines.push({ level, event, fields: rest.length === 0 ? undefined : rest[0] });
  const target: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const logger = redactingLogger(target, knowing(VALUE));

  logger.debug('a');
  logger.info('b', { text: `token ${VALUE}`, count: 7, flag: true, nothing: null });
  logger.warn('c', { text: 'two\nlines' });
  logger.error('d', {});

  expect(lines).toEqual([
    { level: 'debug', event: 'a', fields: undefined },
    { level: 'info', event: 'b', fields: { text: 'token [secret]', count: 7, flag: true, nothing: null } },
    { level: 'warn', event: 'c', fields: { text: 'two lines' } },
    { level: 'error', event: 'd', fields: {} },
  ]);
});

/** Shaped as tokens of one broker are: all begin alike. */
const tokenOf = (number: number): string =>
  `eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.${'cGF5bG9hZA'.repeat(20)}.${number}-sig`;

test('knows each of thousands of secrets, in every form, and forgets the one that was let go', () => {
  const redactor = createRedactor();
  for (let number = 0; number < 3_000; number += 1) redactor.remember(new Secret(tokenOf(number)));
  redactor.forget(new Secret(tokenOf(1_234)));

  expect(redactor.scrub(`<${tokenOf(1_234)}>`)).toBe(`<${tokenOf(1_234)}>`);
  for (const number of [0, 1_233, 1_235, 2_999]) {
    for (const [, shape] of SHAPES) expect(redactor.scrub(`<${shape(tokenOf(number))}>`)).toBe('<[secret]>');
    expect(redactor.scrub(`refused: ${tokenOf(number).slice(0, -5)}`)).toBe('refused: [secret]');
  }
});

test('thousands of secrets that come and go leave nothing to look for', () => {
  const redactor = createRedactor();
  const all = Array.from({ length: 3_000 }, (_, number) => new Secret(tokenOf(number)));
  for (const secret of all) redactor.remember(secret);
  for (const secret of all) redactor.forget(secret);
  redactor.remember(new Secret('another'));
  for (const number of [0, 1_500, 2_999]) expect(redactor.scrub(tokenOf(number))).toBe(tokenOf(number));
});

test.each([
  ['that overlaps another', 'abcdefgh', 'efghijkl', '<abcdefghijkl>', '<[secret]>'],
  ['right behind another', 'abcdefgh', 'ijklmnop', '<abcdefghijklmnop>', '<[secret][secret]>'],
  ['inside a cut one', 'efgh', 'abcdefghijklmnop', '<abcdefghijkl', '<[secret]'],
])('a secret %s leaves nothing of either', (_where, one, other, text, expected) => {
  expect(knowing(one, other).scrub(text)).toBe(expected);
  expect(knowing(other, one).scrub(text)).toBe(expected);
});

test('a value that cannot be URL-encoded is taken out all the same', () => {
  expect(knowing('half\ud83d-secret').scrub('<half\ud83d-secret>')).toBe('<[secret]>');
});
