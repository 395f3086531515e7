import { expect, test } from 'vitest';
import { createSecretWatch } from '../src/conformance/secret-watch.js';

const SECRET = 'p/ss+w"rd?é>~1';

const holds = (secret: string, text: string): boolean => {
  const watch = createSecretWatch();
  watch.remember(secret);
  try {
    watch.assertHoldsNone(text, 'the text');
    return false;
  } catch {
    return true;
  }
};

const bytes = Buffer.from(SECRET);

test.each([
  ['as it is', SECRET],
  ['URL-encoded', `https://api.example/?key=${encodeURIComponent(SECRET)}&x=1`],
  ['in JSON', JSON.stringify({ key: SECRET })],
  ['in base64', `Basic ${bytes.toString('base64')}`],
  ['in base64url', bytes.toString('base64url')],
  ['in hex', bytes.toString('hex')],
  ['in capital hex', bytes.toString('hex').toUpperCase()],
])('finds a secret %s', (_spelling, text) => {
  expect(holds(SECRET, text)).toBe(true);
  expect(holds(`${SECRET}2`, text)).toBe(false);
});

test('takes a short one for itself only where it stands alone', () => {
  expect(holds('1234', 'pin=1234')).toBe(true);
  expect(holds('1234', 'order 261112345')).toBe(false);
});

test('does not tell the secret it found', () => {
  const watch = createSecretWatch();
  watch.remember(SECRET);
  const lines: string[] = [];
  watch.loggerInto(lines).warn('event', { key: SECRET });
  expect(lines).toHaveLength(1);
  expect(() => watch.assertNoneLogged()).toThrow(/^the log line event holds a secret, as it is$/);
});
