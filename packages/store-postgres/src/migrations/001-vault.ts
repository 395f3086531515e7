import { ACCOUNT, USER, dropTables, ownRows } from './migration.js';
import type { Migration } from './migration.js';

const USER_TABLES = ['credentials', 'sessions', 'configuration', 'leases', 'audit'];

/** What is sealed, what is configured, who may act, and who changed it. */
export const vaultMigration: Migration = {
  number: 1,
  name: 'vault',
  userTables: USER_TABLES,
  otherTables: [],
  up: (schema) => [...tables(schema), ...elsewhere(schema), ...appendOnly(schema), ...ownRows(schema, USER_TABLES)],
  down: (schema) => [
    ...dropTables(schema, USER_TABLES),
    `DROP FUNCTION ${schema}.refuse_change()`,
    `DROP FUNCTION ${schema}.has_credentials_elsewhere(bytea, text)`,
  ],
};

const tables = (schema: string): readonly string[] => [
  `CREATE TABLE ${schema}.credentials (
    ${ACCOUNT},
    version bigint NOT NULL,
    fields json NOT NULL,
    sealed bytea NOT NULL,
    updated_at_ms bigint NOT NULL,
    PRIMARY KEY (user_key, broker, account)
  )`,
  `CREATE INDEX credentials_by_broker ON ${schema}.credentials (broker)`,
  `CREATE TABLE ${schema}.sessions (
    ${ACCOUNT},
    version bigint NOT NULL,
    sealed bytea NOT NULL,
    expires_at_ms bigint,
    updated_at_ms bigint NOT NULL,
    PRIMARY KEY (user_key, broker, account)
  )`,
  `CREATE TABLE ${schema}.configuration (
    ${USER},
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    value text NOT NULL,
    updated_at_ms bigint NOT NULL,
    PRIMARY KEY (user_key, name)
  )`,
  `CREATE TABLE ${schema}.leases (
    ${USER},
    name text COLLATE "C" NOT NULL,
    owner text,
    epoch bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (user_key, name)
  )`,
  `CREATE TABLE ${schema}.audit (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    ${USER},
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    why text,
    before text,
    after text,
    PRIMARY KEY (user_key, seq)
  )`,
];

/** The one question that crosses users; it says yes or no under row-level security too, because its owner sees all rows. */
const elsewhere = (schema: string): readonly string[] => [
  `CREATE FUNCTION ${schema}.has_credentials_elsewhere(asking bytea, of_broker text) RETURNS boolean
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
   AS $$ SELECT EXISTS (SELECT FROM ${schema}.credentials WHERE broker = of_broker AND user_key <> asking) $$`,
  `REVOKE ALL ON FUNCTION ${schema}.has_credentials_elsewhere(bytea, text) FROM PUBLIC`,
];

/** Once per statement and not per row: a statement that finds no row is refused as well. */
const appendOnly = (schema: string): readonly string[] => [
  `CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql
   AS $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or taken away' USING ERRCODE = '42501'; END $$`,
  `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.audit
   FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change()`,
];
