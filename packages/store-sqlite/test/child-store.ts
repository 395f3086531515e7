/** Runs in a process of its own: `node child.mjs <open|hold|stream> <path>`; each line it prints is one event. */
import { isAlgoError } from '@algo/core/store';
import { sqlite } from '@algo/store-sqlite';
import { nthAttempt } from './rows.js';

const [, , what, path = ''] = process.argv;

try {
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
} catch (error) {
  console.log(JSON.stringify(isAlgoError(error) ? { code: error.code, details: error.details } : String(error)));
}
