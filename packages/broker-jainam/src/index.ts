import type { BrokerDefinition, InputProblem } from '@algo/core/adapter';
import { xtsBroker } from '@algo/xts';
import { toXtsConfig } from './config.js';
import type { JainamConfig } from './config.js';
import { JAINAM } from './definition.js';

export type { JainamConfig, JainamServer } from './config.js';
export type { QuantityUnitSetting, QuantityUnits, UnsureExchange, XtsFamily } from '@algo/xts';

/**
 * Jainam on Symphony XTS, described but not alive: hand it to `createAlgo({ brokers: [jainam()] })`.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with everything that is wrong in the configuration
 */
export function jainam(config: JainamConfig = {}): BrokerDefinition {
  const problems: InputProblem[] = [];
  return xtsBroker(JAINAM, toXtsConfig(config, problems), problems);
}
