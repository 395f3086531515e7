import { expect, test } from 'vitest';
import { isAlgoError } from '../errors/algo-error.js';
import { checkOrigin } from './origins.js';

const HOSTS = ['api.broker.test', 'auth.broker.test'];

function codeOf(origin: string): string | null {
  try {
    checkOrigin(origin, HOSTS);
    return null;
  } catch (error) {
    return isAlgoError(error) ? error.code : 'another error';
  }
}

test.each([
  'https://api.broker.test',
  'https://auth.broker.test',
  'https://api.broker.test:8443',
  'http://127.0.0.1:8080',
  'http://127.0.0.1',
  'https://127.0.0.1:1',
  'http://127.8.9.10:99',
  'http://[::1]:8080',
])('%s is allowed', (origin) => {
  expect(codeOf(origin)).toBeNull();
});

test.each([
  // Not listed, or nearly.
  'https://evil.test',
  'https://broker.test',
  'https://xapi.broker.test',
  'https://api.broker.test.evil.test',
  'https://api.broker.test.',
  'https://api-broker.test',
  // Not https.
  'http://api.broker.test',
  'ws://api.broker.test',
  'ftp://api.broker.test',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  // A user in it, or something that looks like one.
  'https://user@api.broker.test',
  'https://user:password@api.broker.test',
  'https://api.broker.test@evil.test',
  'https://api.broker.test:443@evil.test',
  'http://user@127.0.0.1',
  // More than an origin.
  'https://api.broker.test/',
  'https://api.broker.test/path',
  'https://api.broker.test?x=1',
  'https://api.broker.test#x',
  'https://api.broker.test:443',
  'HTTPS://api.broker.test',
  'https://API.broker.test',
  ' https://api.broker.test',
  'https://api.broker.test\\@evil.test',
  'https:\\\\api.broker.test',
  'https:/api.broker.test',
  '//api.broker.test',
  // Unicode that folds into a listed name, and dots that are none.
  'https://api。broker.test',
  'https://api．broker．test',
  'https://ａｐｉ.broker.test',
  'https://api.bro\u00adker.test',
  // This machine and the neighbours by other names.
  'http://localhost',
  'http://localhost:8080',
  'http://2130706433',
  'http://0x7f000001',
  'http://0x7f.1',
  'http://0177.0.0.1',
  'http://127.1',
  'http://0.0.0.0',
  'http://[::]',
  'http://[::ffff:127.0.0.1]',
  'http://[::ffff:7f00:1]',
  'http://[0:0:0:0:0:0:0:1]',
  'https://[::ffff:a9fe:a9fe]',
  'http://169.254.169.254',
  'https://169.254.169.254',
  'http://10.0.0.1',
  'http://192.168.1.1',
  'http://127.0.0.1.evil.test',
  'http://128.0.0.1',
  // No URL at all.
  '',
  'api.broker.test',
  'https://',
  'https://[::1',
  'https://api broker test',
])('%o is refused before anything could be sent there', (origin) => {
  expect(codeOf(origin)).toBe('ALGO_HOST_NOT_ALLOWED');
});

test('no host at all is allowed when the broker lists none', () => {
  expect(() => checkOrigin('https://api.broker.test', [])).toThrow();
});

test('the error does not show a user or password', () => {
  try {
    checkOrigin('https://user:canary@evil.test', HOSTS);
  } catch (error) {
    expect(JSON.stringify(error)).not.toContain('canary');
    return;
  }
  throw new Error('must be refused');
});
