import { createHmac } from 'node:crypto';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';

export interface EnvironmentKeysOptions {
  /** The host's environment, handed over: `process.env`. Nothing but the variables named here is read, and once. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The name of the variable with the key for new records. */
  readonly current: string;
  /** The names of those that old records may still need. @default [] */
  readonly older?: readonly string[];
}

/**
 * Master keys out of environment variables, each 32 random bytes in hex, base64 or base64url: `openssl rand -base64 32`.
 *
 * A key is known by its own bytes and not by its variable's name, so it may move from one variable to another.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE` when a variable is not set or does not decode to exactly 32 bytes: a password
 *   is not stretched into a key here, that is what `passphraseKey` is for.
 */
export function environmentKeys({ variables, current, older = [] }: EnvironmentKeysOptions): KeyProvider {
  const newest = keyIn(variables, current);
  const keys = [newest, ...older.map((name) => keyIn(variables, name))];
  return {
    current: async () => newest,
    byId: async (id) => keys.find((key) => key.id === id) ?? null,
  };
}

function keyIn(variables: Readonly<Record<string, string | undefined>>, name: string): LocalKey {
  const text = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (text === undefined || text === '') throw unusable(`the variable ${name} is not set`);
  const bytes = decoded(text.trim());
  if (bytes === null) throw unusable(`the variable ${name} does not hold 32 bytes in hex, base64 or base64url`);
  return { id: idOf(bytes), bytes };
}

/** Null unless it is the one way to write 32 bytes in one of the three: Node itself reads over what it does not know. */
function decoded(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const bare = text.replace(/=$/, '');
  for (const encoding of ['base64', 'base64url'] as const) {
    const bytes = Buffer.from(bare, encoding);
    if (bytes.length === 32 && bytes.toString(encoding).replace(/=$/, '') === bare) return bytes;
  }
  return null;
}

/** Tells keys apart and nothing about them: 64 bits of an HMAC under 256 random ones. */
const idOf = (bytes: Buffer): string =>
  createHmac('sha256', bytes).update('algo master key id').digest('hex').slice(0, 16);

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });
