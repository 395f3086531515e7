import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { buildConnector } from 'undici';
import type { EgressProxy } from '../contract/egress.js';
import type { Secret } from '../runtime/secret.js';
import { openTunnel } from './proxy-tunnel.js';
import type { SocketListener } from './proxy-tunnel.js';

/** Where a socket goes, and how it leaves. */
export interface Road {
  readonly origin: string;
  /** Local address to leave from; null for the system's choice. */
  readonly localAddress: string | null;
  readonly proxy: EgressProxy | null;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** A TLS session is some kilobytes; a road that was pushed out makes a full handshake once. */
const MOST_ROADS = 2_000;

/**
 * Opens the sockets to one origin over one egress. What it knows of their TLS is shared by all of them: a later socket
 * resumes the session of an earlier one, which saves a round trip or the costly half of the handshake.
 */
export class Connector {
  readonly #road: Road;
  readonly #target: buildConnector.Options;
  readonly #build: buildConnector.connector;
  /** undici holds sessions weakly, so that the next collection would take them: this keeps the newest one. */
  #session: Buffer | null = null;

  constructor(road: Road, secureContext: () => SecureContext) {
    this.#road = road;
    const { protocol, host, hostname, port } = new URL(road.origin);
    this.#target = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
    const isSecure = protocol === 'https:';
    this.#build = buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      maxCachedSessions: 1,
      allowH2: false, // the proof of not-sent is measured on HTTP/1.1 only
      ...(isSecure ? { rejectUnauthorized: true, secureContext: secureContext() } : {}),
    });
  }

  /** True while the next handshake can resume an earlier one. */
  get knowsSession(): boolean {
    return this.#session !== null;
  }

  /** @returns what ends the attempt; `done` may still hear of it */
  connect(done: SocketListener): () => void {
    const { proxy, localAddress } = this.#road;
    if (proxy === null)
      return this.#open(localAddress === null ? this.#target : { ...this.#target, localAddress }, done);
    const { protocol, hostname, port } = this.#target;
    const isSecure = protocol === 'https:';
    let end = openTunnel(
      {
        proxy,
        host: hostname,
        port: port === '' ? (isSecure ? 443 : 80) : Number(port),
        localAddress,
        timeoutMs: CONNECT_TIMEOUT_MS,
      },
      (error, tunnel) => {
        if (tunnel === null) return done(error, null);
        if (!isSecure) return done(null, tunnel.setNoDelay(true));
        end = this.#open({ ...this.#target, httpSocket: tunnel }, done);
      },
    );
    return () => end();
  }

  #open(target: buildConnector.Options, done: SocketListener): () => void {
    const opening: unknown = this.#build(target, (...[error, socket]) =>
      error === null ? done(null, socket) : done(error, null),
    );
    if (!isSocket(opening)) return () => undefined;
    opening.on('session', (session: Buffer) => {
      this.#session = session;
    });
    return () => void opening.destroy();
  }
}

/** The process's connectors, one per origin and egress: accounts that take one road share what it knows. */
export class Connectors {
  readonly #byRoad = new LRUCache<string, Connector>({ max: MOST_ROADS });
  readonly #users = new WeakMap<Secret, number>();
  #lastUser = 0;
  readonly #ca: string | null;
  #context: SecureContext | null = null;

  /** @param ca certificates to trust instead of the system's, PEM; for tests and for networks that open TLS */
  constructor(ca: string | null = null) {
    this.#ca = ca;
  }

  get(road: Road): Connector {
    const { origin, localAddress, proxy } = road;
    const name = `${origin} ${localAddress ?? ''} ${proxy?.url ?? ''} ${this.#userOf(proxy)}`;
    let connector = this.#byRoad.get(name);
    if (connector === undefined) this.#byRoad.set(name, (connector = new Connector(road, this.#secureContext)));
    return connector;
  }

  /** Who has no credentials must not go through a tunnel of who has. They are told apart without being read. */
  #userOf(proxy: EgressProxy | null): number {
    if (proxy?.credentials === undefined) return 0;
    let user = this.#users.get(proxy.credentials);
    if (user === undefined) this.#users.set(proxy.credentials, (user = ++this.#lastUser));
    return user;
  }

  /** One for all: each of its own costs a millisecond and tens of kilobytes. */
  readonly #secureContext = (): SecureContext => {
    this.#context ??= createSecureContext(this.#ca === null ? {} : { ca: this.#ca });
    return this.#context;
  };
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'destroy' in value && 'on' in value;
