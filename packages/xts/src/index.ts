import type { BrokerDefinition, InputProblem } from '@algo/core/adapter';
import { createBroker } from './broker.js';
import { resolveConfig } from './config.js';
import type { XtsConfig, XtsHouse } from './config.js';
import { capabilitiesOf, credentialTemplate } from './definition.js';

export type { XtsConfig, XtsFamily, XtsHouse } from './config.js';
export type { QuantityUnitSetting, QuantityUnits, UnsureExchange } from './quantity-units.js';

/**
 * A house on Symphony XTS, described but not alive: what a broker package such as `@algo/broker-jainam` returns.
 *
 * @param problems what the house found wrong in options of its own, to be told with the rest
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with everything that is wrong in the configuration
 */
export function xtsBroker(
  house: XtsHouse,
  config: XtsConfig,
  problems: readonly InputProblem[] = [],
): BrokerDefinition {
  const resolved = resolveConfig(house, config, problems);
  return {
    id: house.id,
    name: house.name,
    hosts: resolved.hosts,
    capabilities: capabilitiesOf(resolved),
    credentials: credentialTemplate(house),
    rateLimits: resolved.rateLimits,
    reads: { timeoutMs: resolved.timeoutMs, tries: resolved.readRetries + 1 },
    connect: (context) => createBroker(context, resolved),
  };
}
