import { ACCOUNT, USER, dropTables, ownRows } from './migration.js';
import type { Migration } from './migration.js';

const USER_TABLES = ['attempts', 'sightings', 'fills', 'snapshots', 'imports'];

/**
 * The order journal, and what was seen of orders and accounts.
 *
 * `attempts` is written twice for every order. Its rows keep their `seq`, the order they came in; `position` is drawn
 * anew by every write, so that a database that came back with older data shows it. The index of what is not settled
 * holds only those rows, and stays small.
 */
export const journalMigration: Migration = {
  number: 2,
  name: 'journal',
  userTables: USER_TABLES,
  otherTables: [],
  up: (schema) => [...attempts(schema), ...records(schema), ...ownRows(schema, USER_TABLES)],
  down: (schema) => [
    `DROP FUNCTION ${schema}.attempt_position(text)`,
    ...dropTables(schema, USER_TABLES),
    `DROP SEQUENCE ${schema}.journal_position`,
  ],
};

const attempts = (schema: string): readonly string[] => [
  `CREATE SEQUENCE ${schema}.journal_position AS bigint`,
  `CREATE TABLE ${schema}.attempts (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    position bigint NOT NULL,
    ${ACCOUNT},
    tag text COLLATE "C" NOT NULL PRIMARY KEY,
    owner text NOT NULL,
    kind text NOT NULL,
    client_order_id text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    request text NOT NULL,
    state text NOT NULL,
    trading_day text COLLATE "C" NOT NULL,
    created_at_ms bigint NOT NULL,
    send_by_ms bigint,
    broker_order_id text,
    detail text,
    updated_at_ms bigint NOT NULL
  )`,
  `CREATE UNIQUE INDEX attempts_by_command ON ${schema}.attempts (user_key, client_order_id, kind, number)`,
  `CREATE INDEX attempts_by_user ON ${schema}.attempts (user_key, seq)`,
  `CREATE INDEX attempts_by_day ON ${schema}.attempts (user_key, trading_day, seq) WHERE kind = 'place'`,
  // The states are spelled in `attempt-row.ts` too: the queries have to say the same for PostgreSQL to use this.
  `CREATE INDEX attempts_unsettled ON ${schema}.attempts (user_key, broker, account, seq)
   WHERE state IN ('INTENT', 'SUBMITTING', 'AMBIGUOUS', 'ABSENT', 'UNRESOLVED')`,
  // Whoever remembers a tag may ask how far its row is, under row-level security too: a number says nothing else.
  `CREATE FUNCTION ${schema}.attempt_position(of_tag text) RETURNS bigint
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
   AS $$ SELECT position FROM ${schema}.attempts WHERE tag = of_tag $$`,
  `REVOKE ALL ON FUNCTION ${schema}.attempt_position(text) FROM PUBLIC`,
];

const records = (schema: string): readonly string[] => [
  `CREATE TABLE ${schema}.sightings (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    ${ACCOUNT},
    client_order_id text COLLATE "C" NOT NULL,
    broker_order json NOT NULL,
    seen_at_ms bigint NOT NULL,
    import_id text COLLATE "C",
    PRIMARY KEY (user_key, client_order_id)
  )`,
  `CREATE INDEX sightings_by_user ON ${schema}.sightings (user_key, seq)`,
  `CREATE INDEX sightings_by_import ON ${schema}.sightings (user_key, import_id, seq) WHERE import_id IS NOT NULL`,
  `CREATE TABLE ${schema}.fills (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    ${ACCOUNT},
    trade_id text COLLATE "C" NOT NULL,
    client_order_id text COLLATE "C",
    trade json NOT NULL,
    import_id text COLLATE "C",
    PRIMARY KEY (user_key, broker, account, trade_id)
  )`,
  `CREATE INDEX fills_by_user ON ${schema}.fills (user_key, seq)`,
  `CREATE INDEX fills_by_order ON ${schema}.fills (user_key, client_order_id, seq) WHERE client_order_id IS NOT NULL`,
  `CREATE INDEX fills_by_import ON ${schema}.fills (user_key, import_id, seq) WHERE import_id IS NOT NULL`,
  `CREATE TABLE ${schema}.snapshots (
    ${ACCOUNT},
    kind text NOT NULL,
    taken_at_ms bigint NOT NULL,
    rows json NOT NULL,
    import_id text COLLATE "C",
    PRIMARY KEY (user_key, broker, account, kind, taken_at_ms)
  )`,
  `CREATE INDEX snapshots_by_import ON ${schema}.snapshots (user_key, import_id) WHERE import_id IS NOT NULL`,
  `CREATE TABLE ${schema}.imports (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    ${USER},
    import_id text COLLATE "C" NOT NULL,
    source text NOT NULL,
    at_ms bigint NOT NULL,
    orders bigint NOT NULL,
    fills bigint NOT NULL,
    snapshots bigint NOT NULL,
    PRIMARY KEY (user_key, import_id)
  )`,
  `CREATE INDEX imports_by_user ON ${schema}.imports (user_key, seq)`,
];
