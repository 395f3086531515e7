import { isAlgoError } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { resolveConfig } from './config.js';
import { trustedUrl } from './hosts.js';

const live = resolveConfig();
const local = resolveConfig({ loginUrl: 'http://127.0.0.1:8080' });

const refusalOf = (text: string, config = live): string | null => {
  try {
    trustedUrl(text, config);
    return null;
  } catch (error) {
    return isAlgoError(error) && error.code === 'ALGO_HOST_NOT_ALLOWED' ? error.details.why : String(error);
  }
};

test('a known host over https is taken apart', () => {
  expect(trustedUrl('https://e43.kotaksecurities.com', live)).toEqual({
    origin: 'https://e43.kotaksecurities.com',
    path: '',
  });
  expect(trustedUrl('https://cis.kotaksecurities.com/neo/', live)).toEqual({
    origin: 'https://cis.kotaksecurities.com',
    path: '/neo',
  });
});

test.each([
  'http://e43.kotaksecurities.com',
  'https://e43.kotaksecurities.com.evil.test',
  'https://evil.test',
  'https://evilkotaksecurities.com',
  'https://kotaksecurities.com',
  'https://kotaksecurities.com@evil.test',
  'https://user:pass@e43.kotaksecurities.com',
  'https://e43.kotaksecurities.com?x=1',
  'https://e43.kotaksecurities.com/#x',
  'https://e43.kotaksecurities.com/a b',
  'https://127.0.0.1',
  'http://127.0.0.1:8080',
  'http://localhost:8080',
  'http://10.0.0.1',
  'ftp://e43.kotaksecurities.com',
  'e43.kotaksecurities.com',
  '',
])('%o is not trusted', (text) => {
  expect(refusalOf(text)).not.toBeNull();
});

test('a host of the domain that is not known yet says what to do', () => {
  expect(refusalOf('https://e31.kotaksecurities.com')).toContain('sessionHosts');
  expect(
    refusalOf('https://e31.kotaksecurities.com', resolveConfig({ sessionHosts: ['e31.kotaksecurities.com'] })),
  ).toBeNull();
  expect(refusalOf('https://evil.test')).not.toContain('sessionHosts');
});

test('this machine is trusted only where log-ins go to it', () => {
  expect(trustedUrl('http://127.0.0.1:9999/x', local)).toEqual({ origin: 'http://127.0.0.1:9999', path: '/x' });
  expect(refusalOf('http://[::1]:9999', local)).toBeNull();
  for (const text of ['http://localhost:9999', 'http://10.0.0.1', 'http://evil.test', 'https://evil.test'])
    expect(refusalOf(text, local)).not.toBeNull();
});
