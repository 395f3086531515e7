import type { AddResult, AttemptMove, AttemptRow, OrderSighting } from '@algo/core/store';
import { ATTEMPT_TYPES, attemptValues } from './attempt-row.js';
import { columnsOf, namesOf, unnest } from './columns.js';
import type { Values } from './database.js';
import { idText, storedText } from './keys.js';
import { SIGHTING_TYPES, sightingValues } from './sighting-row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

interface Waiting {
  readonly userId: string;
  /** Names the row it writes. */
  readonly row: string;
  readonly values: Values;
  failed(error: unknown): void;
}

export interface Add extends Waiting {
  readonly kind: 'add';
  readonly attempt: AttemptRow;
  succeeded(result: AddResult): void;
}

export interface Move extends Waiting {
  readonly kind: 'move';
  readonly move: AttemptMove;
  succeeded(moved: boolean): void;
}

export interface Sight extends Waiting {
  readonly kind: 'sight';
  succeeded(): void;
}

/** A write that shares its statement and its flush with others. */
export type SharedWrite = Add | Move | Sight;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const addWrite = (
  attempt: AttemptRow,
  succeeded: (result: AddResult) => void,
  failed: (error: unknown) => void,
): Add => ({
  kind: 'add',
  userId: attempt.userId,
  row: `attempt ${attempt.tag}`,
  values: attemptValues(attempt),
  attempt,
  succeeded,
  failed,
});

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const moveWrite = (
  move: AttemptMove,
  succeeded: (moved: boolean) => void,
  failed: (error: unknown) => void,
): Move => ({
  kind: 'move',
  userId: move.userId,
  row: `attempt ${move.tag}`,
  values: moveValues(move),
  move,
  succeeded,
  failed,
});

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export const sightWrite = (
  sighting: OrderSighting,
  succeeded: () => void,
  failed: (error: unknown) => void,
): Sight => ({
  kind: 'sight',
  userId: sighting.userId,
  row: `order ${JSON.stringify([sighting.userId, sighting.clientOrderId])}`,
  values: sightingValues(sighting),
  succeeded,
  failed,
});

const MOVE_TYPES = {
  user_id: 'text[]',
  tag: 'text[]',
  old_state: 'text[]',
  new_state: 'text[]',
  owner: 'text[]',
  send_by_ms: 'bigint[]',
  broker_order_id: 'text[]',
  detail: 'text[]',
  at_ms: 'bigint[]',
} as const;

// The user by the whole id, which no index has: by the key, a young table without statistics may be walked through all
// rows of the user instead of looked into by tag.
const moveValues = (move: AttemptMove): Values => [
  idText('userId', move.userId),
  idText('tag', move.tag),
  move.from,
  move.to,
  storedOrNull(move.owner),
  move.sendByMs ?? null,
  storedOrNull(move.brokerOrderId),
  storedOrNull(move.detail),
  move.atMs,
];

const storedOrNull = (text: string | undefined): string | null => (text === undefined ? null : storedText(text));

/**
 * The one statement that writes all of `writes`, no two of which may write the same row: parts of one statement do not
 * see each other. Its answer has `tag` and `position` of every attempt that was added or moved.
 *
 * There are seven texts, by which kinds of write are in it; any number of rows takes the same text.
 */
export function batchStatement(schema: string, writes: readonly SharedWrite[]): [query: Statement, values: Values] {
  const parts: string[] = [];
  const answers: string[] = [];
  const values: unknown[] = [];
  const kinds: string[] = [];
  for (const { kind, types, sql, answer } of PARTS) {
    const rows = writes.filter((write) => write.kind === kind).map((write) => write.values);
    if (rows.length === 0) continue;
    parts.push(sql(schema, unnest(types, values.length + 1)));
    answers.push(answer);
    values.push(...columnsOf(types, rows));
    kinds.push(kind);
  }
  return [statement(`journal ${kinds.join(' ')}`, `WITH ${parts.join(', ')} ${answers.join(' UNION ALL ')}`), values];
}

const PARTS = [
  {
    kind: 'add',
    types: ATTEMPT_TYPES,
    sql: (schema: string, rows: string) => `added AS (
      INSERT INTO ${schema}.attempts (${namesOf(ATTEMPT_TYPES)}, position)
      SELECT *, nextval('${schema}.journal_position') FROM ${rows} ON CONFLICT DO NOTHING RETURNING tag, position)`,
    answer: 'SELECT tag, position FROM added',
  },
  {
    kind: 'move',
    types: MOVE_TYPES,
    sql: (schema: string, rows: string) => `moved AS (
      UPDATE ${schema}.attempts AS a SET
        state = m.new_state, owner = COALESCE(m.owner, a.owner), send_by_ms = COALESCE(m.send_by_ms, a.send_by_ms),
        broker_order_id = COALESCE(m.broker_order_id, a.broker_order_id), detail = COALESCE(m.detail, a.detail),
        updated_at_ms = m.at_ms, position = nextval('${schema}.journal_position')
      FROM ${rows} AS m (${namesOf(MOVE_TYPES)})
      WHERE a.tag = m.tag AND a.user_id = m.user_id AND a.state = m.old_state RETURNING a.tag, a.position)`,
    answer: 'SELECT tag, position FROM moved',
  },
  {
    kind: 'sight',
    types: SIGHTING_TYPES,
    sql: (schema: string, rows: string) => `seen AS (
      INSERT INTO ${schema}.sightings (${namesOf(SIGHTING_TYPES)}) SELECT * FROM ${rows}
      ON CONFLICT (user_key, client_order_id) DO UPDATE SET
        broker = excluded.broker, account = excluded.account, broker_order = excluded.broker_order,
        seen_at_ms = excluded.seen_at_ms, import_id = excluded.import_id)`,
    answer: 'SELECT NULL::text, NULL::bigint WHERE false',
  },
] as const;
