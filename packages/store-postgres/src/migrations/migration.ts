/** One step of the schema. Each runs in a transaction of its own, together with the row that remembers it. */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  /** Tables whose rows belong to users: they get the policy of row-level security. */
  readonly userTables: readonly string[];
  /** Other tables it makes. */
  readonly otherTables: readonly string[];
  /** Statements that make it; `schema` is quoted. */
  up(schema: string): readonly string[];
  /** Statements that take it back, its rows with it. */
  down(schema: string): readonly string[];
}

/** Rows are seen and written only under the id of their user, where row-level security is on. */
export const ownRows = (schema: string, tables: readonly string[]): readonly string[] =>
  tables.map(
    (table) =>
      `CREATE POLICY own_rows ON ${schema}.${table} USING (user_id = (SELECT current_setting('algo.user_id', true)))`,
  );

export const dropTables = (schema: string, tables: readonly string[]): readonly string[] =>
  tables.map((table) => `DROP TABLE ${schema}.${table}`);

/** The columns every user's table begins with: the id for people, its digest for keys. See `keys.ts`. */
export const USER = 'user_key bytea NOT NULL, user_id text COLLATE "C" NOT NULL';
export const ACCOUNT = `${USER}, broker text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL`;
