/**
 * What the million rows look like. Both databases are filled with SQL that says the same as the functions here, so that
 * a question can be asked whose answer is there.
 *
 * Every tenth order is of one of ten busy users, with 10,000 each; the others have about 90 rows. Row `n` belongs to
 * order `n`; of twenty rows one is a modify and one a cancel of the order before it. A trading day has 50,000 rows. Of
 * thirteen orders four were seen and filled; every thousandth is unresolved.
 */
export const ATTEMPTS = 1_000_000;
export const USERS = 10_000;
export const BUSY_USERS = 10;
export const ROWS_A_DAY = 50_000;
export const FIRST_DAY = Date.UTC(2026, 9, 1);

const DAY_MS = 86_400_000;
const KINDS = { 7: 'modify', 13: 'cancel' };

/** @param {number} row */
export const kindOf = (row) => KINDS[row % 20] ?? 'place';

/** The order that a row is about. @param {number} row */
export const orderOf = (row) => (kindOf(row) === 'place' ? row : row - 1);

/** @param {number} order */
export const userOf = (order) => {
  if (order % 10 === 0) return `u${(order / 10) % BUSY_USERS}`;
  const among = order - Math.floor(order / 10) - 1; // counts the orders of those who are not busy
  return `u${BUSY_USERS + ((among * 7_919) % (USERS - BUSY_USERS))}`;
};

/** Whether its sighting and its fill are there. @param {number} order */
export const isSeen = (order) => order % 13 < 4;

export const brokerOf = (userId) => (Number(userId.slice(1)) % 3 === 0 ? 'angel' : 'dhan');
export const tagOf = (row) => `T${String(row).padStart(17, '0')}`;
export const clientOrderIdOf = (order) => `c${String(order).padStart(9, '0')}`;
export const dayOf = (row) => new Date(FIRST_DAY + Math.floor(row / ROWS_A_DAY) * DAY_MS).toISOString().slice(0, 10);

/**
 * What a call asks about: a row at random, every tenth time one of a busy user.
 *
 * @param {() => number} random
 * @returns {import('./queries.js').Wanted}
 */
export function pick(random) {
  const busy = random() < 0.1;
  const row = busy ? 10 * Math.floor((random() * ATTEMPTS) / 10) : Math.floor(random() * ATTEMPTS);
  const order = orderOf(row);
  const userId = userOf(order);
  return {
    key: { userId, broker: brokerOf(userId), account: 'main' },
    clientOrderId: clientOrderIdOf(order),
    tag: tagOf(row),
    tradingDay: dayOf(row),
    isSeen: isSeen(order),
  };
}
