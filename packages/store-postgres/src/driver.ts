import { AlgoError } from '@algo/core/store';

/** What this package uses of pg's pool, and all that a pool of the host's own has to offer. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect', listener: (client: PostgresClient) => void): unknown;
  removeListener(event: 'error', listener: () => void): unknown;
  removeListener(event: 'connect', listener: (client: PostgresClient) => void): unknown;
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult>;
  on(event: 'error' | 'end', listener: () => void): unknown;
  on(event: 'notification', listener: (message: PostgresNotification) => void): unknown;
  /** Hands it back to its pool; a broken one is closed instead. */
  release(broken?: boolean): void;
}

export interface PostgresQuery {
  readonly text: string;
  /** Parsed and planned once per connection under this name. */
  readonly name?: string;
  readonly values?: unknown[];
  /** How columns become values. */
  readonly types?: { getTypeParser(): (value: string) => unknown };
  /** Longest wait for the answer, in milliseconds. */
  readonly query_timeout?: number;
}

export interface PostgresResult {
  readonly rows: unknown[];
}

export interface PostgresNotification {
  readonly channel: string;
  readonly payload?: string | undefined;
}

/** Longest wait for a new connection, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Loads the installed pg and makes a pool; no connection is made yet.
 *
 * @throws {AlgoError} `ALGO_DRIVER_UNSUITABLE` when pg is not installed.
 */
export async function createPool(connectionString: string, connections: number): Promise<PostgresPool> {
  const { Pool } = await loadDriver();
  return new Pool({
    connectionString,
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: '@algo/store-postgres',
  });
}

async function loadDriver() {
  try {
    const { default: driver } = await import('pg');
    return driver;
  } catch {
    throw new AlgoError('ALGO_DRIVER_UNSUITABLE', { driver: 'pg', found: null, wanted: '8' });
  }
}
