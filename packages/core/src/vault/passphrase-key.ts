import { hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Secret } from '../runtime/secret.js';
import { parsePassphraseHeader, writePassphraseHeader } from './passphrase-header.js';
import type { PassphraseHeader, ScryptCost } from './passphrase-header.js';
import { makePrivateFile, readPrivateFile } from './private-file.js';

export interface PassphraseKeyOptions {
  /** Of at least 12 characters; asked for once, when a key is first needed, and not kept. */
  readonly passphrase: Secret | (() => Promise<Secret>);
  /** Where the salt and the cost stand, made on first use. Nothing in it is secret, and without it no record opens. */
  readonly path: string;
}

/** What OWASP ASVS 5.0 asks for, appendix C; about 0.3 seconds and 128 MiB, once. */
const COST: ScryptCost = { blocks: 2 ** 17, blockSize: 8, parallel: 1 };
const SHORTEST = 12;
const SALT_BYTES = 16;

/**
 * A master key stretched from a passphrase with scrypt, once per provider.
 *
 * A wrong passphrase is `ALGO_KEY_UNUSABLE`, and always in the same words; the next call asks again.
 */
export function passphraseKey({ passphrase, path }: PassphraseKeyOptions): KeyProvider {
  let derived: Promise<LocalKey> | null = null;

  const load = (): Promise<LocalKey> => {
    derived ??= unlock(path, passphrase).catch((error: unknown) => {
      derived = null;
      throw error;
    });
    return derived;
  };

  return {
    current: load,
    async byId(id) {
      // Nobody is asked for a passphrase that would give another key.
      if (derived === null && (await readHeader(path))?.id !== id) return null;
      const key = await load();
      return key.id === id ? key : null;
    },
  };
}

async function unlock(path: string, passphrase: PassphraseKeyOptions['passphrase']): Promise<LocalKey> {
  const found = await readHeader(path);
  const text = typed(await (typeof passphrase === 'function' ? passphrase() : passphrase));
  if (found === null) await makePrivateFile(path, writePassphraseHeader(await newHeader(text)));
  const header = found ?? (await readHeader(path)); // read again: another process may have been first
  if (header === null) throw unusable(`${path} was made and is gone again`);
  const { bytes, check } = await derive(text, header);
  if (!timingSafeEqual(check, header.check)) throw unusable(`the passphrase is not the one ${path} was made with`);
  return { id: header.id, bytes };
}

async function readHeader(path: string): Promise<PassphraseHeader | null> {
  const text = await readPrivateFile(path);
  if (text === null) return null;
  const header = parsePassphraseHeader(text);
  if (header === null) throw unusable(`${path} does not hold the header of a passphrase`);
  const { blocks, blockSize, parallel } = header.cost;
  if (blocks < COST.blocks || blockSize < COST.blockSize || parallel < COST.parallel) {
    throw unusable(`${path} asks for less work than is safe: somebody may have changed it`);
  }
  return header;
}

async function newHeader(passphrase: string): Promise<PassphraseHeader> {
  const id = randomBytes(8).toString('hex');
  const salt = randomBytes(SALT_BYTES);
  return { id, cost: COST, salt, check: (await derive(passphrase, { cost: COST, salt })).check };
}

/** The key, and what shows that it is the right one without telling anything about it. */
async function derive(
  passphrase: string,
  { cost, salt }: Pick<PassphraseHeader, 'cost' | 'salt'>,
): Promise<{ readonly bytes: Buffer; readonly check: Buffer }> {
  const stretched = await stretch(passphrase, salt, cost);
  const bytes = Buffer.from(hkdfSync('sha512', stretched, Buffer.alloc(0), 'algo passphrase key 1', 64));
  return { bytes: bytes.subarray(0, 32), check: bytes.subarray(32) };
}

/** In a thread of the pool: half a second of the event loop would be half a second without orders. */
function stretch(passphrase: string, salt: Buffer, { blocks, blockSize, parallel }: ScryptCost): Promise<Buffer> {
  // Node's own limit of 32 MiB refuses even a fourth of this cost.
  const options = { N: blocks, r: blockSize, p: parallel, maxmem: 2 * 128 * blocks * blockSize };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(unusable('there is not the memory to stretch the passphrase'));
    });
  });
}

/** One keyboard writes é as one character and another as two. */
function typed(passphrase: Secret): string {
  const text = passphrase.reveal().normalize('NFC');
  if (text.length < SHORTEST) throw unusable(`the passphrase is shorter than ${SHORTEST} characters`);
  return text;
}

const unusable = (why: string): AlgoError => new AlgoError('ALGO_KEY_UNUSABLE', { why });
