import { expect, test } from 'vitest';
import { Secret } from '../runtime/secret.js';
import { readSecrets, readSession, writeSecrets, writeSession } from './sealed-text.js';

const session = {
  clientId: 'C1',
  secrets: { token: new Secret('canary') },
  facts: { base: 'https://x' },
  issuedAtMs: 1,
  expiresAtMs: null,
  renewable: true,
};

test('secrets come back as secrets', () => {
  const read = readSecrets(writeSecrets({ token: new Secret('t1'), pin: new Secret('') }));
  expect(Object.keys(read)).toEqual(['token', 'pin']);
  expect([read['token']?.reveal(), read['pin']?.reveal()]).toEqual(['t1', '']);
  expect(JSON.stringify(read)).not.toContain('t1');
});

test('a session comes back as it was, with the credentials it came from', () => {
  const stored = readSession(writeSession({ session, origin: 'store:7' }));
  expect(stored.origin).toBe('store:7');
  expect(stored.session.secrets['token']?.reveal()).toBe('canary');
  expect({ ...stored.session, secrets: null }).toEqual({ ...session, secrets: null });
});

test('a session that version 0.1 sealed came from the stored credentials', () => {
  const { secrets: _secrets, ...rest } = session;
  const text = JSON.stringify({ ...rest, secrets: { token: 'canary' }, credentialVersion: 7 });
  expect(readSession(text).origin).toBe('store:7');
});

test.each(['{}', '[]', 'null', '{"token":7}', 'no json'])('%s is no session and no set of secrets', (text) => {
  expect(() => readSession(text)).toThrow();
  if (text !== '{}') expect(() => readSecrets(text)).toThrow();
});
