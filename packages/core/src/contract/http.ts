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
  /** The exchange segment it is about, for families that the broker counts by it. */
  readonly segment?: string;
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

/** A reply that is read while it arrives. It ends with its call: core reads a master before the call is over. */
export interface BrokerStream {
  readonly status: number;
  /** Names in lower case. */
  header(name: string): string | null;
  /**
   * The body, decompressed, in pieces; to be read once. Reading slowly slows the sender down. The socket is free when
   * the last piece was read, or when reading stops before.
   *
   * @throws {AlgoError} `ALGO_BROKER_UNREACHABLE`, `ALGO_DEADLINE`, `ALGO_REPLY_TOO_LARGE`, `ALGO_REPLY_UNREADABLE`
   * between two pieces, when the rest does not come
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of a body that nobody wants. */
  cancel(): void;
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
  /**
   * Sends one read and gives its reply as soon as its head is there; the deadline holds for the body too. Throws as
   * `send` does. Core's own client has it; one made for a test may leave it out: ask through `streamReply`.
   */
  stream?(request: BrokerRequest, call: BrokerCall): Promise<BrokerStream>;
}

/** A reply as a stream, whole in one piece where the client cannot stream. Throws as `BrokerHttp.stream` does. */
export async function streamReply(http: BrokerHttp, request: BrokerRequest, call: BrokerCall): Promise<BrokerStream> {
  if (http.stream !== undefined) return http.stream(request, call);
  const reply = await http.send(request, call);
  const chunks = {
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      yield reply.body;
    },
  };
  return { status: reply.status, header: (name) => reply.header(name), chunks, cancel: () => undefined };
}
