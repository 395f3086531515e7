import { spread } from '../lib/statistics.js';

/** No round may be worse than this many times the target. */
const WORST_ROUND = 1.3;

/**
 * Of each line the spread over the rounds of both sides and of what they are compared by, each taken inside one round.
 *
 * @param {readonly import('./cases.js').Case[]} cases
 * @param {readonly Record<string, any>[]} rounds
 */
export const summarise = (cases, rounds) =>
  cases.map(({ name, label, lines }) => ({
    name,
    label,
    lines: lines.map((line) =>
      summaryOf(
        line,
        rounds.map((results) => results[name].measures),
      ),
    ),
    questions: questionsOf(rounds.map((results) => results[name].questions ?? [])),
    plans: rounds[0][name].plans ?? [],
  }));

/** Of each question the median p50, and the worst p95 and the longest answer of all rounds. */
const questionsOf = (rounds) =>
  rounds[0].map(({ name }, at) => ({
    name,
    p50: spread(rounds.map((questions) => questions[at].p50)).median,
    p95: Math.max(...rounds.map((questions) => questions[at].p95)),
    max: Math.max(...rounds.map((questions) => questions[at].max)),
  }));

function summaryOf({ what, ours, raw, unit, id, bar }, rounds) {
  const over = (of) => spread(rounds.map(of));
  const compared = {
    ratio: raw === undefined ? null : over((measures) => measures[ours] / measures[raw]),
    added: raw === undefined ? null : over((measures) => measures[ours] - measures[raw]),
    value: over((measures) => measures[ours]),
  };
  return {
    what,
    unit,
    ours: compared.value,
    raw: raw === undefined ? null : over((measures) => measures[raw]),
    ratio: compared.ratio,
    target: bar === undefined ? null : { id, ...judged(compared[bar.of], bar) },
  };
}

function judged(measured, { of, most, least }) {
  const met =
    most === undefined
      ? measured.median >= least && measured.min >= least / WORST_ROUND
      : measured.median <= most && measured.max <= most * WORST_ROUND;
  return { of, most, least, measured, met };
}
