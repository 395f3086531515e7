import type { Fault, FaultKind, FaultMatch } from './faults.js';
import { isOperation } from './operations.js';

/** Reads the JSON form of a fault, which is the `Fault` type itself. Throws with one clear line when it is none. */
export function parseFault(value: unknown): Fault {
  if (!isObject(value)) throw new Error('A fault is an object with an operation and a kind');
  return { ...parseMatch(value), ...parseKind(value) };
}

type Fields = Readonly<Record<string, unknown>>;

function parseMatch(value: Fields): FaultMatch {
  const { operation, broker, nth, times, probability } = value;
  if (operation !== '*' && !isOperation(operation)) throw new Error(`Unknown operation ${String(operation)}`);
  if (broker !== undefined && typeof broker !== 'string') throw new Error('broker is a text');
  if (times !== undefined && times !== 'always') wholeNumber(value, 'times');
  return {
    operation,
    ...(broker === undefined ? {} : { broker }),
    ...(nth === undefined ? {} : { nth: wholeNumber(value, 'nth') }),
    ...(times === undefined ? {} : { times: times === 'always' ? times : wholeNumber(value, 'times') }),
    ...(probability === undefined ? {} : { probability: numberIn(value, 'probability', 0, 1) }),
  };
}

function parseKind(value: Fields): FaultKind {
  const kind = value['kind'];
  switch (kind) {
    case 'resetBefore':
    case 'resetAfter':
    case 'cutBody':
    case 'rateLimited':
    case 'expiredToken':
    case 'staleBook':
    case 'emptyBook':
    case 'garbage':
      return { kind };
    case 'slow':
      return { kind, delayMs: numberIn(value, 'delayMs', 0, 86_400_000) };
    case 'lateVisibility':
      return { kind, hiddenForMs: numberIn(value, 'hiddenForMs', 0, 86_400_000) };
    case 'hang':
      return { kind, when: phaseOf(value, 'after') };
    case 'errorBefore':
    case 'errorAfter':
      return { kind, status: numberIn(value, 'status', 100, 599, 500) };
    case 'html':
      return { kind, status: numberIn(value, 'status', 100, 599, 503), when: phaseOf(value, 'before') };
    default:
      throw new Error(`Unknown kind of fault ${String(kind)}`);
  }
}

function phaseOf({ when }: Fields, otherwise: 'before' | 'after'): 'before' | 'after' {
  if (when === undefined) return otherwise;
  if (when !== 'before' && when !== 'after') throw new Error('when is "before" or "after"');
  return when;
}

function wholeNumber(value: Fields, key: string): number {
  const number = numberIn(value, key, 1, Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(number)) throw new Error(`${key} is a whole number`);
  return number;
}

function numberIn(value: Fields, key: string, low: number, high: number, otherwise?: number): number {
  const number = value[key] ?? otherwise;
  if (typeof number !== 'number' || !(number >= low && number <= high)) {
    throw new Error(`${key} is a number from ${low} to ${high}`);
  }
  return number;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
