import { percentile, spread } from '../lib/statistics.js';

const SWITCH = 1.3;
const OPEN = 1.1;
const LATE_MS = 10;
const WHOLE_MS = 3_000;
/** No round may be worse than this many times the target. */
const WORST_ROUND = 1.3;

/**
 * Per case the spread over the rounds, and what is to be said of the targets.
 *
 * @param {readonly import('./cases.js').Case[]} cases
 * @param {readonly Record<string, any>[]} rounds
 */
export function summarise(cases, rounds) {
  const of = (kinds) => cases.filter(({ kind }) => kinds.includes(kind));
  const ratios = of(['switch', 'open']).map((one) => ratioOf(one, rounds));
  const late = of(['black-hole-read', 'black-hole-order']).flatMap((one) => latenessOf(one, rounds));
  const verdicts = [...ratios.map(verdictOfRatio), ...late.map(verdictOfLateness), ...verdictOfWhole(ratios, late)];
  return { ratios, late, verdicts };
}

/** Beside the floor; where a breaker is open, beside a healthy call of ours. */
function ratioOf({ name, kind, label }, rounds) {
  const over = (value) => spread(rounds.map((results) => value(results[name])));
  const floor = kind === 'open' ? 'healthy' : 'raw';
  return {
    name,
    kind,
    label,
    ours: over(({ ours }) => ours.p50Ms),
    floor: over((result) => result[floor].p50Ms),
    raw: over(({ raw }) => raw.p50Ms),
    ratio: over((result) => result.ours.p50Ms / result[floor].p50Ms),
    p99: over(({ ours }) => ours.p99Ms),
    firstMs: kind === 'switch' ? over(({ firstMs }) => firstMs) : null,
  };
}

/** All samples of all rounds together: a percentile of a few says nothing. */
function latenessOf({ name, label }, rounds) {
  const [first] = rounds;
  return first[name].late.map(({ limitMs }, at) => {
    const all = (side) => rounds.flatMap((results) => results[name].late[at][side]);
    const side = (samples) => ({
      p50Ms: percentile(samples, 0.5),
      p99Ms: percentile(samples, 0.99),
      maxMs: Math.max(...samples),
    });
    return {
      name,
      label,
      limitMs,
      samples: all('ours').length,
      ours: side(all('ours')),
      ownTimer: side(all('ownTimer')),
      undiciTimer: side(all('undiciTimer')),
    };
  });
}

function verdictOfRatio({ kind, label, ratio }) {
  const bar = kind === 'open' ? OPEN : SWITCH;
  const met = ratio.median <= bar && ratio.max <= bar * WORST_ROUND;
  const what = kind === 'open' ? `${label}, to a healthy call` : `${label}, to the raw two steps`;
  return { id: 'P18', what, target: `<= ${bar} x`, measured: ratio, digits: 2, met };
}

function verdictOfLateness({ label, limitMs, ours }) {
  const measured = { min: ours.p50Ms, median: ours.p99Ms, max: ours.maxMs };
  const what = `${label}, ms after ${limitMs} (p50 / p99 / max)`;
  return { id: 'P19', what, target: `p99 <= ${LATE_MS}`, measured, digits: 1, met: ours.p99Ms <= LATE_MS };
}

/** The worst of everything that was seen, the first call of a process included. */
function verdictOfWhole(ratios, late) {
  const times = [
    ...ratios.flatMap(({ p99, firstMs }) => [p99.max, firstMs?.max ?? 0]),
    ...late.filter(({ name }) => name === 'black-hole-read').map(({ limitMs, ours }) => limitMs + ours.maxMs),
  ];
  if (times.length === 0) return [];
  const measured = spread(times);
  const what = 'whole failover, ms, over all cases';
  return [{ id: 'P18', what, target: `< ${WHOLE_MS}`, measured, digits: 0, met: measured.max < WHOLE_MS }];
}
