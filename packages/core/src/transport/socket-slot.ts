import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Connector } from './connector.js';
import type { SocketListener } from './proxy-tunnel.js';
import type { Sockets } from './sockets.js';

/** Below the 60 s after which most gateways drop an idle socket: one that dies as we write is an unknown order. */
const IDLE_SOCKET_MS = 20_000;
/** A warm socket older than this is made anew while the market is about to open. */
const STALE_MS = 12_000;

/**
 * One socket's place: an undici `Client`, which has at most one socket at a time, and links to its neighbours in the
 * process's list of idle ones. A socket made ahead of time waits here until the client asks for one.
 */
export class SocketSlot {
  readonly client: Client;
  readonly owner: Sockets;
  readonly #connector: Connector;
  readonly #monotonic: () => number;
  /** In the list of idle slots; both null in one that is busy. */
  older: SocketSlot | null = null;
  newer: SocketSlot | null = null;
  isIdle = false;
  /** Monotonic; of one that is idle. */
  idleSinceMs = 0;
  #socket: Socket | null = null;
  #ready: 'no' | 'coming' | 'here' = 'no';
  #readySinceMs = 0;
  /** The client, asking while a warm socket is on its way. */
  #asking: SocketListener | null = null;
  #endConnecting: (() => void) | null = null;

  constructor(owner: Sockets, connector: Connector, origin: string, monotonic: () => number) {
    this.owner = owner;
    this.#connector = connector;
    this.#monotonic = monotonic;
    this.client = new Client(origin, {
      pipelining: 1,
      allowH2: false, // the proof of not-sent is measured on HTTP/1.1 only
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
      headersTimeout: 0, // the call's own deadline is exact, undici's is up to a second late
      bodyTimeout: 0,
      connect: (_target, done) =>
        this.#connect((error, socket) => (socket === null ? done(error ?? lost(), null) : done(null, socket))),
    });
  }

  /** True while its socket is open, whoever holds it. */
  get isConnected(): boolean {
    return this.#socket !== null && !this.#socket.destroyed;
  }

  /** Connects ahead of the next request, without sending anything; a socket that waited long is replaced. @returns false when there is no need */
  warm(): boolean {
    if (!this.isIdle || this.#ready === 'coming') return false;
    const sinceMs = this.#ready === 'here' ? this.#readySinceMs : this.idleSinceMs;
    if (this.isConnected && this.#monotonic() - sinceMs < STALE_MS) return false;
    this.#socket?.destroy();
    this.#ready = 'coming';
    this.#endConnecting = this.#connector.connect((error, socket) => this.#warmed(error, socket));
    return true;
  }

  /** At once: nothing of it is left on the wire. Whoever has a request on it hears an error. */
  destroy(): Promise<void> {
    this.#endConnecting?.();
    this.#endConnecting = null;
    const ended = this.client.destroy();
    this.#socket?.destroy();
    return ended;
  }

  #connect(done: SocketListener): void {
    const socket = this.#socket;
    const isReady = this.#ready === 'here' && this.isConnected;
    if (isReady && socket !== null && this.#monotonic() - this.#readySinceMs < IDLE_SOCKET_MS) {
      this.#ready = 'no';
      return queueMicrotask(() => done(socket.destroyed ? lost() : null, socket.destroyed ? null : socket));
    }
    if (this.#ready === 'coming') {
      this.#asking = done;
      return;
    }
    this.#ready = 'no';
    socket?.destroy();
    this.#endConnecting = this.#connector.connect((error, opened) => {
      this.#endConnecting = null;
      if (opened !== null) this.#hold(opened);
      done(error, opened);
    });
  }

  #warmed(error: Error | null, socket: Socket | null): void {
    this.#endConnecting = null;
    const asking = this.#asking;
    this.#asking = null;
    this.#ready = asking === null && socket !== null ? 'here' : 'no';
    this.#readySinceMs = this.#monotonic();
    if (socket !== null) {
      this.#hold(socket);
      if (this.client.destroyed) socket.destroy();
    }
    asking?.(error, socket);
  }

  #hold(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }
}

class SocketLost extends Error {
  readonly code = 'SOCKET_CLOSED';
}

const lost = (): SocketLost => new SocketLost('the socket was closed before it was used');
