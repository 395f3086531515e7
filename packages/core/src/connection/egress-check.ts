import type { BrokerEgress } from '../contract/broker-adapter.js';

/** The address that calls leave from, beside those that the broker takes orders from. */
export interface EgressReport extends BrokerEgress {
  /** As the host told it; null when it did not. */
  readonly address: string | null;
  /** Null when that cannot be told. */
  readonly isRegistered: boolean | null;
}

/** Compares them. The broker's own sight of the address wins over what the host believes. */
export function egressReport(address: string | null, egress: BrokerEgress): EgressReport {
  const leaving = egress.seen ?? address;
  const known = egress.registered.map(plain);
  const isRegistered = leaving === null || known.length === 0 ? null : known.includes(plain(leaving));
  return { ...egress, address, isRegistered };
}

/** Without a prefix for IPv4 in IPv6, which sockets print and brokers do not. */
const plain = (address: string): string =>
  address
    .trim()
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, '');
