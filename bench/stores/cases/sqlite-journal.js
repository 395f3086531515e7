import { strictEqual } from 'node:assert';
import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { percentile } from '../../lib/statistics.js';
import { seeded } from '../../lib/shuffle.js';
import { atOnce, inTurns, oneByOne, together } from '../blocks.js';
import { attemptOf, moveOf } from '../samples.js';

const LINE = Buffer.from(`${'x'.repeat(149)}\n`);
const CALLERS = 100;
const NORMAL = { blocks: 400, calls: 50 };
const FULL = { blocks: 40, calls: 20 };
const SHARED = { blocks: 40, calls: 1_000 };

/** Intents and their ends in a store, lines of 150 bytes in a file, and the same rows through better-sqlite3 alone. */
export async function measure({ folder, share, seed }) {
  const random = seeded(seed);
  const scaled = ({ blocks, calls }) => ({ blocks: Math.ceil(blocks * share), calls, random });
  const file = openFile(join(folder, 'lines'));

  const normal = await openJournal(join(folder, 'normal.db'), 'normal');
  const rawNormal = await openRaw(join(folder, 'normal-raw.db'), 'normal');
  await oneByOne(normal.add)(NORMAL.calls); // so that a block of moves may come before one of intents
  atOnce(rawNormal.insert)(NORMAL.calls);
  const lone = await inTurns(
    {
      addNormal: oneByOne(normal.add),
      moveNormal: oneByOne(normal.move),
      insertNormal: atOnce(rawNormal.insert),
      updateNormal: atOnce(rawNormal.update),
      write: atOnce(file.write),
    },
    scaled(NORMAL),
  );
  await normal.close();
  rawNormal.close();

  const full = await openJournal(join(folder, 'full.db'), 'full');
  const rawFull = await openRaw(join(folder, 'full-raw.db'), 'full');
  const durable = await inTurns({ addFull: oneByOne(full.add), writeSync: atOnce(file.writeSync) }, scaled(FULL));
  const waits = { ours: [], raw: [] };
  const shared = await inTurns(
    {
      sharedFull: together(CALLERS, full.addThenMove(), waits.ours),
      sharedSync: together(CALLERS, file.append, waits.raw),
      sharedInsert: rawFull.inHundreds,
    },
    scaled(SHARED),
  );
  await full.close();
  rawFull.close();
  file.close();
  return {
    measures: {
      ...lone,
      ...durable,
      ...shared,
      waitP50: percentile(waits.ours, 0.5),
      waitP99: percentile(waits.ours, 0.99),
      rawWaitP50: percentile(waits.raw, 0.5),
      rawWaitP99: percentile(waits.raw, 0.99),
    },
  };
}

async function openJournal(path, durability) {
  const store = await sqlite({ path, durability }).open();
  const { journal } = store;
  const added = [];
  let moved = 0;
  const add = async () => {
    const row = attemptOf(added.length);
    added.push(row);
    const { kind } = await journal.add(row);
    if (kind !== 'added') throw new Error(`an attempt was not added: ${kind}`);
  };
  const move = async () => {
    if (moved === added.length) throw new Error('no attempt is left to move');
    const number = moved;
    moved += 1;
    if (!(await journal.move(moveOf(added[number], number)))) throw new Error('an attempt was not moved');
  };
  return {
    add,
    move,
    /** One line a call: the intent of an order first, then the end of it, as every order writes them. */
    addThenMove() {
      let calls = 0;
      return () => ((calls += 1) % 2 === 1 ? add() : move());
    },
    async close() {
      const last = await journal.byTag(added[moved - 1]?.userId ?? added[0].userId, added[Math.max(0, moved - 1)].tag);
      strictEqual(last?.state, moved > 0 ? 'ACKNOWLEDGED' : 'SUBMITTING');
      await store.close();
    },
  };
}

/** The store's own tables, written by hand. */
async function openRaw(path, durability) {
  const store = await sqlite({ path }).open();
  await store.close();
  const file = new Database(path);
  file.pragma(`synchronous = ${durability}`);
  file.pragma('wal_autocheckpoint = 4000');
  file.pragma('cache_size = -16384');
  const add = file.prepare(
    `INSERT INTO attempts (tag, user_id, broker, account, kind, client_order_id, number, request, state, trading_day,
       created_at_ms, send_by_ms, broker_order_id, detail, updated_at_ms, owner)
     VALUES (?, ?, ?, ?, 0, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const move = file.prepare(
    'UPDATE attempts SET state = 5, updated_at_ms = ?, broker_order_id = ? WHERE tag = ? AND user_id = ? AND state = 1',
  );
  let inserted = 0;
  let updated = 0;
  const insert = () => {
    const row = attemptOf(inserted);
    inserted += 1;
    const { tag, userId, broker, account, clientOrderId, number, request, tradingDay, createdAtMs, sendByMs } = row;
    const { brokerOrderId, detail, updatedAtMs, owner } = row;
    const ids = [tag, userId, broker, account, clientOrderId, number, request, tradingDay];
    add.run(...ids, createdAtMs, sendByMs, brokerOrderId, detail, updatedAtMs, owner);
  };
  const update = () => {
    const { tag, userId, brokerOrderId, atMs } = moveOf(attemptOf(updated), updated);
    updated += 1;
    if (move.run(atMs, brokerOrderId, tag, userId).changes !== 1) throw new Error('a row was not updated');
  };
  const hundred = file.transaction(() => {
    for (let line = 0; line < CALLERS; line += 2) {
      insert();
      update();
    }
  });
  return {
    insert,
    update,
    inHundreds(calls) {
      for (let left = calls; left > 0; left -= CALLERS) hundred.immediate();
    },
    close() {
      strictEqual(file.prepare('SELECT COUNT(*) FROM attempts').pluck().get(), inserted);
      file.close();
    },
  };
}

/** The least a durable journal can do: one write and one flush for all who wait in one turn of the event loop. */
function openFile(path) {
  const descriptor = openSync(path, 'a');
  let lines = 0;
  let waiting = [];
  const write = () => {
    lines += 1;
    writeSync(descriptor, LINE);
  };
  const flush = () => {
    const written = waiting;
    waiting = [];
    lines += written.length;
    writeSync(descriptor, Buffer.concat(written.map(() => LINE)));
    fdatasyncSync(descriptor);
    for (const resolve of written) resolve();
  };
  return {
    write,
    writeSync() {
      write();
      fdatasyncSync(descriptor);
    },
    append: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(flush);
      }),
    close() {
      closeSync(descriptor);
      strictEqual(statSync(path).size, lines * LINE.length);
    },
  };
}
