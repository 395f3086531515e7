import type { InputProblem } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { codeNow } from '../test/support/account.js';
import { checkOwn, isLoopback, rootFromLookup } from './hosts.js';

const HOSTS = ['jtrade.jainam.in', 'smpd.jainam.in'];
const ASKED = 'https://jtrade.jainam.in:5000';

test('this machine is known by its number alone', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', '[::1]']) expect(isLoopback(host)).toBe(true);
  for (const host of ['localhost', '127.0.0.1.evil.in', '10.0.0.1', '0.0.0.0']) expect(isLoopback(host)).toBe(false);
});

test('a configured host is https on the own domain, or this machine', () => {
  const problemsOf = (origin: string): number => {
    const problems: InputProblem[] = [];
    checkOwn('baseUrl', origin, 'jainam.in', problems);
    return problems.length;
  };
  for (const good of ['https://ctrade.jainam.in:4001', 'https://jainam.in', 'http://127.0.0.1:8080', ''])
    expect(problemsOf(good)).toBe(0);
  for (const bad of ['http://jtrade.jainam.in', 'https://jainam.in.evil.com', 'https://notjainam.in', 'https://a.b'])
    expect(problemsOf(bad)).toBe(1);
});

test('a host lookup leads to a known host, with or without a path', () => {
  expect(rootFromLookup('https://smpd.jainam.in:3643/interactive/', ASKED, HOSTS)).toEqual({
    origin: 'https://smpd.jainam.in:3643',
    path: '/interactive',
  });
  expect(rootFromLookup('https://smpd.jainam.in', ASKED, HOSTS).path).toBe('');
  expect(rootFromLookup('http://127.0.0.1:9/x', 'http://127.0.0.1:8', HOSTS).origin).toBe('http://127.0.0.1:9');
});

test.each([
  ['plain http', 'http://smpd.jainam.in'],
  ['another domain', 'https://smpd.jainam.in.evil.com'],
  ['a host of the domain that nobody named', 'https://new.jainam.in'],
  ['this machine, when the lookup was made elsewhere', 'http://127.0.0.1:8080'],
  ['a user in it', 'https://user:pass@smpd.jainam.in'],
  ['a query in it', 'https://smpd.jainam.in/?x=1'],
  ['no URL', 'smpd'],
])('a host lookup that leads to %s is refused', (_what, connectionString) => {
  expect(codeNow(() => rootFromLookup(connectionString, ASKED, HOSTS))).toBe('ALGO_HOST_NOT_ALLOWED');
});
