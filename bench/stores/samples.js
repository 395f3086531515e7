import { randomBytes } from 'node:crypto';

/** Bytes of the JSON text of one credential's secrets. */
export const PLAIN_BYTES = 400;

/** @returns {import('@algo/core/store').AccountKey} */
export const keyOf = (number) => ({ userId: `user-${number}`, broker: 'dhan', account: 'main' });

/** Secrets as JSON of exactly `PLAIN_BYTES`. */
export function plainOf(number) {
  const empty = JSON.stringify({ clientId: `C${number}`, accessToken: '' });
  const token = randomBytes(PLAIN_BYTES)
    .toString('base64url')
    .slice(0, PLAIN_BYTES - empty.length);
  return JSON.stringify({ clientId: `C${number}`, accessToken: token });
}

/** @returns {import('@algo/core/store').CredentialRecord} */
export const recordOf = (key, version, sealed) => ({
  ...key,
  version,
  fields: { clientId: key.userId },
  sealed,
  updatedAtMs: 1_795_000_000_000,
});

/** @returns {import('@algo/core/store').AuditEntry} */
export const entryOf = ({ userId, broker, account }) => ({
  userId,
  atMs: 1_795_000_000_000,
  actor: userId,
  action: 'credentials-put',
  subject: `${broker}/${account}`,
  why: null,
  before: '{"fields":{"clientId":"C1"}}',
  after: '{"fields":{"clientId":"C1"}}',
});

const USERS = 1_000;
const REQUEST =
  '{"instrument":"NSE:RELIANCE","price":"1300.05","product":"MIS","quantity":10,"side":"BUY","type":"LIMIT","validity":"DAY"}';

/** The intent of one order; tags and ids grow, as those of the SDK do. @returns {import('@algo/core/store').AttemptRow} */
export const attemptOf = (number) => ({
  ...keyOf((number * 7_919) % USERS),
  tag: `B${String(number).padStart(17, '0')}`,
  owner: 'bench',
  kind: 'place',
  clientOrderId: `b${String(number).padStart(9, '0')}`,
  number: 1,
  request: REQUEST,
  state: 'SUBMITTING',
  tradingDay: '2026-11-24',
  createdAtMs: 1_795_000_000_000 + number,
  sendByMs: 1_795_000_005_000 + number,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: 1_795_000_000_000 + number,
});

/** What ends it well. @returns {import('@algo/core/store').AttemptMove} */
export const moveOf = ({ tag, userId }, number) => ({
  tag,
  userId,
  from: 'SUBMITTING',
  to: 'ACKNOWLEDGED',
  brokerOrderId: `2611240${String(number).padStart(9, '0')}`,
  atMs: 1_795_000_001_000 + number,
});

/** So many contracts in the order of their tokens; their names come in no order, as in a master. */
export const masterOf = (rows) =>
  Array.from({ length: rows }, (_, row) => {
    const mixed = (row * 7_919) % rows; // rows and 7919 have no common divisor: each comes once
    const strike = 1_000 + 50 * (mixed % 400);
    const underlying = `SYM${Math.floor(mixed / 800)}`;
    const right = Math.floor(mixed / 400) % 2 === 0 ? 'CE' : 'PE';
    return {
      instrument: `NFO:${underlying}:2026-11-24:${strike}:${right}`,
      segment: 'NSE_FNO',
      token: String(35_000 + row),
      symbol: `${underlying}-Nov2026-${strike}-${right}`,
      name: `${underlying} LIMITED`,
      isin: null,
      lotSize: 75,
      tick: 500,
      freezeQuantity: 1_801,
    };
  });
