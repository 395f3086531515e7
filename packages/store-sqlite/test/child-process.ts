import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Inside the package, so that the bundle finds the driver where the sources find it. */
const FOLDER = fromHere('../node_modules/.cache/store-sqlite-test');
const BUNDLE = join(FOLDER, `child-${process.pid}.mjs`);

/** Bundles `child-store.ts` before the tests of a file. */
export function bundleChild(): void {
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await build({
      entryPoints: [fromHere('./child-store.ts')],
      outfile: BUNDLE,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['better-sqlite3'],
      alias: {
        '@algo/core/store': fromHere('../../core/src/store.ts'),
        '@algo/store-sqlite': fromHere('../src/index.ts'),
      },
    });
    chmodSync(BUNDLE, 0o644);
  });
  afterAll(() => rmSync(BUNDLE, { force: true }));
}

export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** The next line it prints; null when it ended. */
  nextLine(): Promise<string | null>;
  /** Every line not read yet, once it has ended. */
  rest(): Promise<readonly string[]>;
}

export type ChildTask = 'open' | 'hold' | 'stream' | 'migrate' | 'rollback';

export interface ChildOptions {
  readonly uid?: number;
  /** At which step of its work it kills itself. */
  readonly killAt?: number;
}

export function runChild(what: ChildTask, path: string, { uid, killAt }: ChildOptions = {}): Child {
  const child = spawn(process.execPath, [BUNDLE, what, path, String(killAt ?? '')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string | null> => {
    const line = await lines.next();
    return line.done === true ? null : line.value;
  };
  return {
    process: child,
    nextLine,
    async rest() {
      const read: string[] = [];
      for (let line = await nextLine(); line !== null; line = await nextLine()) read.push(line);
      return read;
    },
  };
}
