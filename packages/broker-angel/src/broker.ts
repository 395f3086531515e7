import type { BrokerAdapter, BrokerContext } from '@algo/core/adapter';
import { createAdapter } from './adapter.js';
import { createClient } from './client.js';
import type { ResolvedAngelConfig } from './config.js';
import { createMarketData } from './market-data.js';
import { createPublisherLogin } from './publisher-login.js';
import { createSessions } from './session.js';
import { createTransport } from './transport.js';

/** Puts one account together. The only place in this package that constructs. */
export function createBroker(
  { http, instruments, clock, logger }: BrokerContext,
  config: ResolvedAngelConfig,
): BrokerAdapter {
  const transport = createTransport(http, config);
  const client = createClient(transport);
  const sessions = createSessions(transport, clock);
  const publisherLogin = createPublisherLogin(clock, config);
  const marketData = createMarketData(client, clock);
  const reading = { instruments, logger };
  return createAdapter({ config, transport, client, sessions, publisherLogin, marketData, reading, clock });
}
