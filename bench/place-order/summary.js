import { FLOOR } from '../clients/cases.js';
import { spread } from '../lib/statistics.js';

/** What is compared with the floor of the same round: a name, and where its number is. */
const MEASURES = {
  serialP50: (one) => one.serial.p50Us,
  serialCpu: (one) => one.serial.cpuUs,
  cpuAt50: (one) => one.at50.cpuUs,
  perSecondAt50: (one) => one.at50.perSecond,
  cpuAt1000: (one) => one.at1000.cpuUs,
  perSecondAt1000: (one) => one.at1000.perSecond,
  p50At1000: (one) => one.at1000.p50Us / 1_000,
  p99At1000: (one) => one.at1000.p99Us / 1_000,
};

/**
 * Per case the spread over the rounds of every measure, of its ratio to the floor in the same round, and the most new
 * sockets of any round.
 *
 * @param {readonly import('../clients/cases.js').Case[]} cases
 * @param {readonly Record<string, any>[]} rounds
 */
export function summarise(cases, rounds) {
  return cases.map(({ name, label }) => {
    const over = (value) => spread(rounds.map((results) => value(results[name], results[FLOOR])));
    const absolute = Object.entries(MEASURES).map(([measure, of]) => [measure, over((one) => of(one))]);
    const ratio = Object.entries(MEASURES).map(([measure, of]) => [measure, over((one, floor) => of(one) / of(floor))]);
    const newSockets = (phase) => Math.max(...rounds.map((results) => results[name][phase].newSockets));
    return {
      name,
      label,
      absolute: Object.fromEntries(absolute),
      ratio: Object.fromEntries(ratio),
      newSockets: { at50: newSockets('at50'), at1000: newSockets('at1000') },
      void: rounds.map((results) => results[name].void).find((why) => why !== null) ?? null,
    };
  });
}
