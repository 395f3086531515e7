import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine, shownMachine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { shownSpread, spread } from '../lib/statistics.js';
import { table } from '../lib/table.js';
import { CASES, FLOOR, OURS, TARGET_PEER } from './cases.js';
import { bundleParts } from './ours.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const PACKAGES = ['@algo/core', 'cockatiel', 'opossum', 'p-retry', 'p-queue'];
const TARGET = { addedNs: 700, bytes: 1_536, ofPeer: 0.08 };

/** P6: what limiter, breaker, deadline and retry add to a call that succeeds at once. */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 3 : 7);
  const calls = quick ? 50_000 : 200_000;
  const cases = chosen(CASES, only, [FLOOR, OURS, TARGET_PEER]);
  const times = await withScratch(async (folder) => {
    const parts = join(folder, 'parts.mjs');
    await bundleParts(parts);
    return measure(cases, { rounds, seed, calls, parts }, log);
  });
  const rows = cases.map(({ name, label }) => rowOf(name, label, times));
  const verdicts = verdictsOf(times);
  const seen = machine(PACKAGES);
  return {
    result: { seed, rounds, calls, machine: seen, rows, verdicts },
    text: report(seen, { rounds, seed, calls }, rows, verdicts),
    failed: verdicts.some(({ met }) => !met),
  };
}

async function measure(cases, { rounds, seed, calls, parts }, log) {
  const random = seeded(seed);
  const times = [];
  for (let round = 1; round <= rounds; round += 1) {
    const results = {};
    for (const { name } of shuffled(cases, random)) {
      results[name] = await runChild(CHILD, { name, parts, calls }, { timeoutMs: 120_000 });
    }
    times.push(results);
    log(`resilience: round ${round} of ${rounds}`);
  }
  return times;
}

function rowOf(name, label, times) {
  const over = (value) => spread(times.map((results) => value(results[name], results[FLOOR])));
  return {
    name,
    label,
    nsEach: over(({ nsEach }) => nsEach),
    addedNs: over(({ nsEach }, floor) => nsEach - floor.nsEach),
    ratio: over(({ nsEach }, floor) => nsEach / floor.nsEach),
    nsInFlight: over(({ nsInFlight }) => nsInFlight),
    bytesEach: over(({ bytesEach }) => bytesEach),
  };
}

function verdictsOf(times) {
  const over = (value) => spread(times.map((results) => value(results[OURS], results[FLOOR], results[TARGET_PEER])));
  const verdict = (what, target, measured, digits) => ({
    id: 'P6',
    what,
    target,
    measured,
    digits,
    met: measured.median <= target,
  });
  return [
    verdict(
      'ns added to a bare await',
      TARGET.addedNs,
      over((ours, floor) => ours.nsEach - floor.nsEach),
      0,
    ),
    verdict(
      'heap bytes a call',
      TARGET.bytes,
      over(({ bytesEach }) => bytesEach),
      0,
    ),
    verdict('added, of what cockatiel adds', TARGET.ofPeer, over(shareOfPeer), 3),
  ];
}

const shareOfPeer = (ours, floor, peer) => (ours.nsEach - floor.nsEach) / (peer.nsEach - floor.nsEach);

function report(seen, { rounds, seed, calls }, rows, verdicts) {
  const head = ['around a no-op', 'ns a call', 'ns added', 'ratio to bare', 'ns, 1000 in flight', 'heap bytes'];
  const cells = rows.map(({ label, nsEach, addedNs, ratio, nsInFlight, bytesEach }) => [
    label,
    shownSpread(nsEach, 0),
    shownSpread(addedNs, 0),
    shownSpread(ratio, 1),
    shownSpread(nsInFlight, 0),
    shownSpread(bytesEach, 0),
  ]);
  const lines = verdicts.map(
    ({ id, what, target, measured, digits, met }) =>
      `${id} ${what}: ${shownSpread(measured, digits)} (target: <= ${target}): ${met ? 'met' : 'NOT MET'}`,
  );
  return [
    `Resilience: ${rounds} rounds of ${calls} calls, seed ${seed}; min / median / max`,
    shownMachine(seen),
    table(head, cells),
    lines.join('\n'),
  ].join('\n\n');
}
