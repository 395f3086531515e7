import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { CASES, FLOORS } from './cases.js';
import { generate } from './generate.js';
import { report } from './report.js';
import { summarise, verdicts } from './summary.js';

const require = createRequire(import.meta.url);
const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const ROWS = { dhan: 200_000, angel: 150_000 };
const QUICK_ROWS = { dhan: 20_000, angel: 15_000 };
const LOOK_UPS = 20_000;
const CHILD_LIMIT_MS = 120_000;
/** The files are the same in every run: only the order of the cases changes. */
const FILE_SEED = 1;
const PACKAGES = ['@algo/core', '@algo/broker-dhan', 'papaparse', 'csv-parse'];

/** Loading a broker's master and looking things up in it: see README.md. */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 2 : 5);
  const { present, absent } = installed(chosen(CASES, only, only === null ? [] : floorsOf(only)));
  for (const { label, needs } of absent) log(`left out: ${label}: ${needs} is not installed`);
  const rows = quick ? QUICK_ROWS : ROWS;
  const random = seeded(seed);

  log(`instruments: ${present.length} cases, ${rounds} rounds, seed ${seed}`);
  const measured = await withScratch(async (folder) => {
    const jobs = writeMasters(folder, rows, random);
    const all = [];
    for (let round = 1; round <= rounds; round += 1) {
      const order = shuffled(present, random);
      log(`round ${round} of ${rounds}: ${order.map(({ name }) => name).join(', ')}`);
      const results = {};
      for (const { name, loader, layout } of order) {
        const lookUps = Math.min(LOOK_UPS, rows[layout] >> 1);
        results[name] = await runChild(CHILD, { loader, ...jobs[layout], lookUps }, { timeoutMs: CHILD_LIMIT_MS });
      }
      all.push(results);
    }
    return all;
  });

  const summary = summarise(present, measured);
  const verdict = verdicts(summary);
  const left = absent.map(({ name, needs }) => ({ name, needs }));
  const result = {
    seed,
    rounds,
    rows,
    machine: machine(PACKAGES),
    cases: summary,
    verdicts: verdict,
    absent: left,
    raw: measured,
  };
  return { result, text: report(result), failed: false };
}

const floorsOf = (only) => CASES.filter(({ name }) => only.includes(name)).map(({ layout }) => FLOORS[layout]);

function installed(cases) {
  const isThere = ({ needs }) => {
    if (needs === undefined) return true;
    try {
      require.resolve(needs);
      return true;
    } catch {
      return false;
    }
  };
  return { present: cases.filter(isThere), absent: cases.filter((one) => !isThere(one)) };
}

/** @returns for each layout, where its file is and keys to look up */
function writeMasters(folder, rows, random) {
  const jobs = {};
  for (const layout of ['dhan', 'angel']) {
    const { file, keys } = generate(layout, rows[layout], FILE_SEED);
    const path = join(folder, `${layout}.master`);
    const keysPath = join(folder, `${layout}.keys.json`);
    writeFileSync(path, file);
    writeFileSync(keysPath, JSON.stringify(shuffled(keys, random).slice(0, LOOK_UPS * 2)));
    jobs[layout] = { path, keysPath };
  }
  return jobs;
}
