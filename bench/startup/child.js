import { createRequire } from 'node:module';
import { answerJob } from '../lib/child.js';

const require = createRequire(import.meta.url);

/** Loads some packages in this fresh process and tells how long it took. */
answerJob(async ({ packages, by }) => {
  const rssBefore = process.memoryUsage.rss();
  const began = performance.now();
  for (const name of packages) {
    if (by === 'import') await import(name);
    else require(name);
  }
  const ms = performance.now() - began;
  return { ms, rssMb: (process.memoryUsage.rss() - rssBefore) / 2 ** 20 };
});
