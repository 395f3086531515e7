/** Runs in a process of its own: `node child.mjs <what> <address> <schema> <worker>`; each line it prints is one event. */
import { isAlgoError } from '@algo/core/store';
import { postgres, postgresMigrations } from '@algo/store-postgres';
import { nthAttempt } from './rows.js';

const [, , what, connectionString = '', schema = 'algo', worker = '0'] = process.argv;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  if (what === 'migrate') {
    await postgresMigrations({ connectionString, schema }).migrate();
    return say('migrated');
  }
  if (what === 'rollback') {
    await postgresMigrations({ connectionString, schema }).rollback(0, { acceptLoss: true });
    return say('rolled back');
  }
  const store = await postgres({ connectionString, schema, connections: 2 }).open();
  say(store.owner);
  if (what === 'claim') {
    // Every worker asks for the same client order ids, each under a tag of its own.
    const count = Number(worker.split('/')[1]);
    const place = async (index: number): Promise<void> => {
      const row = nthAttempt(index, { tag: `W${worker}-${index}`, owner: store.owner });
      const { kind } = await store.journal.add(row);
      if (kind === 'added') say(row.clientOrderId);
    };
    for (let start = 0; start < count; start += 50) {
      await Promise.all(Array.from({ length: Math.min(50, count - start) }, (_, offset) => place(start + offset)));
    }
    await store.close();
  }
}

run().catch((error: unknown) => {
  say(JSON.stringify(isAlgoError(error) ? { code: error.code, details: error.details } : String(error)));
  process.exitCode = 1;
});
