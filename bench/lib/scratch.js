import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `use` with an empty folder of its own and takes it away afterwards.
 *
 * @template Value
 * @param {(folder: string) => Promise<Value>} use
 */
export async function withScratch(use) {
  const folder = mkdtempSync(join(tmpdir(), 'algo-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
