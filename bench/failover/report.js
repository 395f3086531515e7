import { shownMachine } from '../lib/machine.js';
import { shownSpread } from '../lib/statistics.js';
import { table } from '../lib/table.js';

/** The whole run as text. */
export function report({ seed, rounds, samples, callers, machine }, { ratios, late, verdicts }) {
  const title = `Failover: ${rounds} rounds, seed ${seed}, ${samples} samples a round, ${callers} callers of a black hole`;
  const parts = [title, shownMachine(machine)];
  if (ratios.length > 0) parts.push('p50 in ms and ratios of the same round: min / median / max', switched(ratios));
  if (late.length > 0) parts.push('Milliseconds after the deadline, over all rounds: p50 / p99 / max', noticed(late));
  parts.push(judged(verdicts));
  return parts.join('\n\n');
}

const switched = (ratios) =>
  table(
    ['first broker', 'ours p50', 'beside', 'p50', 'ratio', 'ours p99', 'first of a process'],
    ratios.map(({ label, kind, ours, floor, ratio, p99, firstMs }) => [
      label,
      shownSpread(ours),
      kind === 'open' ? 'healthy call' : 'raw two steps',
      shownSpread(floor),
      shownSpread(ratio),
      shownSpread(p99, 1),
      firstMs === null ? '' : shownSpread(firstMs, 1),
    ]),
  );

const noticed = (late) =>
  table(
    ['first broker', 'deadline', 'samples', 'ours', 'raw, own timer', 'raw, undici headersTimeout'],
    late.map(({ label, limitMs, samples, ours, ownTimer, undiciTimer }) => [
      label,
      String(limitMs),
      String(samples),
      ...[ours, ownTimer, undiciTimer].map(({ p50Ms, p99Ms, maxMs }) =>
        shownSpread({ min: p50Ms, median: p99Ms, max: maxMs }, 1),
      ),
    ]),
  );

const judged = (verdicts) =>
  table(
    ['target', 'measure', 'bar', 'min / median / max', 'verdict'],
    verdicts.map(({ id, what, target, measured, digits, met }) => [
      id,
      what,
      target,
      shownSpread(measured, digits),
      met ? 'met' : 'NOT MET',
    ]),
    'left',
  );
