import { randomBytes } from 'node:crypto';
import type { Database, Run } from './database.js';
import { MIGRATIONS } from './migrations.js';
import { text } from './row.js';
import { statement } from './statement.js';

/**
 * How a schema differs from what the migrations make, for people: one line each, empty when it does not.
 *
 * A second schema is made by the same migrations in a transaction that is rolled back, and the catalogue's descriptions
 * of the two are compared: what PostgreSQL made of the statements, not the statements.
 */
export async function schemaDifferences(db: Database): Promise<readonly string[]> {
  const scratch = `"algo_verify_${randomBytes(8).toString('hex')}"`;
  let differences: readonly string[] = [];
  await db
    .transaction('verifying the schema', null, async (run) => {
      await run(statement('verify', `CREATE SCHEMA ${scratch}`), []);
      for (const { up } of MIGRATIONS) for (const text of up(scratch)) await run(statement('verify', text), []);
      const [wanted, found] = [await describe(run, scratch), await describe(run, db.schema)];
      differences = [
        ...wanted.filter((line) => !found.includes(line)).map((line) => `missing: ${line}`),
        ...found.filter((line) => !wanted.includes(line)).map((line) => `not of this version: ${line}`),
      ];
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return differences;
}

/** Ends a transaction that was made to be undone. */
class RolledBack extends Error {}

async function describe(run: Run, schema: string): Promise<readonly string[]> {
  const name = schema.slice(1, -1);
  const rows = await run(DESCRIBE, [name]);
  const qualified = new RegExp(`(?<![\\w'])"?${name}"?\\.`, 'g');
  return rows
    .map((row) => text(row, 'line').replaceAll(qualified, '').replaceAll(/\s+/g, ' '))
    .filter((line) => !line.startsWith('column migrations.') && !line.includes('migrations_'));
}

const DESCRIBE = statement(
  'verify describe',
  `WITH tables AS (
     SELECT c.oid, c.relname, c.relkind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1
   )
   SELECT 'column ' || t.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
     || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || a.attidentity::text || coalesce(' collation ' || l.collname, '') AS line
   FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
   WHERE t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
   UNION ALL SELECT 'sequence ' || relname FROM tables WHERE relkind = 'S'
   UNION ALL SELECT 'index ' || pg_get_indexdef(oid) FROM tables WHERE relkind = 'i'
   UNION ALL SELECT 'trigger ' || pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
     FROM tables AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
   UNION ALL SELECT 'policy ' || t.relname || '.' || p.polname || ' ' || pg_get_expr(p.polqual, p.polrelid)
     FROM tables AS t JOIN pg_policy AS p ON p.polrelid = t.oid
   UNION ALL SELECT 'function ' || pg_get_functiondef(f.oid)
     FROM pg_proc AS f JOIN pg_namespace AS n ON n.oid = f.pronamespace WHERE n.nspname = $1
   ORDER BY line`,
);
