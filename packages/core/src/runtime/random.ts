import { randomFillSync } from 'node:crypto';

/** The only source of chance. */
export interface Random {
  /** Fills with bytes fit for keys and tags. */
  fill(target: Uint8Array): void;
  /** From 0 up to but not 1, for jitter. */
  fraction(): number;
}

const POOL_BYTES = 8_192;

/** The system's generator, drawn in blocks: one system call for some hundred tags instead of one each. */
export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;

  const take = (count: number): Buffer => {
    if (used + count > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += count;
    return pool.subarray(used - count, used);
  };

  return {
    fill(target) {
      if (target.byteLength > POOL_BYTES) randomFillSync(target);
      else target.set(take(target.byteLength));
    },
    fraction: () => take(4).readUInt32LE(0) / 2 ** 32,
  };
}
