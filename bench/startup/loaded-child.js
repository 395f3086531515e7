import { createRequire, register } from 'node:module';
import { MessageChannel } from 'node:worker_threads';
import { answerJob } from '../lib/child.js';

const require = createRequire(import.meta.url);

/** Loads some packages and lists every file that was read for it, by either module system. */
answerJob(async ({ packages, by }) => {
  const { port1, port2 } = new MessageChannel();
  const loaded = [];
  port1.on('message', (url) => loaded.push(url));
  port1.unref();
  register('./loaded-hooks.js', import.meta.url, { data: port2, transferList: [port2] });
  for (const name of packages) {
    if (by === 'import') await import(name);
    else require(name);
  }
  await new Promise((resolve) => setTimeout(resolve, 200)); // the last messages of the hooks' thread
  return [...new Set([...loaded, ...Object.keys(require.cache)])];
});
