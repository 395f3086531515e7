import { createFakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import { silentLogger } from '../runtime/logger.js';
import { memoryStore } from '../stores/memory-store.js';
import { JournalWriter } from './journal-writer.js';

const row: AttemptRow = {
  userId: 'u',
  broker: 'dhan',
  account: 'main',
  owner: '',
  tag: 'TAG',
  kind: 'place',
  clientOrderId: 'c',
  number: 1,
  request: '{}',
  state: 'SUBMITTING',
  tradingDay: '2026-11-20',
  createdAtMs: 0,
  sendByMs: 1,
  brokerOrderId: null,
  detail: null,
  updatedAtMs: 0,
};

async function start(failures = 0) {
  const clock = createFakeClock();
  const { journal } = await memoryStore().open();
  await journal.add(row);
  const tried: AttemptMove[] = [];
  const errors: string[] = [];
  let left = failures;
  const flaky: OrderJournal = {
    ...journal,
    async move(move) {
      tried.push(move);
      if (left-- > 0) throw new Error('the disk is full');
      return journal.move(move);
    },
  };
  const logger = { ...silentLogger, error: (event: string) => void errors.push(event) };
  const writer = new JournalWriter(flaky, clock, logger);
  const stateOf = async (): Promise<string | undefined> => (await journal.byTag('u', 'TAG'))?.state;
  return { clock, writer, tried, errors, stateOf };
}

test('gives the row after the move at once, and the journal follows', async () => {
  const { writer, stateOf, clock } = await start();
  const moved = writer.move(row, 'acknowledged', { brokerOrderId: 'B1' });
  expect(moved).toEqual({ ...row, state: 'ACKNOWLEDGED', brokerOrderId: 'B1', updatedAtMs: clock.now() });
  await writer.close();
  expect(await stateOf()).toBe('ACKNOWLEDGED');
});

test('writes nothing where there is no such arrow', async () => {
  const { writer, tried } = await start();
  expect(writer.move(row, 'found')).toBeNull();
  await writer.close();
  expect(tried).toEqual([]);
});

test('a write that fails is tried again every second until it holds', async () => {
  const { writer, tried, errors, stateOf, clock } = await start(3);
  writer.move(row, 'lost-sight');
  await clock.advance(2_900);
  expect(await stateOf()).toBe('SUBMITTING');
  for (let second = 0; second < 3; second += 1) await clock.advance(1_000);
  expect(await stateOf()).toBe('AMBIGUOUS');
  expect(tried).toHaveLength(4);
  expect(errors).toEqual(['journal-write-failed', 'journal-write-failed', 'journal-write-failed']);
});

test('moves of one row keep their order while the first of them fails', async () => {
  const { writer, tried, stateOf, clock } = await start(2);
  const ambiguous = writer.move(row, 'lost-sight');
  writer.move(ambiguous ?? row, 'found', { brokerOrderId: 'B1' });
  for (let second = 0; second < 4; second += 1) await clock.advance(1_000);
  expect(tried.map(({ to }) => to)).toEqual(['AMBIGUOUS', 'AMBIGUOUS', 'AMBIGUOUS', 'FOUND']);
  expect(await stateOf()).toBe('FOUND');
});

test('a move that somebody else made first is told and not repeated', async () => {
  const { writer, tried, errors, clock } = await start();
  writer.move(row, 'acknowledged');
  writer.move(row, 'rejected');
  await clock.advance(0);
  expect(tried).toHaveLength(2);
  expect(errors).toEqual(['journal-move-refused']);
});

test('closing tries once more and then lets go, with no timer left', async () => {
  const { writer, tried, clock } = await start(1_000);
  writer.move(row, 'lost-sight');
  await clock.advance(100);
  await writer.close();
  expect(tried).toHaveLength(2);
  expect(clock.timers).toBe(0);
});
