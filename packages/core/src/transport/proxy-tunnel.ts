import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { EgressProxy } from '../contract/egress.js';

export interface TunnelOptions {
  readonly proxy: EgressProxy;
  /** Where the tunnel ends. */
  readonly host: string;
  readonly port: number;
  readonly localAddress: string | null;
  /** Of silence. */
  readonly timeoutMs: number;
}

/** Hears of it once. */
export type SocketListener = (error: Error | null, socket: Socket | null) => void;

/**
 * Asks an HTTP proxy for a tunnel. It speaks through node's own client and not through undici: what is said to the proxy
 * is never one of our requests, so a proxy that refuses proves that nothing was sent to the broker.
 *
 * Errors carry a code and never the proxy's user, its headers or its answer.
 *
 * @returns what ends the attempt
 */
export function openTunnel(options: TunnelOptions, done: SocketListener): () => void {
  const { proxy, host, port, localAddress, timeoutMs } = options;
  const { hostname, port: proxyPort } = new URL(proxy.url);
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const asking = request({
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: proxyPort === '' ? 80 : Number(proxyPort),
    path: target,
    headers: { host: target, ...authorization(proxy) },
    agent: false,
    timeout: timeoutMs,
    ...(localAddress === null ? {} : { localAddress }),
  });
  listen(asking, done);
  asking.end();
  return () => void asking.destroy();
}

function listen(asking: ClientRequest, done: SocketListener): void {
  let over = false;
  const end = (error: Error | null, socket: Socket | null): void => {
    if (over) return;
    over = true;
    done(error, socket);
  };
  asking.on('connect', ({ statusCode = 0 }, socket, head) => {
    if (!over && statusCode >= 200 && statusCode < 300 && head.length === 0) return end(null, socket);
    socket.on('error', () => undefined);
    socket.destroy();
    end(new ProxyError(head.length > 0 ? 'PROXY_UNREADABLE' : `PROXY_REFUSED_${statusCode}`), null);
  });
  asking.on('timeout', () => {
    end(new ProxyError('PROXY_TIMEOUT'), null);
    asking.destroy();
  });
  asking.on('error', (error) => end(new ProxyError(`PROXY_${codeOf(error)}`), null));
  asking.on('close', () => end(new ProxyError('PROXY_CLOSED'), null));
}

function authorization({ credentials }: EgressProxy): Readonly<Record<string, string>> {
  if (credentials === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials.reveal(), 'utf8').toString('base64')}` };
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name);

/** Its code is all that is told of it. */
class ProxyError extends Error {
  readonly code: string;

  constructor(code: string) {
    super('the proxy did not open a tunnel');
    this.name = 'ProxyError';
    this.code = code;
  }
}
