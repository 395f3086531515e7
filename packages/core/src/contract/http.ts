import type { Secret } from '../runtime/secret.js';
import type { BrokerCall } from './call.js';

/** A lane is a road of its own to one account: own sockets, own waiting line, own breaker. */
export const LANES = ['orders', 'reads', 'data', 'auth'] as const;
export type Lane = (typeof LANES)[number];

/** One request to a broker, in HTTP's words. Redirects are never followed. */
export interface BrokerRequest {
  /**
   * `command` for whatever may change something at the broker, `read` for the rest; when in doubt, `command`. Within an
   * order command every request counts in the proof that nothing was sent, whatever its mark.
   */
  readonly purpose: 'command' | 'read';
  readonly lane: Lane;
  /** Which rate windows it counts in; a key of the definition's `rateLimits`. */
  readonly family: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Scheme and host, one of the definition's `hosts` or loopback. */
  readonly origin: string;
  /** Path and query; secrets in a query are handed over as `secretQuery`. */
  readonly path: string;
  readonly secretQuery?: Readonly<Record<string, string | Secret>>;
  /** Names and values in turn: `['access-token', token, 'content-type', 'application/json']`. */
  readonly headers?: readonly (string | Secret)[];
  readonly body?: string;
  /** Largest reply, after decompression, in bytes. @default 8 MiB */
  readonly maxBytes?: number;
}

/** A reply as it came, decompressed. What it means is the adapter's to say. */
export interface BrokerReply {
  readonly status: number;
  /** Names in lower case. */
  header(name: string): string | null;
  readonly body: Uint8Array;
  text(): string;
  /**
   * The body as JSON.
   *
   * @throws {AlgoError} `ALGO_REPLY_UNREADABLE` for HTML, cut or broken text.
   */
  json(): unknown;
}

/** The only way to the network for an adapter: every byte it writes is seen, counted, limited and bounded here. */
export interface BrokerHttp {
  /**
   * Sends one request within the call's deadline.
   *
   * @throws {AlgoError} `ALGO_BROKER_UNREACHABLE`, `ALGO_DEADLINE`, `ALGO_RATE_LIMITED`, `ALGO_CIRCUIT_OPEN`,
   * `ALGO_REPLY_TOO_LARGE`, `ALGO_HOST_NOT_ALLOWED`; the effect tells whether bytes of it were written.
   */
  send(request: BrokerRequest, call: BrokerCall): Promise<BrokerReply>;
}
