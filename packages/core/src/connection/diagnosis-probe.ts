import { lookup } from 'node:dns/promises';
import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** How a diagnosis looks at a broker's hosts. Tests and hosts with a resolver of their own bring another one. */
export interface NetworkProbe {
  /** Addresses of a host name. Rejects when it has none. */
  addresses(host: string): Promise<readonly string[]>;
  /** Connects by TLS and asks for nothing but the head of the root page, without any credential. */
  visit(host: string, options: VisitOptions): Promise<HostVisit>;
}

export interface VisitOptions {
  /** Address of this machine to leave from; null for the system's choice. */
  readonly localAddress: string | null;
  /** Ends the visit. */
  readonly signal: AbortSignal;
}

export interface HostVisit {
  /** For example `TLSv1.3`; null where the connection has ended before it could be asked. */
  readonly protocol: string | null;
  readonly certificateEndsAtMs: number | null;
  /** Milliseconds from the start until the connection was secured. */
  readonly connectMs: number;
  /** Milliseconds from then until the head of the reply was there. */
  readonly replyMs: number;
  /** The reply's `Date` as it was printed. */
  readonly date: string | null;
}

export interface SystemProbeOptions {
  /** @default 443 */
  readonly port?: number;
  /** Certificates to trust instead of the system's. */
  readonly ca?: string;
  readonly monotonic: () => number;
}

/** Asks the system's resolver, and the host itself. A certificate that cannot be trusted fails the visit. */
export function systemProbe({ port = 443, ca, monotonic }: SystemProbeOptions): NetworkProbe {
  return {
    async addresses(host) {
      return (await lookup(host, { all: true })).map(({ address }) => address);
    },
    visit(host, { localAddress, signal }) {
      const trust = ca === undefined ? {} : { ca };
      const from = localAddress === null ? {} : { localAddress };
      // A connection of its own: one out of a pool would show neither the way nor the certificate.
      const asking = request({ host, port, method: 'HEAD', path: '/', agent: false, signal, ...trust, ...from });
      return visited(asking, monotonic);
    },
  };
}

interface Secured extends Pick<HostVisit, 'protocol' | 'certificateEndsAtMs'> {
  readonly atMs: number;
}

function visited(asking: ClientRequest, monotonic: () => number): Promise<HostVisit> {
  const began = monotonic();
  let secured: Secured = { atMs: began, protocol: null, certificateEndsAtMs: null };
  return new Promise((resolve, reject) => {
    asking.on('socket', (socket) => {
      if (!isTls(socket)) return;
      socket.once('secureConnect', () => {
        const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to);
        secured = {
          atMs: monotonic(),
          protocol: socket.getProtocol(),
          certificateEndsAtMs: Number.isFinite(endsAtMs) ? endsAtMs : null,
        };
      });
    });
    asking.on('response', (response) => {
      response.resume();
      const { atMs, protocol, certificateEndsAtMs } = secured;
      const { date = null } = response.headers;
      resolve({ protocol, certificateEndsAtMs, connectMs: atMs - began, replyMs: monotonic() - atMs, date });
      asking.destroy();
    });
    asking.on('error', reject);
    asking.end();
  });
}

const isTls = (socket: object): socket is TLSSocket => 'getPeerCertificate' in socket;
