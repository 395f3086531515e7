import { z } from 'zod';
import type { ConnectionRef } from '../domain/order.js';
import type { KnownSetting, SettingKind } from './known-setting.js';

const ref = z.strictObject({ broker: z.string(), account: z.string() });

/**
 * The connection that serves a user's calls that name none, when the user chose one. While none is, such a call is
 * refused where several could serve it.
 */
export const DEFAULT_CONNECTION: SettingKind<ConnectionRef> = {
  name: 'default-connection',
  what: 'The default connection',
  parse(stored) {
    const parsed = ref.safeParse(stored);
    return parsed.success ? parsed.data : null;
  },
};

export type DefaultConnection = KnownSetting<ConnectionRef>;
