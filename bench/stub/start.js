import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Stub
 * @property {string} origin where clients place their orders
 * @property {string} control where it is asked for counts and told what to break
 */

/**
 * Runs `use` beside a stub broker in a process of its own, and ends that process afterwards.
 *
 * @template Value
 * @param {(stub: Stub) => Promise<Value>} use
 */
export async function withStub(use) {
  const child = fork(fileURLToPath(new URL('broker.js', import.meta.url)), [], { execArgv: [] });
  try {
    const { port, controlPort } = await firstMessage(child);
    return await use({ origin: `http://127.0.0.1:${port}`, control: `http://127.0.0.1:${controlPort}` });
  } finally {
    child.kill('SIGKILL');
  }
}

function firstMessage(child) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the stub broker did not start within 10 s')), 10_000);
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the stub broker ended with ${code}`)));
    for (const event of ['message', 'exit']) child.once(event, () => clearTimeout(timer));
  });
}
