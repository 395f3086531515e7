import type { BrokerDefinition } from '@algo/core/adapter';
import { createBroker } from './broker.js';
import { resolveConfig } from './config.js';
import type { DhanConfig } from './config.js';
import { CAPABILITIES, HOSTS, credentialTemplate } from './definition.js';

export type {
  DhanConfig,
  DhanEnvironment,
  DhanFamily,
  DhanMaster,
  DhanQuantityUnits,
  QuantityUnitSetting,
  UnsureExchange,
} from './config.js';

/**
 * Dhan (DhanHQ API v2), described but not alive: hand it to `createAlgo({ brokers: [dhan()] })`.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with everything that is wrong in the configuration
 */
export function dhan(config: DhanConfig = {}): BrokerDefinition {
  const resolved = resolveConfig(config);
  return {
    id: 'dhan',
    name: 'Dhan',
    hosts: HOSTS,
    capabilities: CAPABILITIES,
    credentials: credentialTemplate(resolved.environment),
    rateLimits: resolved.rateLimits,
    connect: (context) => createBroker(context, resolved),
  };
}
