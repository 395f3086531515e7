import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { FIRST_SETTLED } from '../src/attempt-row.js';
import { asRow, text } from '../src/row.js';
import { plainDriver } from './plain-driver.js';
import { temporaryPath } from './temporary-folder.js';

/** Every statement that an open store has at hand. */
async function statementsOfStore(path: string): Promise<readonly string[]> {
  const statements: string[] = [];
  const driver = plainDriver((sql) => void statements.push(sql));
  const store = await sqlite({ path, driver }).open();
  await store.close();
  return statements.filter((sql) => /^\s*(SELECT|INSERT|UPDATE|DELETE)/.test(sql) && !sql.includes('sqlite_schema'));
}

/** How SQLite would go about a statement; what is bound to it makes no difference. */
const planOf = (database: Database.Database, sql: string): readonly string[] =>
  database
    .prepare(`EXPLAIN QUERY PLAN ${sql.replaceAll(/\?|@\w+/g, '1')}`)
    .all()
    .map((row) => text(asRow(row), 'detail'));

/** The imports of a user, the attempts of an order, and what is unsettled before it is merged with the rest. */
const SORTS_A_HANDFUL = ['FROM imports', 'FROM attempts WHERE client_order_id = ?', 'UNION ALL'];

test('no statement of any facet walks a table, and none sorts what an index has in order', async () => {
  const path = temporaryPath();
  const statements = await statementsOfStore(path);
  const database = new Database(path, { readonly: true });
  const plans = statements.map((sql) => ({ sql, plan: planOf(database, sql) }));
  database.close();
  expect(plans.length).toBeGreaterThan(70);

  const walks = plans.filter(({ plan }) =>
    plan.some((step) => step.startsWith('SCAN ') && !step.includes('CONSTANT ROW')),
  );
  expect(walks).toStrictEqual([
    // Every sealed row once, a page at a time, in the order of the index.
    expect.objectContaining({ plan: ['SCAN credentials USING INDEX sqlite_autoindex_credentials_1'] }),
    expect.objectContaining({ plan: ['SCAN sessions USING INDEX sqlite_autoindex_sessions_1'] }),
  ]);
  const sorts = plans.filter(({ plan }) => plan.some((step) => step.includes('TEMP B-TREE')));
  expect(sorts.filter(({ sql }) => !SORTS_A_HANDFUL.some((words) => sql.includes(words)))).toStrictEqual([]);

  // An index in the order of the answer can look better to SQLite than the one that finds the few rows of the answer.
  for (const column of ['client_order_id', 'import_id', 'subject', 'instrument', 'token']) {
    const asking = plans.filter(({ sql }) => new RegExp(`(WHERE|AND) ${column} = [?@]`).test(sql));
    expect(asking.length, column).toBeGreaterThan(0);
    for (const { plan } of asking) expect(plan.join()).toContain(`${column}=?`);
  }

  // What waits or is unclear is a handful of rows among millions.
  const ofUnsettled = plans.filter(({ sql }) => sql.includes(`state < ${FIRST_SETTLED}`));
  expect(ofUnsettled.length).toBeGreaterThan(5);
  for (const { plan } of ofUnsettled) expect(plan.join()).toContain('INDEX attempts_unsettled (');
});
