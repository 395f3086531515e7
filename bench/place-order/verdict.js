import { FLOOR, OURS } from '../clients/cases.js';
import { spread } from '../lib/statistics.js';

/** No round may be worse than this many times the target. */
const WORST_ROUND = 1.3;

/**
 * @typedef {object} Verdict
 * @property {string} id
 * @property {string} what
 * @property {string} target
 * @property {import('../lib/statistics.js').Spread} measured
 * @property {boolean} met median within the target, and no round beyond 1.3 times it; false for a void run
 * @property {import('../lib/statistics.js').Spread | null} durable the same with fsync, for information
 */

/** @returns {readonly Verdict[]} none without our own case */
export function verdicts(summary, rounds) {
  const ours = summary.find(({ name }) => name === OURS.normal);
  const durable = summary.find(({ name }) => name === OURS.full);
  if (ours === undefined) return [];

  const ratio = (id, what, measure, bar, worse) => {
    const measured = ours.ratio[measure];
    const target = `${worse === 'more' ? '<=' : '>='} ${bar} x`;
    return {
      id,
      what,
      target,
      measured,
      met: ours.void === null && within(measured, bar, worse),
      durable: durable?.ratio[measure] ?? null,
    };
  };
  const serialBehind = (name) =>
    spread(rounds.map((results) => results[name].serial.p50Us - results[FLOOR].serial.p50Us));
  const behind = serialBehind(OURS.normal);
  const sockets = { min: 0, median: ours.newSockets.at1000, max: ours.newSockets.at1000 };

  return [
    ratio('P1', 'CPU per order, 50 in flight', 'cpuAt50', 1.2, 'more'),
    ratio('P2', 'orders per second, 1000 in flight', 'perSecondAt1000', 0.85, 'less'),
    ratio('P2', 'p99, 1000 in flight', 'p99At1000', 1.5, 'more'),
    {
      id: 'P2',
      what: 'new sockets, 1000 in flight',
      target: '0',
      measured: sockets,
      met: ours.void === null && sockets.max === 0,
      durable: null,
    },
    ratio('P3', 'CPU per order, one at a time', 'serialCpu', 1.25, 'more'),
    {
      id: 'P3',
      what: 'p50 beyond raw in us, one at a time',
      target: '<= 15',
      measured: behind,
      met: ours.void === null && within(behind, 15, 'more'),
      durable: durable === undefined ? null : serialBehind(OURS.full),
    },
  ];
}

function within({ min, median, max }, bar, worse) {
  if (worse === 'more') return median <= bar && max <= bar * WORST_ROUND;
  return median >= bar && min >= bar / WORST_ROUND;
}
