import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { askAll } from '../million/ask-all.js';
import { MILLION } from '../million/fill-postgres.js';

/** The journal's questions among a million rows, and how PostgreSQL goes about each. */
export async function measure({ server, share, seed }) {
  const asked = [];
  const pool = new pg.Pool({ connectionString: server });
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    client.query = (given, ...rest) => {
      if (given.text.includes(MILLION)) asked.push(given); // else it is the store's own heartbeat
      return query(given, ...rest);
    };
  });
  const store = await postgres({ pool, schema: MILLION }).open();
  const sentFor = async (ask) => {
    await ask(); // a new connection is set up first
    asked.length = 0;
    await ask();
    if (asked.length !== 1) throw new Error(`one question sent ${asked.length} statements`);
    return asked[0];
  };
  const { questions, measures, sent } = await askAll(store.journal, { share, seed, sentFor });
  await store.close();
  await pool.end();
  return { measures, questions, plans: await plansOf(server, sent) };
}

/** With the values at hand, and for any values: a named statement may be planned either way. */
async function plansOf(connectionString, sent) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const plans = [];
  for (const [name, { text, values }] of sent) {
    for (const mode of ['custom', 'generic']) {
      await client.query(`SET plan_cache_mode = force_${mode}_plan`);
      const { rows } = await client.query({ text: `EXPLAIN (COSTS OFF) ${text}`, values });
      const plan = scansOf(rows);
      if (plan.includes('Seq Scan')) throw new Error(`${name} walks a whole table: ${plan}`);
      if (plans.at(-1)?.[0] !== name || plans.at(-1)[1] !== plan) plans.push([name, plan]);
    }
  }
  await client.end();
  return plans;
}

/** The lines that say how rows are found and put in order, without the values that were asked for. */
const scansOf = (rows) =>
  rows
    .map((row) => row['QUERY PLAN'])
    .filter((line) => /Scan|Sort Key|Index Cond/.test(line))
    .map((line) => line.replace(/^[\s>-]+/, '').replaceAll(/(?:'[^']*'::\w+|\$\d+)/g, '?'))
    .join('; ');
