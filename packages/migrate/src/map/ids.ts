import { hash } from 'node:crypto';
import type { AccountKey } from '@algo/core/store';

/**
 * Makes the same id from the same key for ever, so that a second import finds what the first one wrote. The account is
 * part of it: the same order at two accounts is two orders.
 *
 * Fits a client order id: 36 characters of `A-Z a-z 0-9 . _ -`.
 */
export type IdMaker = (...key: readonly (string | number)[]) => string;

export const createIdMaker =
  ({ broker, account }: Pick<AccountKey, 'broker' | 'account'>): IdMaker =>
  (...key) =>
    // As JSON, so that no two keys run together into one text.
    `file-${hash('sha256', JSON.stringify([broker, account, ...key]), 'hex').slice(0, 31)}`;
