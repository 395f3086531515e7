/** Runs in a process of its own: `node child.mjs <task> <path> [step]`; each line it prints is one event. */
import { isAlgoError } from '@algo/core/store';
import { sqlite, sqliteMigrations } from '@algo/store-sqlite';
import { nthAttempt } from './sample-rows.js';
import { stepCounter } from './step-counter.js';

const [, , what, path = '', killAt = ''] = process.argv;

try {
  if (what === 'migrate' || what === 'rollback') await changeSchema();
  else await useStore();
} catch (error) {
  console.log(JSON.stringify(isAlgoError(error) ? { code: error.code, details: error.details } : String(error)));
}

async function changeSchema(): Promise<void> {
  const { driver } = stepCounter((step) => void (step === Number(killAt) && process.kill(process.pid, 'SIGKILL')));
  const { migrate, rollback } = sqliteMigrations({ path, driver });
  await (what === 'migrate' ? migrate() : rollback(1));
  console.log('done');
}

async function useStore(): Promise<void> {
  const store = await sqlite({ path }).open();
  console.log('open');
  if (what === 'open') await store.close();
  if (what === 'hold') setInterval(() => undefined, 60_000);
  if (what === 'stream') {
    let next = 0;
    const place = async (): Promise<void> => {
      for (;;) {
        const row = nthAttempt(next++);
        await store.journal.add(row);
        process.stdout.write(`${row.tag}\n`);
      }
    };
    await Promise.all(Array.from({ length: 10 }, place));
  }
}
