import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { askAll } from '../million/ask-all.js';

/** The journal's questions among a million rows, and how SQLite goes about each. */
export async function measure({ million, share, seed }) {
  const asked = [];
  const store = await sqlite({ path: million, driver: notingDriver(asked) }).open();
  const sentFor = async (ask) => {
    asked.length = 0;
    await ask();
    if (asked.length !== 1) throw new Error(`one question sent ${asked.length} statements`);
    return asked[0];
  };
  const { questions, measures, sent } = await askAll(store.journal, { share, seed, sentFor });
  await store.close();
  return { measures, questions, plans: plansOf(million, sent) };
}

/** Notes what is asked through the statements it prepares. */
const notingDriver = (asked) =>
  class extends Database {
    prepare(sql) {
      const statement = super.prepare(sql);
      if (!statement.reader) return statement;
      for (const method of ['all', 'get']) {
        const run = statement[method].bind(statement);
        statement[method] = (...values) => {
          asked.push({ sql, values });
          return run(...values);
        };
      }
      return statement;
    }
  };

function plansOf(path, sent) {
  const file = new Database(path, { readonly: true });
  const plans = sent.map(([name, { sql, values }]) => {
    const steps = file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
    const plan = steps.map(({ detail }) => detail).join('; ');
    if (/\bSCAN\b/.test(plan)) throw new Error(`${name} walks a whole table: ${plan}`);
    return [name, plan];
  });
  file.close();
  return plans;
}
