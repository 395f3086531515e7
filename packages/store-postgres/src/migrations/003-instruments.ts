import { dropTables } from './migration.js';
import type { Migration } from './migration.js';

const TABLES = ['instruments', 'instrument_masters'];

/** The last good master of each broker: public, and the same for every user. */
export const instrumentsMigration: Migration = {
  number: 3,
  name: 'instruments',
  userTables: [],
  otherTables: TABLES,
  up: (schema) => [
    `CREATE TABLE ${schema}.instrument_masters (
      broker text COLLATE "C" NOT NULL PRIMARY KEY,
      rows bigint NOT NULL,
      source text NOT NULL,
      loaded_at_ms bigint NOT NULL,
      loaded_by text NOT NULL
    )`,
    `CREATE TABLE ${schema}.instruments (
      broker text COLLATE "C" NOT NULL,
      ordinal bigint NOT NULL,
      instrument text COLLATE "C" NOT NULL,
      segment text COLLATE "C" NOT NULL,
      token text COLLATE "C" NOT NULL,
      symbol text NOT NULL,
      name text NOT NULL,
      isin text,
      lot_size double precision NOT NULL,
      tick double precision NOT NULL,
      freeze_quantity double precision,
      PRIMARY KEY (broker, ordinal)
    )`,
    `CREATE UNIQUE INDEX instruments_by_contract ON ${schema}.instruments (broker, instrument)`,
    `CREATE UNIQUE INDEX instruments_by_token ON ${schema}.instruments (broker, segment, token)`,
  ],
  down: (schema) => dropTables(schema, TABLES),
};
