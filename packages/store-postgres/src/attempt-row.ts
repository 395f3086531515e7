import { ATTEMPT_STATES } from '@algo/core/store';
import type { AttemptRow, AttemptState, CommandKind } from '@algo/core/store';
import { idText, storedText, userKey } from './keys.js';
import { integer, integerOrNull, misread, text, textOrNull } from './row.js';
import type { Row } from './row.js';

/** The columns that `attemptFrom` reads. */
export const ATTEMPT_COLUMNS =
  'position, tag, user_id, broker, account, owner, kind, client_order_id, number, request, state, trading_day, created_at_ms, send_by_ms, broker_order_id, detail, updated_at_ms';

/** The columns that `attemptValues` gives, each with the type of an array of them. */
export const ATTEMPT_TYPES = {
  user_key: 'bytea[]',
  user_id: 'text[]',
  broker: 'text[]',
  account: 'text[]',
  tag: 'text[]',
  owner: 'text[]',
  kind: 'text[]',
  client_order_id: 'text[]',
  number: 'bigint[]',
  request: 'text[]',
  state: 'text[]',
  trading_day: 'text[]',
  created_at_ms: 'bigint[]',
  send_by_ms: 'bigint[]',
  broker_order_id: 'text[]',
  detail: 'text[]',
  updated_at_ms: 'bigint[]',
} as const;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const attemptValues = (row: AttemptRow): readonly unknown[] => [
  userKey(row.userId),
  storedText(row.userId),
  idText('broker', row.broker),
  idText('account', row.account),
  idText('tag', row.tag),
  storedText(row.owner),
  row.kind,
  idText('clientOrderId', row.clientOrderId),
  row.number,
  storedText(row.request),
  row.state,
  storedText(row.tradingDay),
  row.createdAtMs,
  row.sendByMs,
  row.brokerOrderId === null ? null : storedText(row.brokerOrderId),
  row.detail === null ? null : storedText(row.detail),
  row.updatedAtMs,
];

/** @throws {AlgoError} `ALGO_STORE_FAILED` for a row that this package did not write. */
export const attemptFrom = (row: Row): AttemptRow => ({
  tag: text(row, 'tag'),
  owner: text(row, 'owner'),
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
  kind: kindFrom(text(row, 'kind')),
  clientOrderId: text(row, 'client_order_id'),
  number: integer(row, 'number'),
  request: text(row, 'request'),
  state: stateFrom(text(row, 'state')),
  tradingDay: text(row, 'trading_day'),
  createdAtMs: integer(row, 'created_at_ms'),
  sendByMs: integerOrNull(row, 'send_by_ms'),
  brokerOrderId: textOrNull(row, 'broker_order_id'),
  detail: textOrNull(row, 'detail'),
  updatedAtMs: integer(row, 'updated_at_ms'),
});

/** States that may still need work: those of the partial index `attempts_unsettled` in migration 002. */
const UNSETTLED: readonly AttemptState[] = ['INTENT', 'SUBMITTING', 'AMBIGUOUS', 'ABSENT', 'UNRESOLVED'];

export const isUnsettled = (state: AttemptState): boolean => UNSETTLED.includes(state);

/** The same for a query, in the words of the index. */
export const IS_UNSETTLED = `state IN (${UNSETTLED.map((state) => `'${state}'`).join(', ')})`;

const KINDS = ['place', 'modify', 'cancel'] as const satisfies readonly CommandKind[];

function stateFrom(found: string): AttemptState {
  const state = ATTEMPT_STATES.find((state) => state === found);
  if (state === undefined) throw misread('state');
  return state;
}

function kindFrom(found: string): CommandKind {
  const kind = KINDS.find((kind) => kind === found);
  if (kind === undefined) throw misread('kind');
  return kind;
}
