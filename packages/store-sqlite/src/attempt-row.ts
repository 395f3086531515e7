import { ATTEMPT_STATES } from '@algo/core/store';
import type { AttemptRow, AttemptState, CommandKind } from '@algo/core/store';
import { asRow, integer, integerOrNull, misread, text, textOrNull } from './row.js';

/**
 * States as they are stored; never renumber one. What may still need work is below 5, where the partial index
 * `attempts_unsettled` keeps it; the ends that most orders come to are above.
 */
export const STATE_CODES: Readonly<Record<AttemptState, number>> = {
  INTENT: 0,
  SUBMITTING: 1,
  AMBIGUOUS: 2,
  ABSENT: 3,
  UNRESOLVED: 4,
  ACKNOWLEDGED: 5,
  REJECTED: 6,
  NOT_SENT: 7,
  FOUND: 8,
};

/** Codes below are in the index `attempts_unsettled`, from here on in `attempts_settled`. */
export const FIRST_SETTLED = 5;

/** Kinds as they are stored; never renumber one. */
export const KIND_CODES: Readonly<Record<CommandKind, number>> = { place: 0, modify: 1, cancel: 2 };

/** The columns that `attemptFrom` reads. */
export const ATTEMPT_COLUMNS =
  'tag, user_id, broker, account, kind, client_order_id, number, request, state, trading_day, created_at_ms, send_by_ms, broker_order_id, detail, updated_at_ms, owner';

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export function attemptFrom(value: unknown): AttemptRow {
  const row = asRow(value);
  const state = STATES.get(integer(row, 'state'));
  const kind = KINDS.get(integer(row, 'kind'));
  if (state === undefined) throw misread('state');
  if (kind === undefined) throw misread('kind');
  return {
    tag: text(row, 'tag'),
    owner: text(row, 'owner'),
    userId: text(row, 'user_id'),
    broker: text(row, 'broker'),
    account: text(row, 'account'),
    kind,
    clientOrderId: text(row, 'client_order_id'),
    number: integer(row, 'number'),
    request: text(row, 'request'),
    state,
    tradingDay: text(row, 'trading_day'),
    createdAtMs: integer(row, 'created_at_ms'),
    sendByMs: integerOrNull(row, 'send_by_ms'),
    brokerOrderId: textOrNull(row, 'broker_order_id'),
    detail: textOrNull(row, 'detail'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}

const COMMAND_KINDS = ['place', 'modify', 'cancel'] as const satisfies readonly CommandKind[];

const STATES: ReadonlyMap<number, AttemptState> = new Map(ATTEMPT_STATES.map((state) => [STATE_CODES[state], state]));
const KINDS: ReadonlyMap<number, CommandKind> = new Map(COMMAND_KINDS.map((kind) => [KIND_CODES[kind], kind]));
