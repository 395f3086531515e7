import { checkStrategy } from '../routing/check-strategy.js';
import type { FailoverStrategy } from '../routing/failover-strategy.js';
import type { KnownSetting, SettingKind } from './known-setting.js';

/** A user's failover strategy. One that this version cannot read is none: calls that name no connection are refused. */
export const FAILOVER_STRATEGY: SettingKind<FailoverStrategy> = {
  name: 'failover',
  what: 'The failover strategy',
  parse(stored) {
    try {
      return checkStrategy(stored);
    } catch {
      return null;
    }
  },
};

export type FailoverSetting = KnownSetting<FailoverStrategy>;
