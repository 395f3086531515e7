import type { KeyProvider, RemoteKey } from '../contract/key-provider.js';
import { keyFailure } from './data-key.js';

/** How a key management service is asked. Give both calls a deadline: a read of a credential waits for them. */
export interface KmsKeyOptions {
  /** What the service calls the key, 1 to 200 bytes; written beside what it wrapped. */
  readonly id: string;
  /** Encrypts 32 bytes with `context`, a JSON text as bytes, bound to them (AWS: encryption context; Vault: associated data). */
  wrap(dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
  /**
   * Null when the service says that it is not what `wrap` gave, or not with this context: then the record is
   * undecryptable. A rejection says only that the service cannot be asked now: `ALGO_KEY_UNUSABLE`.
   */
  unwrap(wrapped: Uint8Array, context: Uint8Array): Promise<Uint8Array | null>;
}

/** A master key that never leaves its key management service, which wraps and unwraps each record's data key. */
export function kmsKey({ id, wrap, unwrap }: KmsKeyOptions): KeyProvider {
  const key: RemoteKey = {
    id,
    wrap: (dataKey, context) => ask(() => wrap(dataKey, context)),
    async unwrap(wrapped, context) {
      const dataKey = await ask(() => unwrap(wrapped, context));
      if (dataKey === null) throw new Error('The service did not wrap this'); // as the contract of RemoteKey wants it
      return dataKey;
    },
  };
  return { current: async () => key, byId: async (wanted) => (wanted === id ? key : null) };
}

async function ask<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw keyFailure(error);
  }
}
