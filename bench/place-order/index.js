import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CASES, FLOOR } from '../clients/cases.js';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { withStub } from '../stub/start.js';
import { report } from './report.js';
import { summarise } from './summary.js';
import { verdicts } from './verdict.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const SOCKETS = 50;
const CALLS = { warmUp: 8_000, serial: 3_000, at50: 20_000, at1000: 20_000 };
const QUICK = { warmUp: 2_000, serial: 500, at50: 4_000, at1000: 4_000 };
const CHILD_LIMIT_MS = 180_000;

const PACKAGES = [
  '@algo/core',
  '@algo/broker-dhan',
  '@algo/store-sqlite',
  'undici',
  'better-sqlite3',
  'axios',
  'kiteconnect',
  'smartapi-javascript',
  'xts-interactive-api',
];

/** The cost of one order beside what others pay for it: see README.md. */
export async function run({ rounds: asked, seed, only, quick, profile }, log) {
  const rounds = asked ?? (quick ? 2 : 5);
  const cases = chosen(CASES, only, [FLOOR]);
  const calls = quick ? QUICK : CALLS;
  const random = seeded(seed);
  if (profile !== null) mkdirSync(profile, { recursive: true });

  log(`place-order: ${cases.length} cases, ${rounds} rounds, seed ${seed}`);
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    const order = shuffled(cases, random);
    log(`round ${round} of ${rounds}: ${order.map(({ name }) => name).join(', ')}`);
    const results = {};
    for (const { name, client, options } of order) {
      results[name] = await withStub(({ origin, control }) =>
        withScratch((folder) => {
          const job = {
            client,
            options: { ...options, origin, sockets: SOCKETS, folder },
            calls,
            control,
            profile: profile === null ? null : join(resolve(profile), `${name}-${round}`),
          };
          return runChild(CHILD, job, { cwd: folder, timeoutMs: CHILD_LIMIT_MS });
        }),
      );
      if (results[name].void !== null) log(`VOID: ${name}: ${results[name].void}`);
    }
    measured.push(results);
  }

  const summary = summarise(cases, measured);
  const verdict = verdicts(summary, measured);
  const seen = machine(PACKAGES);
  const result = { seed, rounds, calls, machine: seen, cases: summary, verdicts: verdict, raw: measured };
  const failed = measured.some((results) => Object.values(results).some((one) => one.void !== null));
  return { result, text: report(result), failed };
}
