import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Inside the package, so that the bundle finds the driver where the sources find it. */
const FOLDER = fromHere('../node_modules/.cache/store-postgres-test');
const BUNDLE = join(FOLDER, `child-${process.pid}.mjs`);

/** Bundles what the child processes of a file's tests run, before them: by default `child-store.ts`. */
export function bundleChild(entry = './child-store.ts'): void {
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await build({
      entryPoints: [fromHere(entry)],
      outfile: BUNDLE,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['pg'],
      alias: {
        '@algo/core/store': fromHere('../../core/src/store.ts'),
        '@algo/store-postgres': fromHere('../src/index.ts'),
      },
    });
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

export function runChild(what: string, address: string, schema: string, worker = '0'): Child {
  const child = spawn(process.execPath, [BUNDLE, what, address, schema, worker], {
    stdio: ['ignore', 'pipe', 'inherit'],
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
