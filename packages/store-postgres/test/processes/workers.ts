import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

interface Answer {
  readonly id: number | 'ready';
  readonly error?: string;
  readonly ends?: Readonly<Record<string, string>>;
}

/** A process that runs the built packages against the database and the venue. */
export interface Worker {
  readonly process: ChildProcess;
  ask(job: { readonly what: string } & Readonly<Record<string, unknown>>): Promise<Answer>;
}

export async function startWorker(task: Readonly<Record<string, string>>): Promise<Worker> {
  const child = fork(WORKER, [JSON.stringify(task)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<unknown, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let count = 0;
  child.on('message', (message) => {
    if (!isAnswer(message)) throw new Error('the worker said something else');
    const answer = message;
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(answer.error));
  });
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process ended'));
    waiting.clear();
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const answerOf = (id: unknown): Promise<Answer> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  await answerOf('ready');
  return {
    process: child,
    ask(job) {
      count += 1;
      const answer = answerOf(count);
      child.send({ id: count, ...job });
      return answer;
    },
  };
}

const isAnswer = (message: unknown): message is Answer =>
  typeof message === 'object' && message !== null && 'id' in message;
