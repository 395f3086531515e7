import { fork } from 'node:child_process';

/**
 * Runs one job in a fresh process and gives its answer; the process is gone afterwards, whatever happened.
 *
 * @param {string} path of the module that calls `answerJob`
 * @param {unknown} job sent as a message
 * @param {{ readonly cwd?: string, readonly timeoutMs: number, readonly log?: (line: string) => void }} options
 *   `log` hears each `{ progress }` that the child sends before its answer
 * @returns {Promise<any>}
 */
export function runChild(path, job, { cwd, timeoutMs, log }) {
  const child = fork(path, [], {
    cwd,
    execArgv: [],
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${why}\n${Buffer.concat(said).toString('utf8').slice(-4_000)}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`${path} gave no answer within ${timeoutMs} ms`);
    }, timeoutMs);
    let answer;
    child.on('message', (message) => {
      if (message.progress === undefined) answer = message;
      else log?.(message.progress);
    });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (answer?.error !== undefined) fail(answer.error);
      else if (answer === undefined) fail(`${path} ended with ${signal ?? code} and without an answer`);
      else resolve(answer.value);
    });
    child.send(job);
  });
}

/**
 * The other side: answers the one job this process was started for, then ends it.
 *
 * @param {(job: any) => Promise<unknown>} work
 */
export function answerJob(work) {
  process.once('message', async (job) => {
    const answer = await work(job).then(
      (value) => ({ value }),
      (error) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
    // Some clients keep timers or sockets that nobody can close: the process ends when its answer is out.
    process.send?.(answer, () => process.exit(0));
  });
}

/** No proxy, no flags of the runner's own. */
function plainEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/proxy|^NODE_|^npm_/i.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: 'production' };
}
