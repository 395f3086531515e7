import { AlgoError, isAlgoError } from '@algo/core/store';

/** Whatever the driver threw, kept away from everybody who might print it. */
export class DriverError extends Error {
  readonly kind: FailureKind;
  /** What a person can do about it. */
  readonly why: string;
  /** False when there was no connection to send anything on. */
  readonly sent: boolean;
  readonly #thrown: unknown;

  constructor(thrown: unknown, sent: boolean) {
    super('the driver failed');
    this.kind = kindOf(thrown);
    this.why = whyOf(thrown);
    this.sent = sent;
    this.#thrown = thrown;
  }

  /** The same, for a caller whose own statement was still to be sent. */
  beforeSending(): DriverError {
    return new DriverError(this.#thrown, false);
  }
}

/**
 * What a failed statement means for what it wrote.
 *
 * `undone`: the server took it back, so it may be run again. `lost`: the link broke, and nobody here knows. `refused`: a
 * value in it does not fit. `failed`: nothing was written, and trying again does not help.
 */
export type FailureKind = 'undone' | 'lost' | 'refused' | 'failed';

/** What came from elsewhere than the driver, such as from a host's own iterable, is no reason to try again. */
export const failureKind = (error: unknown): FailureKind => (error instanceof DriverError ? error.kind : 'failed');

/** True when what was sent may have been done, and nobody here knows. */
export const isInDoubt = (error: unknown): boolean =>
  error instanceof DriverError && error.kind === 'lost' && error.sent;

/** What callers get at run time: `ALGO_STORE_FAILED` for what the driver threw, and anything else as it is. */
export const toStoreFailure = (what: string, error: unknown, inDoubt: boolean): unknown =>
  error instanceof DriverError
    ? new AlgoError('ALGO_STORE_FAILED', { what, why: inDoubt ? IN_DOUBT : error.why })
    : error;

/** The same while opening: `ALGO_STORE_UNUSABLE`. */
export function toOpenFailure(path: string, error: unknown): unknown {
  if (error instanceof DriverError) return new AlgoError('ALGO_STORE_UNUSABLE', { path, why: error.why });
  const isFailure = isAlgoError(error) && error.code === 'ALGO_STORE_FAILED';
  return isFailure ? new AlgoError('ALGO_STORE_UNUSABLE', { path, why: error.details.why }) : error;
}

const IN_DOUBT =
  'the link to the server was lost before it answered, so it is not known whether it was written; read it again';

function kindOf(thrown: unknown): FailureKind {
  const state = sqlState(thrown);
  if (state === null) return isOfTheValues(thrown) ? 'refused' : 'lost';
  if (UNDONE.has(state)) return 'undone';
  if (LOST.has(state) || state.startsWith('08')) return 'lost';
  return /^(22|23|54)/.test(state) ? 'refused' : 'failed';
}

/** Serialization failure, deadlock, lock not available in time. */
const UNDONE: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);

/** Ended by an operator, by a crash, not up yet; ended for idling, in a transaction or outside. */
const LOST: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P04', '25P03', '57P05']);

/** Says why without repeating anything that was in a statement, a row or a connection string. */
function whyOf(thrown: unknown): string {
  const state = sqlState(thrown);
  if (state !== null) return WHY[state] ?? WHY_CLASS[state.slice(0, 2)] ?? `PostgreSQL answered ${state}`;
  if (isOfTheValues(thrown)) return DOES_NOT_FIT;
  return WHY_NOT_REACHED[codeOf(thrown)] ?? 'the link to the server was lost; check the server and the network';
}

/** The driver could not put a value into words. */
const isOfTheValues = (thrown: unknown): boolean => thrown instanceof TypeError || thrown instanceof RangeError;

const DOES_NOT_FIT = 'a value in it does not fit its column';

const FOREIGN = 'its schema has tables of another program; name another schema';

/** What a person can do about it, by SQLSTATE. The texts of PostgreSQL itself are not passed on. */
const WHY: Readonly<Record<string, string>> = {
  '25006': 'the server only reads, as a standby does; connect to the primary',
  '3D000': 'there is no database of that name; create it first',
  '3F000': 'its schema is not there; run the migrations',
  '42501': 'the role lacks a right it needs; grant what docs/guide/many-processes.md lists',
  '42883': 'its functions are not there; run the migrations',
  '42710': FOREIGN,
  '42723': FOREIGN,
  '42P01': 'its tables are not there; run the migrations',
  '42P07': FOREIGN,
  '53100': "the server's disk is full; make room",
  '53200': 'the server is out of memory',
  '53300': 'the server takes no more connections; raise max_connections or lower `connections`',
  '54000': DOES_NOT_FIT,
  '57014': 'it took longer than answerTimeoutMs and was called off; look for what blocks or overloads the server',
  '57P01': 'the server ended the connection',
  '57P02': 'the server crashed',
  '57P03': 'the server is starting or stopping; try again shortly',
};

const WHY_CLASS: Readonly<Record<string, string>> = {
  '08': 'the link to the server was lost; check the server and the network',
  '22': DOES_NOT_FIT,
  '23': DOES_NOT_FIT,
  '28': 'the server refused the role or its password',
  '40': 'other transactions were in the way each time it was tried; try again',
  '55': 'another transaction holds the rows; try again',
  '58': 'the server reported a disk error; check it before trading on',
  XX: 'the server found its data damaged; keep a copy and restore a backup',
};

const UNREACHABLE = 'the server cannot be reached; check that it runs and that the address is right';

const WHY_NOT_REACHED: Readonly<Record<string, string>> = {
  ECONNREFUSED: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENOENT: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
};

/** The five characters PostgreSQL gives every answer that is not a result; null when the server said nothing. */
function sqlState(error: unknown): string | null {
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : null;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
