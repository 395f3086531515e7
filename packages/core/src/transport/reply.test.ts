import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isAlgoError } from '../errors/algo-error.js';
import { gunzipBounded, headerOf, Reply } from './reply.js';

const headers = (...words: readonly string[]): Buffer[] => words.map((word) => Buffer.from(word, 'latin1'));
const reply = (body: string | Buffer, status = 200): Reply => new Reply('dhan', status, [], Buffer.from(body));

test('reads JSON, and the text as it came', () => {
  expect(reply('{"orderId":"1"}').json()).toEqual({ orderId: '1' });
  expect(reply(' [1, 2]\n').json()).toEqual([1, 2]);
  expect(reply('₹').text()).toBe('₹');
});

test.each<readonly [string, string, string]>([
  ['a web page', '  <!DOCTYPE html><title>Maintenance canary</title>', 'it is a web page'],
  ['nothing', '', 'it is empty'],
  ['cut JSON', '{"orderId":"12345canary', 'it is not JSON'],
  ['plain text', 'canary: Service Unavailable', 'it is not JSON'],
  ['two documents', '{}{}', 'it is not JSON'],
])('%s is unreadable, and the error does not quote it', (_name, body, why) => {
  try {
    reply(body, 502).json();
  } catch (error) {
    if (!isAlgoError(error) || error.code !== 'ALGO_REPLY_UNREADABLE') throw error;
    expect(error.details).toEqual({ broker: 'dhan', status: 502, why });
    expect(error.effect).toBe('unknown');
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('canary');
    return;
  }
  throw new Error('must be unreadable');
});

test('a reply cut at any byte is never read as another order id', () => {
  const whole = '{"orderId":"1234567890","status":"TRANSIT"}';
  for (let length = 0; length < whole.length; length += 1) {
    expect(() => reply(whole.slice(0, length)).json()).toThrow('could not be read');
  }
});

test('finds a header however the broker writes its name', () => {
  const held = headers('Content-Type', 'text/html', 'RETRY-AFTER', '7', 'x', '');
  expect(headerOf(held, 'content-type')).toBe('text/html');
  expect(headerOf(held, 'retry-after')).toBe('7');
  expect(headerOf(held, 'x')).toBe('');
  expect(headerOf(held, 'content-typ')).toBeNull();
  expect(headerOf([], 'x')).toBeNull();
  expect(new Reply('dhan', 200, held, Buffer.alloc(0)).header('retry-after')).toBe('7');
});

test('takes the first of two headers, and no value for a name', () => {
  expect(headerOf(headers('a', 'first', 'A', 'second'), 'a')).toBe('first');
  expect(headerOf(headers('name', 'a', 'other', 'b'), 'a')).toBeNull();
});

test('unpacks within the bound and not a byte above it', async () => {
  const plain = Buffer.alloc(10_000, 'x');
  expect((await gunzipBounded(gzipSync(plain), 10_000)).length).toBe(10_000);
  await expect(gunzipBounded(gzipSync(plain), 9_999)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
});

test('a small reply that would become fifty megabytes is stopped', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  expect(bomb.length).toBeLessThan(60_000);
  await expect(gunzipBounded(bomb, 1_000_000)).rejects.toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
});

test('bytes that are not gzip, or cut, are an error and not an empty reply', async () => {
  await expect(gunzipBounded(Buffer.from('hello'), 100)).rejects.toBeInstanceOf(Error);
  await expect(gunzipBounded(gzipSync('hello').subarray(0, 12), 100)).rejects.toBeInstanceOf(Error);
});
