import { hash } from 'node:crypto';
import { AlgoError } from '@algo/core/store';
import type { AccountKey } from '@algo/core/store';

/**
 * How ids become columns.
 *
 * A user id may be any text, but an index row holds 2,700 bytes at most. So every table has the whole id in `user_id`,
 * for people, and its SHA-256 in `user_key`, which all keys and indexes use. The other ids are short by their contracts
 * and stand for themselves.
 *
 * PostgreSQL's text cannot hold NUL. It is written as SOH 0, and SOH itself as SOH 1: two texts that differ stay
 * different, and a text without either, which is every id in practice, is stored as it is.
 */
export const userKey = (userId: string): Buffer => hash('sha256', checked('userId', userId), 'buffer');

/** An id as it is stored. @throws {AlgoError} `ALGO_INVALID_INPUT` for half of a surrogate pair, which has no UTF-8. */
export const idText = (field: string, id: string): string => storedText(checked(field, id));

/** Any text as it is stored. */
export const storedText = (text: string): string =>
  text.includes('\0') || text.includes(SOH) ? text.replace(EACH_ESCAPED, escapeOf) : text;

/** What `storedText` was given. */
export const originalText = (stored: string): string =>
  stored.includes(SOH) ? stored.replace(EACH_ESCAPE, (escape) => (escape === `${SOH}0` ? '\0' : SOH)) : stored;

/** The key columns of an account: `user_key, broker, account`. */
export const accountValues = ({ userId, broker, account }: AccountKey): [Buffer, string, string] => [
  userKey(userId),
  idText('broker', broker),
  idText('account', account),
];

/** The account alone, of a record that names one. */
export const accountOf = ({ userId, broker, account }: AccountKey): AccountKey => ({ userId, broker, account });

const SOH = '\u0001';
const EACH_ESCAPED = /[\0\u0001]/g;
const EACH_ESCAPE = /\u0001[01]/g;

const escapeOf = (character: string): string => (character === '\0' ? `${SOH}0` : `${SOH}1`);

function checked(field: string, id: string): string {
  if (id.isWellFormed()) return id;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'holds half of a surrogate pair' }] });
}
