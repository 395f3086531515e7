import { shownMachine } from '../lib/machine.js';
import { shownSpread } from '../lib/statistics.js';
import { table } from '../lib/table.js';

/** The whole run as text. */
export function report({ seed, rounds, share, machine, cases }) {
  const parts = [
    `Stores: ${rounds} rounds, seed ${seed}${share < 1 ? `, ${share * 100} % of the calls: shows that it works, not how fast it is` : ''}`,
    shownMachine(machine),
    'Each ratio compares two numbers of one process in one round: min / median / max. Times are medians on this machine.',
    ...cases.flatMap(shownCase),
    judged(cases.flatMap(({ name, lines }) => lines.map((line) => ({ name, ...line })))),
  ];
  return parts.join('\n\n');
}

function shownCase({ label, lines, questions, plans }) {
  if (questions.length === 0) return [label, table(['', 'raw', 'ours', 'unit', 'ratio'], lines.map(shownLine))];
  const times = questions.map(({ name, p50, p95, max }) => [name, ...[p50, p95, max].map(inDigits)]);
  return [label, table(['question', 'p50', 'p95', 'max'], times), table(['question', 'plan'], plans, 'left')];
}

const shownLine = ({ what, unit, raw, ours, ratio }) => [
  what,
  raw === null ? '' : inDigits(raw.median),
  ratio === null ? inDigitsOf(ours) : inDigits(ours.median),
  unit,
  ratio === null ? '' : shownSpread(ratio),
];

function judged(lines) {
  const targets = lines.filter(({ target }) => target !== null);
  return table(
    ['target', 'measure', 'bar', 'min / median / max', 'verdict'],
    targets.map(({ name, what, unit, target: { id, of, most, least, measured, met } }) => [
      id,
      `${name}: ${what}`,
      `${most === undefined ? '>=' : '<='} ${most ?? least} ${of === 'ratio' ? 'x' : unit}${of === 'added' ? ' added' : ''}`.trim(),
      inDigitsOf(measured),
      met ? 'met' : 'NOT MET',
    ]),
    'left',
  );
}

/** Three digits that mean something. */
const inDigits = (value) => value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
const inDigitsOf = ({ min, median, max }) => [min, median, max].map(inDigits).join(' / ');
