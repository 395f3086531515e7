import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { parseLine } from './trader-words.js';
import type { Command, Line, Task } from './trader-words.js';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Inside the package, so that the bundle finds its dependencies where the sources find them. */
const BUNDLES = fromHere('../../../node_modules/.cache/core-test');
const BUNDLE = join(BUNDLES, `trader-${process.pid}.mjs`);

/** Makes the trader from the sources, before the tests of a file. */
export function bundleTrader(): void {
  beforeAll(async () => {
    await mkdir(BUNDLES, { recursive: true });
    await build({
      entryPoints: [fromHere('./trader.ts')],
      outfile: BUNDLE,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      alias: {
        '@algo/core': fromHere('../../../src/index.ts'),
        '@algo/core/adapter': fromHere('../../../src/adapter.ts'),
        '@algo/core/store': fromHere('../../../src/store.ts'),
        '@algo/broker-angel': fromHere('../../../../broker-angel/src/index.ts'),
        '@algo/broker-dhan': fromHere('../../../../broker-dhan/src/index.ts'),
        '@algo/store-sqlite': fromHere('../../../../store-sqlite/src/index.ts'),
      },
    });
  }, 60_000);
  afterAll(() => rm(BUNDLE, { force: true }));
}

/** A bot that runs. Killed when its test ends. */
export interface Trader {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** Everything it printed so far. */
  readonly lines: readonly Line[];
  /** Does one thing. Rejects with what it threw, and when it is killed before it answered. */
  ask(what: Command['what'], more?: Omit<Command, 'id' | 'what'>): Promise<Line>;
  kill(): Promise<void>;
  /** As a host would end it; the process is gone then. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (line: Line) => void;
  readonly reject: (error: Error) => void;
}

export function startTrader(task: Task): Trader {
  const child = spawn(process.execPath, [BUNDLE, JSON.stringify(task)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  const waiting = new Map<number | 'ready', Waiting>();
  let asked = 0;
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdin.on('error', () => undefined); // it is gone; whoever waits for an answer is told below
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.endsWith('}')) return; // cut by the kill
    const line = parseLine(text);
    lines.push(line);
    const key = line.step === 'ready' ? 'ready' : line.id;
    const waiter = key === undefined ? undefined : waiting.get(key);
    if (line.error === undefined) waiter?.resolve(line);
    else waiter?.reject(new Error(line.error));
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const { reject } of waiting.values()) reject(new Error(`The trader ended: ${complaint}`));
      resolve();
    });
  });
  const answer = (key: number | 'ready'): Promise<Line> => {
    const answered = new Promise<Line>((resolve, reject) => waiting.set(key, { resolve, reject }));
    void answered.catch(() => undefined).finally(() => waiting.delete(key));
    return answered;
  };
  const ready = answer('ready').then(() => undefined);
  ready.catch(() => undefined);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);

  const trader: Trader = {
    process: child,
    ready,
    lines,
    ask(what, more = {}) {
      const command: Command = { id: (asked += 1), what, ...more };
      const answered = answer(command.id);
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return answered;
    },
    kill,
    async close() {
      await trader.ask('close');
      await ended;
    },
  };
  return trader;
}
