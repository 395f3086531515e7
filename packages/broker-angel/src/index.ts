import type { BrokerDefinition } from '@algo/core/adapter';
import { createBroker } from './broker.js';
import { resolveConfig } from './config.js';
import type { AngelConfig } from './config.js';
import { CREDENTIALS, HOSTS, capabilities } from './definition.js';

export type {
  AngelConfig,
  AngelFamily,
  AngelQuantityUnits,
  MarketOrders,
  PublisherState,
  QuantityUnitSetting,
  UnsureExchange,
} from './config.js';

/**
 * Angel One (SmartAPI), described but not alive: hand it to `createAlgo({ brokers: [angel()] })`.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with everything that is wrong in the configuration
 */
export function angel(config: AngelConfig = {}): BrokerDefinition {
  const resolved = resolveConfig(config);
  return {
    id: 'angel',
    name: 'Angel One',
    hosts: HOSTS,
    capabilities: capabilities(resolved.rules),
    credentials: CREDENTIALS,
    rateLimits: resolved.rateLimits,
    connect: (context) => createBroker(context, resolved),
  };
}
