import { AlgoError } from '@algo/core/store';
import type { PostgresPool } from './driver.js';

/** Where a database is: an address to make connections to, or a pool of the host's own. */
export type PostgresTarget =
  | {
      /** For example `postgresql://app:password@db:5432/trading`. Never shown in an error. */
      readonly connectionString: string;
      readonly pool?: never;
    }
  | {
      /**
       * A pool of pg's kind, for this store alone: it sets parameters of its connections and keeps two of them. It is
       * left open when the store closes.
       */
      readonly pool: PostgresPool;
      readonly connectionString?: never;
    };

/** Settings of one PostgreSQL store. Defaults live in `DEFAULTS` and nowhere else. */
export type PostgresOptions = PostgresTarget & {
  /** Where its tables are; a lower-case name of at most 40 characters. @default 'algo' */
  readonly schema?: string;
  /** `auto`: opening brings the tables up to date. `manual`: opening refuses tables that are not. @default 'auto' */
  readonly migrate?: 'auto' | 'manual';
  /**
   * Names the user to the server in every call, for databases whose tables have row-level security on. It has to be
   * what the database has: opening refuses the other one. @default false
   */
  readonly rowLevelSecurity?: boolean;
  /**
   * Where a role connects that sees the rows of all users. Needed with `rowLevelSecurity` alone, for changing keys and
   * for handing rows from one user to another.
   */
  readonly operator?: PostgresTarget;
  /** Most connections made for calls, two permanent ones not counted; has no effect on a pool of the host's own. @default 10 */
  readonly connections?: number;
  /** Longest wait for the answer to one statement, in milliseconds. @default 10000 */
  readonly answerTimeoutMs?: number;
};

const DEFAULTS = {
  schema: 'algo',
  migrate: 'auto',
  rowLevelSecurity: false,
  connections: 10,
  answerTimeoutMs: 10_000,
} as const;

export interface ResolvedPostgresOptions {
  readonly target: PostgresTarget;
  /** What errors call the database: never a role or a password. */
  readonly path: string;
  /** Quoted, to be put into statements. */
  readonly schema: string;
  readonly migrate: 'auto' | 'manual';
  readonly rowLevelSecurity: boolean;
  readonly operator: PostgresTarget | null;
  readonly connections: number;
  readonly answerTimeoutMs: number;
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once. */
export function resolveOptions(options: PostgresOptions): ResolvedPostgresOptions {
  const {
    schema = DEFAULTS.schema,
    migrate = DEFAULTS.migrate,
    rowLevelSecurity = DEFAULTS.rowLevelSecurity,
    connections = DEFAULTS.connections,
    answerTimeoutMs = DEFAULTS.answerTimeoutMs,
    operator = null,
  } = options;
  const problems = [
    { field: 'connectionString', problem: targetProblem(options) },
    { field: 'operator', problem: operator === null ? null : targetProblem(operator) },
    { field: 'schema', problem: isPlainName(schema) ? null : PLAIN_NAME },
    { field: 'migrate', problem: MIGRATE.has(migrate) ? null : "must be 'auto' or 'manual'" },
    { field: 'rowLevelSecurity', problem: typeof rowLevelSecurity === 'boolean' ? null : 'must be true or false' },
    { field: 'connections', problem: wholeProblem(connections, 1, 1_000) },
    { field: 'answerTimeoutMs', problem: wholeProblem(answerTimeoutMs, 100, 600_000) },
  ].flatMap(({ field, problem }) => (problem === null ? [] : [{ field, problem }]));
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return {
    target: options.pool === undefined ? { connectionString: options.connectionString } : { pool: options.pool },
    path: pathOf(options, schema),
    schema: `"${schema}"`,
    migrate,
    rowLevelSecurity,
    operator,
    connections,
    answerTimeoutMs,
  };
}

const MIGRATE: ReadonlySet<unknown> = new Set(['auto', 'manual']);

function targetProblem({ connectionString, pool }: PostgresTarget): string | null {
  if ((connectionString === undefined) === (pool === undefined)) return 'or a pool must be given, and not both';
  if (connectionString === undefined) return null;
  return typeof connectionString === 'string' && connectionString.trim() !== ''
    ? null
    : 'must be an address, for example postgresql://app:password@db:5432/trading';
}

/** A name that means the same with and without quotes. */
export const isPlainName = (name: unknown): boolean => typeof name === 'string' && /^[a-z_][a-z0-9_]{0,39}$/.test(name);

export const PLAIN_NAME = 'must be 1 to 40 lower-case letters, digits and underscores, and not begin with a digit';

const wholeProblem = (value: number, least: number, most: number): string | null =>
  Number.isInteger(value) && value >= least && value <= most ? null : `must be a whole number from ${least} to ${most}`;

/**
 * Host, database and schema. Of an address that could be read in two ways, as when a password has an @ or a slash that
 * was not escaped, no more than the schema: the other reading may show a part of the password.
 */
function pathOf({ connectionString }: PostgresTarget, schema: string): string {
  const plain = /^postgres(?:ql)?:\/\/(?:[^@/?#]*@)?([\w.:[\]-]+\/[\w.-]+)(?:\?[^@]*)?$/.exec(connectionString ?? '');
  return `${plain?.[1] === undefined ? 'PostgreSQL' : `postgresql://${plain[1]}`} (schema ${schema})`;
}
