import { shownMachine } from '../lib/machine.js';
import { shownSpread } from '../lib/statistics.js';
import { table } from '../lib/table.js';

/** The whole run as text. */
export function report({ seed, rounds, rows, machine, cases, verdicts, absent }) {
  const parts = [
    `Instruments: ${rounds} rounds, seed ${seed}, ${rows.dhan} rows of Dhan, ${rows.angel} of Angel`,
    shownMachine(machine),
    'Load: ratios to the hand split loop (Dhan) and to JSON.parse with maps (Angel) in the same round: min / median / max',
    table(
      ['case', 'time', 'CPU', 'stall ms', 'heap MB', 'off-heap to file'],
      cases.map(({ label, ratio, absolute }) => [
        label,
        shownSpread(ratio.ms),
        shownSpread(ratio.cpu),
        shownSpread(absolute.stallMs, 0),
        shownSpread(absolute.heapMb, 1),
        shownSpread(ratio.offHeap),
      ]),
    ),
    'Medians on this machine. They say nothing about another one; only the ratios do.',
    table(
      ['case', 'load ms', 'CPU ms', 'file MB', 'symbol ns, first / again', 'token ns, first / again'],
      cases.map(({ label, absolute }) => [
        label,
        absolute.ms.median.toFixed(0),
        absolute.cpuMs.median.toFixed(0),
        absolute.fileMb.median.toFixed(1),
        `${absolute.bySymbolFirstNs.median.toFixed(0)} / ${absolute.bySymbolAgainNs.median.toFixed(0)}`,
        `${absolute.byTokenFirstNs.median.toFixed(0)} / ${absolute.byTokenAgainNs.median.toFixed(0)}`,
      ]),
    ),
  ];
  for (const { name, needs } of absent) parts.push(`Left out: ${name}: ${needs} is not installed.`);
  if (verdicts.length > 0) parts.push(judged(verdicts));
  return parts.join('\n\n');
}

const judged = (verdicts) =>
  table(
    ['target', 'measure', 'bar', 'min / median / max', 'verdict'],
    verdicts.map(({ id, what, target, measured, met }) => [
      id,
      what,
      target,
      shownSpread(measured),
      met ? 'met' : 'NOT MET',
    ]),
    'left',
  );
