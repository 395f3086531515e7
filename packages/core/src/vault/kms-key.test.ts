import { expect, test } from 'vitest';
import type { RemoteKey } from '../contract/key-provider.js';
import { kmsKey } from './kms-key.js';
import type { KmsKeyOptions } from './kms-key.js';

const DATA_KEY = new Uint8Array(32).fill(3);
const CONTEXT = Buffer.from('["context"]');

async function keyOf(service: Partial<KmsKeyOptions>): Promise<RemoteKey> {
  const key = await kmsKey({
    id: 'arn:1',
    wrap: async (bytes) => bytes,
    unwrap: async (bytes) => bytes,
    ...service,
  }).current();
  if ('bytes' in key) throw new Error('must be a remote key');
  return key;
}

test('hands the service what is to be wrapped, with its context, and gives back what it says', async () => {
  const seen: string[] = [];
  const key = await keyOf({
    async wrap(dataKey, context) {
      seen.push(`wrap ${dataKey.length} ${Buffer.from(context).toString()}`);
      return Buffer.from('wrapped');
    },
    async unwrap(wrapped, context) {
      seen.push(`unwrap ${Buffer.from(wrapped).toString()} ${Buffer.from(context).toString()}`);
      return DATA_KEY;
    },
  });
  expect(await key.unwrap(await key.wrap(DATA_KEY, CONTEXT), CONTEXT)).toBe(DATA_KEY);
  expect(seen).toEqual(['wrap 32 ["context"]', 'unwrap wrapped ["context"]']);
});

test('knows its own id and no other', async () => {
  const provider = kmsKey({ id: 'arn:1', wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes });
  expect(await provider.byId('arn:1')).toBe(await provider.current());
  expect(await provider.byId('arn:2')).toBeNull();
});

test.each<readonly [string, () => Promise<Uint8Array>]>([
  ['rejects', () => Promise.reject(Object.assign(new Error('token canary'), { code: 'ETIMEDOUT' }))],
  [
    'throws before it gives a promise',
    () => {
      throw Object.assign(new Error('token canary'), { code: 'ETIMEDOUT' });
    },
  ],
])('a service that %s is a key that cannot be used now, told by its code alone', async (_how, call) => {
  const key = await keyOf({ wrap: call, unwrap: call });
  for (const asked of [key.wrap(DATA_KEY, CONTEXT), key.unwrap(DATA_KEY, CONTEXT)]) {
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ALGO_KEY_UNUSABLE', details: { why: 'its provider failed (ETIMEDOUT)' } });
    expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('canary');
  }
});

test('a refusal is no failure of the service', async () => {
  const key = await keyOf({ unwrap: async () => null });
  const error: unknown = await key.unwrap(DATA_KEY, CONTEXT).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toHaveProperty('code');
});
