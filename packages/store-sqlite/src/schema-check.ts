import type { SqliteConnection, SqliteDriver } from './driver.js';
import { damageOf } from './integrity.js';
import { asRow, text } from './row.js';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.js';

/** What `verify` found. */
export interface SchemaReport {
  /** True when the schema is the newest one, exactly as this package makes it, and the file is undamaged. */
  readonly ok: boolean;
  /** The schema of the file, and the newest one known here. */
  readonly version: number;
  readonly wanted: number;
  /** Where the file is not what this package made at that version. */
  readonly differences: readonly SchemaDifference[];
  /** What SQLite's integrity check says, and broken references; empty when nothing is wrong. */
  readonly damage: readonly string[];
}

/** A table, index, view or trigger as SQL; null where it is not there. */
export interface SchemaDifference {
  readonly type: string;
  readonly name: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** Compares a file of the given schema version with a freshly made one. */
export function checkSchema(driver: SqliteDriver, connection: SqliteConnection, version: number): SchemaReport {
  const differences = differencesOf(expectedParts(driver, version), partsOf(connection));
  const damage = [...damageOf(connection), ...brokenReferences(connection)];
  const ok = version === SCHEMA_VERSION && differences.length === 0 && damage.length === 0;
  return { ok, version, wanted: SCHEMA_VERSION, differences, damage };
}

interface SchemaPart {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

function expectedParts(driver: SqliteDriver, version: number): readonly SchemaPart[] {
  const fresh = new driver(':memory:', { timeout: 0 });
  try {
    for (const { up } of MIGRATIONS.slice(0, version)) for (const statement of up) fresh.exec(statement);
    return partsOf(fresh);
  } finally {
    fresh.close();
  }
}

/** Without what SQLite keeps for itself, statistics for one, and the notes that version 0.1.0 made of its migrations. */
function partsOf(connection: SqliteConnection): readonly SchemaPart[] {
  return connection
    .prepare('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name')
    .all()
    .map(asRow)
    .map((row) => ({ type: text(row, 'type'), name: text(row, 'name'), sql: withoutLayout(text(row, 'sql')) }))
    .filter(({ name }) => !name.startsWith('sqlite_') && !name.startsWith('kysely_'));
}

/** A column that was added and taken away again leaves other spaces behind. */
const withoutLayout = (sql: string): string => sql.replaceAll(/\s+/g, ' ').replaceAll(/ ?([(),]) ?/g, '$1');

function differencesOf(expected: readonly SchemaPart[], found: readonly SchemaPart[]): readonly SchemaDifference[] {
  const names = new Set([...expected, ...found].map(nameOf));
  const expectedByName = new Map(expected.map((part) => [nameOf(part), part]));
  const foundByName = new Map(found.map((part) => [nameOf(part), part]));
  return [...names].flatMap((name) => {
    const [wanted, there] = [expectedByName.get(name), foundByName.get(name)];
    const part = wanted ?? there;
    if (part === undefined || wanted?.sql === there?.sql) return [];
    return [{ type: part.type, name: part.name, expected: wanted?.sql ?? null, found: there?.sql ?? null }];
  });
}

const nameOf = ({ type, name }: SchemaPart): string => `${type} ${name}`;

const brokenReferences = (connection: SqliteConnection): readonly string[] =>
  connection
    .prepare('PRAGMA foreign_key_check')
    .all()
    .map(
      (row) => `a row of ${text(asRow(row), 'table')} refers to a row of ${text(asRow(row), 'parent')} that is gone`,
    );
