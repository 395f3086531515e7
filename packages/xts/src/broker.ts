import type { BrokerAdapter, BrokerContext } from '@algo/core/adapter';
import { createAdapter } from './adapter.js';
import { createClient } from './client.js';
import type { ResolvedXtsConfig } from './config.js';
import { createFaults } from './map/errors.js';
import { createMarketData } from './market-data.js';
import { createSessions } from './session.js';
import { createTransport } from './transport.js';
import { createReader } from './wire/read.js';

/** Puts one account together. The only place in this package that constructs. */
export function createBroker(
  { http, instruments, clock, logger }: BrokerContext,
  config: ResolvedXtsConfig,
): BrokerAdapter {
  const read = createReader(config.broker);
  const transport = createTransport(http, config, createFaults(config));
  const client = createClient(transport);
  const sessions = createSessions({ transport, config, read, clock, logger });
  const marketData = createMarketData(client, clock, read, config);
  return createAdapter({ config, transport, client, sessions, marketData, reading: { read, instruments, logger } });
}
