/** As the start of a connection asks for them. */
const UNSETTLED = ['INTENT', 'SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED'];
const ORDERS_A_DAY = 10_000;
const PAGE = 100;

/**
 * @typedef {object} Wanted what one call asks about; see `pick.js`
 * @property {import('@algo/core/store').AccountKey} key
 * @property {string} clientOrderId
 * @property {string} tag
 * @property {string} tradingDay
 * @property {boolean} isSeen whether the broker's book showed it, with one fill
 */

/**
 * Every question the SDK asks a journal, and whether an answer is right.
 *
 * @type {readonly { name: string, ask(journal: import('@algo/core/store').OrderJournal, wanted: Wanted): Promise<any>, isRight(answer: any, wanted: Wanted): boolean }[]}
 */
export const QUERIES = [
  {
    name: 'attemptsOf',
    ask: (journal, { key, clientOrderId }) => journal.attemptsOf(key.userId, clientOrderId),
    isRight: (rows, wanted) => rows.length > 0 && rows.every((row) => row.clientOrderId === wanted.clientOrderId),
  },
  {
    name: 'byTag',
    ask: (journal, { key, tag }) => journal.byTag(key.userId, tag),
    isRight: (row, { key, tag }) => row?.tag === tag && row.userId === key.userId,
  },
  {
    name: 'inState',
    ask: (journal, { key }) => journal.inState(key, UNSETTLED),
    isRight: (rows, { key }) => rows.every((row) => row.userId === key.userId && UNSETTLED.includes(row.state)),
  },
  {
    name: 'list of a day',
    ask: (journal, { key, tradingDay }) => journal.list(key.userId, { tradingDay, limit: ORDERS_A_DAY }),
    isRight: (rows, { key, tradingDay }) =>
      rows.length > 0 && rows.every((row) => row.userId === key.userId && row.tradingDay === tradingDay),
  },
  {
    name: 'list',
    ask: (journal, { key }) => journal.list(key.userId, { limit: PAGE }),
    isRight: (rows, { key }) => rows.length > 0 && rows.every((row) => row.userId === key.userId),
  },
  {
    name: 'sighting',
    ask: (journal, { key, clientOrderId }) => journal.sighting(key.userId, clientOrderId),
    isRight: (seen, { clientOrderId, isSeen }) => (isSeen ? seen?.clientOrderId === clientOrderId : seen === null),
  },
  {
    name: 'orders',
    ask: (journal, { key }) => journal.orders(key.userId, { limit: PAGE }),
    isRight: (rows, { key }) => rows.length > 0 && rows.every((row) => row.userId === key.userId),
  },
  {
    name: 'orders of another account',
    ask: (journal, { key }) => journal.orders(key.userId, { broker: key.broker, account: 'second', limit: PAGE }),
    isRight: (rows) => rows.length === 0,
  },
  {
    name: 'fills',
    ask: (journal, { key }) => journal.fills(key.userId, { limit: PAGE }),
    isRight: (rows, { key }) => rows.length > 0 && rows.every((row) => row.userId === key.userId),
  },
  {
    name: 'fills of an order',
    ask: (journal, { key, clientOrderId }) => journal.fills(key.userId, { clientOrderId, limit: PAGE }),
    isRight: (rows, { clientOrderId, isSeen }) =>
      rows.length === (isSeen ? 1 : 0) && rows.every((row) => row.clientOrderId === clientOrderId),
  },
];
