import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { shownSpread, spread } from '../lib/statistics.js';
import { table } from '../lib/table.js';
import { FLOOR, OURS } from './variants.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const LOADED = fileURLToPath(new URL('loaded-child.js', import.meta.url));
const TARGET = 1.25;
const WORST_ROUND = 1.3;

/** Loaded when they are needed first, never at import. */
const LATE = ['p-retry', 'jose', 'otpauth'];

/** P16: each variant in a fresh process per round, the order shuffled. */
export async function measureLoading(variants, { rounds, seed }, log) {
  const random = seeded(seed);
  const times = [];
  for (let round = 0; round <= rounds; round += 1) {
    const results = {};
    for (const { name, packages, by } of shuffled(variants, random)) {
      results[name] = await runChild(CHILD, { packages, by }, { timeoutMs: 60_000 });
    }
    if (round > 0) times.push(results); // the first round only brings the files into the system's cache
    log(`startup: round ${round} of ${rounds}`);
  }
  const rows = variants.map(({ name, label, by }) => {
    const over = (value) => spread(times.map((results) => value(results[name], results[`${FLOOR}-${by}`])));
    return {
      name,
      label,
      ms: over(({ ms }) => ms),
      ratio: over(({ ms }, floor) => ms / floor.ms),
      rssMb: over(({ rssMb }) => rssMb),
    };
  });
  return { rows, verdicts: await verdictsOf(variants, rows) };
}

async function verdictsOf(variants, rows) {
  const verdicts = [];
  for (const { name, packages, by } of variants.filter((variant) => variant.name.startsWith(OURS))) {
    const { ratio } = rows.find((row) => row.name === name);
    const files = await runChild(LOADED, { packages, by }, { timeoutMs: 60_000 });
    const early = LATE.filter((late) => files.some((file) => file.includes(`/node_modules/${late}/`)));
    const inTime = ratio.median <= TARGET && ratio.max <= TARGET * WORST_ROUND;
    verdicts.push({
      id: 'P16',
      by,
      target: `<= ${TARGET} x`,
      measured: ratio,
      files: files.length,
      early,
      met: inTime && early.length === 0,
    });
  }
  return verdicts;
}

export function shownLoading({ rows, verdicts }) {
  const head = ['loaded', 'ms', 'ratio to undici + zod', 'RSS added MB'];
  const times = table(
    head,
    rows.map(({ label, ms, ratio, rssMb }) => [label, shownSpread(ms, 0), shownSpread(ratio), shownSpread(rssMb, 0)]),
  );
  const judged = verdicts.map(({ id, by, target, measured, files, early, met }) => {
    const late = early.length === 0 ? `${LATE.join(', ')} not loaded` : `loaded too early: ${early.join(', ')}`;
    return `${id} by ${by}: ${shownSpread(measured)} (target ${target}), ${files} files, ${late}: ${met ? 'met' : 'NOT MET'}`;
  });
  return [times, ...judged].join('\n');
}
