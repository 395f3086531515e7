import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Friday, 20 November 2026, 10:00 IST: the market is open whenever the bench runs. */
export const START_MS = Date.UTC(2026, 10, 20, 4, 30);

const PATIENCE_MS = 60_000;

/**
 * Runs `use` beside simulated brokers, each in a process of its own, and ends those processes afterwards.
 *
 * @template Value
 * @param {readonly number[]} accounts how many each broker has
 * @param {(brokers: readonly Broker[]) => Promise<Value>} use
 */
export async function withBrokers(accounts, use) {
  const path = fileURLToPath(new URL('broker.js', import.meta.url));
  const children = accounts.map(() => fork(path, [], { execArgv: [] }));
  try {
    return await use(await Promise.all(children.map((child, at) => started(child, accounts[at]))));
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

/**
 * @typedef {object} Broker
 * @property {Record<'baseUrl' | 'authUrl' | 'instrumentsUrl', string>} urls
 * @property {readonly { readonly clientId: string, readonly accessToken: string }[]} credentials
 * @property {(command: 'fail' | 'recover' | 'counts') => Promise<any>} ask
 */

/** @returns {Promise<Broker>} */
async function started(child, accounts) {
  const ready = next(child, ({ urls }) => urls !== undefined);
  child.send({ accounts, startMs: START_MS });
  const { urls, credentials } = await ready;
  let last = 0;
  return {
    urls,
    credentials,
    async ask(command) {
      const id = (last += 1);
      const answer = next(child, (message) => message.id === id);
      child.send({ id, command });
      return (await answer).value;
    },
  };
}

function next(child, isIt) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      child.off('message', heard);
      child.off('exit', ended);
      settle(value);
    };
    const heard = (message) => isIt(message) && end(resolve, message);
    const ended = (code) => end(reject, new Error(`a simulated broker ended with ${code}`));
    const timer = setTimeout(() => end(reject, new Error('a simulated broker gave no answer')), PATIENCE_MS);
    child.on('message', heard);
    child.on('exit', ended);
  });
}
