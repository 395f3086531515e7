import { seededRandom } from '../random.js';
import type { Fault } from './faults.js';
import type { BookSnapshot } from './front-end.js';
import type { Operation } from './operations.js';

/** A fault that fired, with what it remembered from the moment it was injected. */
export interface FiredFault {
  readonly fault: Fault;
  readonly books: ReadonlyMap<string, BookSnapshot>;
}

/** What goes wrong with one request. */
export interface Trouble {
  readonly fired: FiredFault | undefined;
  /** How long an order of this request stays out of sight; goes together with any other fault. */
  readonly hiddenForMs: number;
}

/** Decides which request is hit by which fault. The same seed and the same requests give the same hits. */
export interface FaultPlan {
  inject(fault: Fault, books: ReadonlyMap<string, BookSnapshot>): void;
  clear(): void;
  next(broker: string, operation: Operation): Trouble;
}

interface ArmedFault extends FiredFault {
  /** Its own chance, so that other operations' traffic does not move its dice. */
  readonly random: () => number;
  seen: number;
  hits: number;
}

export function createFaultPlan(seed: number): FaultPlan {
  let armed: ArmedFault[] = [];
  let injected = 0;

  return {
    inject(fault, books) {
      injected += 1;
      armed.push({ fault, books, random: seededRandom(seed + injected * 7_919), seen: 0, hits: 0 });
    },
    clear() {
      armed = [];
    },
    next(broker, operation) {
      const here = armed.filter(({ fault }) => matches(fault, broker, operation));
      const fired = here.find((candidate) => candidate.fault.kind !== 'lateVisibility' && fires(candidate));
      return { fired, hiddenForMs: Math.max(0, ...here.map(hiddenFor)) };
    },
  };
}

/** Being late in the book is no way to answer, so it is asked apart from the faults that are. */
function hiddenFor(armed: ArmedFault): number {
  return armed.fault.kind === 'lateVisibility' && fires(armed) ? armed.fault.hiddenForMs : 0;
}

function matches(fault: Fault, broker: string, operation: Operation): boolean {
  if (fault.broker !== undefined && fault.broker !== broker) return false;
  return fault.operation === '*' || fault.operation === operation;
}

/** Counts the request, and says whether the fault hits it. */
function fires(armed: ArmedFault): boolean {
  const { nth = 1, probability = 1, times = armed.fault.probability === undefined ? 1 : 'always' } = armed.fault;
  armed.seen += 1;
  if (armed.seen < nth || (times !== 'always' && armed.hits >= times)) return false;
  if (probability < 1 && armed.random() >= probability) return false;
  armed.hits += 1;
  return true;
}
