import { Client } from 'undici';

export interface SocketOptions {
  readonly origin: string;
  /** Local address to leave from; null for the system's choice. */
  readonly localAddress: string | null;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Below the 60 s after which most gateways drop an idle socket: one that dies as we write is an unknown order. */
const IDLE_SOCKET_MS = 20_000;

/**
 * The sockets of one lane to one origin, one undici `Client` each. A request is handed to a socket that is free, so it
 * never waits in a queue of undici's, where it would be created out of sight of our send record. As many are opened as
 * were ever needed at once, which the lane bounds.
 */
export class Sockets {
  readonly #options: SocketOptions;
  readonly #all: Client[] = [];
  /** The one used last comes first: it is the warmest. */
  readonly #free: Client[] = [];

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  take(): Client {
    return this.#free.pop() ?? this.#open();
  }

  giveBack(client: Client): void {
    this.#free.push(client);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.destroy()));
  }

  #open(): Client {
    const { origin, localAddress } = this.#options;
    const client = new Client(origin, {
      pipelining: 1,
      allowH2: false, // the proof of not-sent is measured on HTTP/1.1 only
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
      headersTimeout: 0, // the call's own deadline is exact, undici's is up to a second late
      bodyTimeout: 0,
      connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: true },
      ...(localAddress === null ? {} : { localAddress }),
    });
    this.#all.push(client);
    return client;
  }
}
