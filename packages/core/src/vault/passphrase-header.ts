/** What scrypt is told: its N, r and p. */
export interface ScryptCost {
  readonly blocks: number;
  readonly blockSize: number;
  readonly parallel: number;
}

/** What is needed beside a passphrase to make the key again. */
export interface PassphraseHeader {
  readonly id: string;
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  /** 32 bytes that only the right passphrase gives. */
  readonly check: Buffer;
}

const LINE =
  /^algo-passphrase-1 ([0-9a-f]{16}) scrypt ([1-9]\d{0,9}) ([1-9]\d{0,3}) ([1-9]\d{0,1}) ([A-Za-z0-9+/]{22}==) ([A-Za-z0-9+/]{43}=)$/;

/** No header may ask for more memory than this, 1 GiB: a file must not be able to bring a process down. */
const LARGEST_BYTES = 2 ** 30;

export function writePassphraseHeader({ id, cost, salt, check }: PassphraseHeader): string {
  const numbers = `${cost.blocks} ${cost.blockSize} ${cost.parallel}`;
  return `algo-passphrase-1 ${id} scrypt ${numbers} ${salt.toString('base64')} ${check.toString('base64')}\n`;
}

/** Null when it is no header that this version can work with. */
export function parsePassphraseHeader(text: string): PassphraseHeader | null {
  const [, id, blocks, blockSize, parallel, salt, check] = LINE.exec(text.trim()) ?? [];
  if (id === undefined || salt === undefined || check === undefined) return null;
  const cost = { blocks: Number(blocks), blockSize: Number(blockSize), parallel: Number(parallel) };
  const isPower = Number.isInteger(Math.log2(cost.blocks));
  if (!isPower || 128 * cost.blocks * cost.blockSize > LARGEST_BYTES) return null;
  return { id, cost, salt: Buffer.from(salt, 'base64'), check: Buffer.from(check, 'base64') };
}
