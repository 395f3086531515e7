import type { BrokerDefinition } from '@algo/core/adapter';
import { createBroker } from './broker.js';
import { resolveConfig } from './config.js';
import type { KotakConfig } from './config.js';
import { CREDENTIALS, capabilitiesOf } from './definition.js';

export type {
  KotakConfig,
  KotakFamily,
  KotakQuantityUnits,
  KotakSegment,
  QuantityUnitSetting,
  UnsureExchange,
} from './config.js';

/**
 * Kotak Neo (Neo Trade API v2), described but not alive: hand it to `createAlgo({ brokers: [kotak()] })`.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with everything that is wrong in the configuration
 */
export function kotak(config: KotakConfig = {}): BrokerDefinition {
  const resolved = resolveConfig(config);
  return {
    id: 'kotak',
    name: 'Kotak Neo',
    hosts: resolved.hosts,
    capabilities: capabilitiesOf(resolved),
    credentials: CREDENTIALS,
    rateLimits: resolved.rateLimits,
    connect: (context) => createBroker(context, resolved),
  };
}
