import Database from 'better-sqlite3';

/** As @algo/store-sqlite stores them; it never renumbers one. */
const ACKNOWLEDGED = 5;
const PLACE = 0;

/**
 * Reads the journal file after the run, past the store that wrote it: every order must be there and acknowledged.
 *
 * @param {string} path
 * @param {number} placed
 * @returns {string | null} what is wrong
 */
export function journalCheck(path, placed) {
  const file = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const { rows, acknowledged, orders } = file
      .prepare(
        `SELECT COUNT(*) AS rows, COALESCE(SUM(state = ${ACKNOWLEDGED}), 0) AS acknowledged,
           COUNT(DISTINCT broker_order_id) AS orders FROM attempts WHERE kind = ${PLACE}`,
      )
      .get();
    if (rows === placed && acknowledged === placed && orders === placed) return null;
    return `of ${placed} orders the journal holds ${rows}, ${acknowledged} acknowledged, ${orders} broker ids`;
  } finally {
    file.close();
  }
}
