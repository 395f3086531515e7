import type { BrokerAdapter, BrokerContext } from '@algo/core/adapter';
import { createAdapter } from './adapter.js';
import { createClient } from './client.js';
import type { ResolvedKotakConfig } from './config.js';
import { createMarketData } from './market-data.js';
import { createSessions } from './session.js';
import { createTransport } from './transport.js';

/** Puts one account together. The only place in this package that constructs. */
export function createBroker(
  { http, instruments, clock, logger }: BrokerContext,
  config: ResolvedKotakConfig,
): BrokerAdapter {
  const transport = createTransport(http, config);
  const client = createClient(transport);
  const sessions = createSessions({ transport, clock, logger, hosts: config });
  const marketData = createMarketData(client, clock);
  return createAdapter({ config, transport, client, sessions, marketData, reading: { instruments, logger } });
}
