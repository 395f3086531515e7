import { shownMachine } from '../lib/machine.js';
import { shownSpread } from '../lib/statistics.js';
import { table } from '../lib/table.js';

/** The whole run as text. */
export function report({ seed, rounds, calls, machine, cases, verdicts }) {
  const parts = [
    `Place order: ${rounds} rounds, seed ${seed}, ${calls.serial} / ${calls.at50} / ${calls.at1000} calls one at a time, 50 and 1000 in flight`,
    shownMachine(machine),
    'Ratios to undici.request in the same round: min / median / max',
    ratios(cases),
    'Medians on this machine. They say nothing about another one; only the ratios do.',
    absolutes(cases),
    'Our order lane has 51 sockets, of which one is kept for cancels: entries have 50, as everybody.',
  ];
  for (const { label, void: why } of cases) if (why !== null) parts.push(`VOID: ${label}: ${why}`);
  if (verdicts.length > 0) parts.push(judged(verdicts));
  return parts.join('\n\n');
}

const ratios = (cases) =>
  table(
    [
      'client',
      'CPU serial',
      'CPU at 50',
      'req/s at 50',
      'CPU at 1000',
      'req/s at 1000',
      'p99 at 1000',
      'new sockets 50/1000',
    ],
    cases.map(({ label, ratio, newSockets }) => [
      label,
      shownSpread(ratio.serialCpu),
      shownSpread(ratio.cpuAt50),
      shownSpread(ratio.perSecondAt50),
      shownSpread(ratio.cpuAt1000),
      shownSpread(ratio.perSecondAt1000),
      shownSpread(ratio.p99At1000),
      `${newSockets.at50} / ${newSockets.at1000}`,
    ]),
  );

const absolutes = (cases) =>
  table(
    [
      'client',
      'serial p50 us',
      'serial CPU us',
      'CPU us at 50',
      'req/s at 50',
      'CPU us at 1000',
      'req/s at 1000',
      'p50 / p99 ms at 1000',
    ],
    cases.map(
      ({
        label,
        absolute: { serialP50, serialCpu, cpuAt50, perSecondAt50, cpuAt1000, perSecondAt1000, p50At1000, p99At1000 },
      }) => [
        label,
        serialP50.median.toFixed(0),
        serialCpu.median.toFixed(0),
        cpuAt50.median.toFixed(1),
        perSecondAt50.median.toFixed(0),
        cpuAt1000.median.toFixed(1),
        perSecondAt1000.median.toFixed(0),
        `${p50At1000.median.toFixed(0)} / ${p99At1000.median.toFixed(0)}`,
      ],
    ),
  );

const judged = (verdicts) =>
  table(
    ['target', 'measure', 'bar', 'min / median / max', 'verdict', 'with fsync'],
    verdicts.map(({ id, what, target, measured, met, durable }) => [
      id,
      what,
      target,
      shownSpread(measured),
      met ? 'met' : 'NOT MET',
      durable === null ? '' : shownSpread(durable),
    ]),
    'left',
  );
