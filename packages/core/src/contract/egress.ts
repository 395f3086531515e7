import type { Secret } from '../runtime/secret.js';

/** How a connection's calls leave this machine. Brokers know a client by the address that its orders come from. */
export interface Egress {
  /** Address of this machine to leave from. @default the system's choice */
  readonly localAddress?: string;
  /** HTTP proxy to leave through, by `CONNECT`: the broker's TLS goes through it unread. @default none */
  readonly proxy?: EgressProxy;
  /** Address the broker sees, where it is known, for example that of the proxy or of a NAT. */
  readonly publicAddress?: string;
}

export interface EgressProxy {
  /** `http://host:port`, without user or password. */
  readonly url: string;
  /** `user:password`. @default none */
  readonly credentials?: Secret;
}

/** The address that calls seem to come from, as far as it is known; two egresses with the same key share it. */
export const egressKey = ({ publicAddress, proxy, localAddress }: Egress): string =>
  publicAddress ?? proxy?.url ?? localAddress ?? 'system';
