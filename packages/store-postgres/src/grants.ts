import { AlgoError } from '@algo/core/store';
import { MIGRATIONS } from './migrations.js';
import { PLAIN_NAME, isPlainName } from './options.js';

/**
 * The statements that give a role what an open store needs and no more, for the owner of the tables to run after
 * migrating: no right to make, change or empty tables, and none to change or take away an audit entry.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a role or schema that is not a plain lower-case name
 */
export function postgresGrants({ role, schema = 'algo' }: PostgresGrantsOptions): readonly string[] {
  const problems = Object.entries({ role, schema })
    .filter(([, name]) => !isPlainName(name))
    .map(([field]) => ({ field, problem: PLAIN_NAME }));
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  const tables = MIGRATIONS.flatMap(({ userTables, otherTables }) => [...userTables, ...otherTables]);
  const changed = tables.filter((table) => table !== 'audit').map((table) => `"${schema}".${table}`);
  return [
    `GRANT USAGE ON SCHEMA "${schema}" TO "${role}"`,
    `GRANT SELECT ON "${schema}".migrations, "${schema}".journal_position TO "${role}"`,
    `GRANT USAGE ON SEQUENCE "${schema}".journal_position TO "${role}"`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${changed.join(', ')} TO "${role}"`,
    `GRANT SELECT, INSERT ON "${schema}".audit TO "${role}"`,
    `GRANT EXECUTE ON FUNCTION "${schema}".has_credentials_elsewhere(bytea, text), "${schema}".attempt_position(text) TO "${role}"`,
  ];
}

export interface PostgresGrantsOptions {
  /** A lower-case name, as `CREATE ROLE` was given it. */
  readonly role: string;
  /** @default 'algo' */
  readonly schema?: string;
}
