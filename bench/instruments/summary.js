import { spread } from '../lib/statistics.js';
import { FLOORS, OURS } from './cases.js';

const MEASURES = [
  'ms',
  'cpuMs',
  'stallMs',
  'heapMb',
  'offHeapMb',
  'fileMb',
  'bySymbolFirstNs',
  'bySymbolAgainNs',
  'byTokenFirstNs',
  'byTokenAgainNs',
];
/** No round may be worse than this many times the target. */
const WORST_ROUND = 1.3;

/**
 * Per case the spread over the rounds of every measure, and of time and CPU to the floor of the same layout and round.
 *
 * @param {readonly import('./cases.js').Case[]} cases
 * @param {readonly Record<string, any>[]} rounds
 */
export function summarise(cases, rounds) {
  return cases.map(({ name, label, layout }) => {
    const over = (value) => spread(rounds.map((results) => value(results[name], results[FLOORS[layout]])));
    return {
      name,
      label,
      layout,
      absolute: Object.fromEntries(MEASURES.map((measure) => [measure, over((one) => one[measure])])),
      ratio: {
        ms: over((one, floor) => one.ms / floor.ms),
        cpu: over((one, floor) => one.cpuMs / floor.cpuMs),
        offHeap: over((one) => one.offHeapMb / one.fileMb),
      },
    };
  });
}

/** The targets are about Dhan's master; Angel's is measured for information. */
export function verdicts(summary) {
  const ours = summary.find(({ name }) => name === OURS.dhan);
  if (ours === undefined) return [];
  const verdict = (id, what, measured, bar, target) => ({
    id,
    what,
    target,
    measured,
    met: measured.median <= bar && measured.max <= bar * WORST_ROUND,
  });
  const { absolute, ratio } = ours;
  return [
    verdict('P7', 'load, to the hand split loop', ratio.ms, 0.3, '<= 0.3 x'),
    verdict('P7', 'JS heap kept, MB', absolute.heapMb, 10, '<= 10'),
    verdict('P7', 'off-heap kept, to the file', ratio.offHeap, 1.5, '<= 1.5 x'),
    verdict('P7', 'longest stall, ms', absolute.stallMs, 15, '<= 15'),
    verdict('P8', 'look-up by symbol, first, ns', absolute.bySymbolFirstNs, 1_000, '<= 1000'),
    verdict('P8', 'look-up by symbol, again, ns', absolute.bySymbolAgainNs, 250, '<= 250'),
    verdict('P8', 'look-up by token, first, ns', absolute.byTokenFirstNs, 1_000, '<= 1000'),
    verdict('P8', 'look-up by token, again, ns', absolute.byTokenAgainNs, 250, '<= 250'),
  ];
}
