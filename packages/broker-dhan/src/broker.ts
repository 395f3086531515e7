import type { BrokerAdapter, BrokerContext } from '@algo/core/adapter';
import { createAdapter } from './adapter.js';
import { createClient } from './client.js';
import { createConsentLogin } from './consent.js';
import type { ResolvedDhanConfig } from './config.js';
import { createMarketData } from './market-data.js';
import { createSessions } from './session.js';
import { createTransport } from './transport.js';

/** Puts one account together. The only place in this package that constructs. */
export function createBroker(
  { http, instruments, clock, logger }: BrokerContext,
  config: ResolvedDhanConfig,
): BrokerAdapter {
  const transport = createTransport(http, config);
  const client = createClient(transport);
  const sessions = createSessions(transport, clock, config.environment);
  const marketData = createMarketData(client, clock, config);
  const reading = { instruments, logger, wallClock: config.wallClock };
  const redirectLogin = createConsentLogin(transport, sessions, config.auth);
  return createAdapter({ config, transport, client, sessions, redirectLogin, marketData, reading });
}
