import { expect, test } from 'vitest';
import { SharedRead } from './shared-read.js';

interface Pending {
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function counted() {
  const reads: Pending[] = [];
  const shared = new SharedRead(() => new Promise<string>((resolve, reject) => void reads.push({ resolve, reject })));
  return { reads, shared };
}

const turns = async (): Promise<void> => {
  for (let count = 0; count < 5; count += 1) await Promise.resolve();
};

test('whoever asks while a read is under way shares the next one, which begins when that has ended', async () => {
  const { reads, shared } = counted();
  const first = shared.ask();
  const [second, third] = [shared.ask(), shared.ask()];
  await turns();
  expect(reads).toHaveLength(1);
  reads[0]?.resolve('old');
  expect(await first).toBe('old');
  await turns();
  expect(reads).toHaveLength(2);
  const fourth = shared.ask();
  reads[1]?.resolve('new');
  expect(await Promise.all([second, third])).toEqual(['new', 'new']);
  await turns();
  expect(reads).toHaveLength(3);
  reads[2]?.resolve('newer');
  expect(await fourth).toBe('newer');
});

test('a read that fails fails only those who asked for it', async () => {
  const { reads, shared } = counted();
  const first = shared.ask().catch((error: unknown) => String(error));
  const second = shared.ask();
  reads[0]?.reject(new Error('down'));
  expect(await first).toBe('Error: down');
  await turns();
  reads[1]?.resolve('fine');
  expect(await second).toBe('fine');
  expect(reads).toHaveLength(2);
});

test('nobody waits when nothing is under way', async () => {
  const { reads, shared } = counted();
  const first = shared.ask();
  reads[0]?.resolve('a');
  await first;
  void shared.ask();
  expect(reads).toHaveLength(2);
});
