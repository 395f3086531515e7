import { strictEqual } from 'node:assert';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sqlite } from '@algo/store-sqlite';
import { seeded, shuffled } from '../../lib/shuffle.js';
import { masterOf } from '../samples.js';

const ROWS = 200_000;
const WARM_UP_ROWS = 5_000;
const TURNS = 2;

/** Loads a master, then another in its place, each turn for another broker; which side begins is drawn. */
export async function measure({ folder, share, seed }) {
  const random = seeded(seed);
  const master = masterOf(ROWS * share);
  const ours = await openStore(join(folder, 'ours.db'));
  const raw = openRaw(join(folder, 'raw.db'));
  const sides = [
    { names: ['load', 'replace'], load: ours.load },
    { names: ['rawLoad', 'rawReplace'], load: raw.load },
  ];
  const took = { load: 0, replace: 0, rawLoad: 0, rawReplace: 0 };
  for (const { load } of sides) await load('warm-up', masterOf(WARM_UP_ROWS));
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { names, load } of shuffled(sides, random)) {
      for (const name of names) {
        const began = performance.now();
        strictEqual(await load(`broker-${turn}`, master), master.length);
        took[name] += performance.now() - began;
      }
    }
  }
  await ours.close(master);
  raw.close();
  const perSecond = Object.entries(took).map(([name, ms]) => [name, (TURNS * master.length) / (ms / 1_000)]);
  return { measures: Object.fromEntries(perSecond) };
}

async function openStore(path) {
  const store = await sqlite({ path }).open();
  return {
    load: (broker, rows) => store.instruments.replace('u1', broker, { source: 'bench', loadedAtMs: 1, rows }),
    async close(rows) {
      const last = rows[rows.length - 1];
      const found = await store.instruments.byToken('u1', 'broker-0', last.segment, last.token);
      strictEqual(found?.instrument, last.instrument);
      await store.close();
    },
  };
}

function openRaw(path) {
  const file = new Database(path);
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = FULL');
  file.pragma('wal_autocheckpoint = 4000');
  file.pragma('cache_size = -16384');
  file.exec(`
    CREATE TABLE instruments (seq INTEGER PRIMARY KEY, broker TEXT NOT NULL, instrument TEXT NOT NULL, segment TEXT NOT NULL,
      token TEXT NOT NULL, symbol TEXT NOT NULL, name TEXT NOT NULL, isin TEXT, lot_size INTEGER NOT NULL,
      tick INTEGER NOT NULL, freeze_quantity INTEGER);
    CREATE UNIQUE INDEX by_contract ON instruments (broker, instrument);
    CREATE UNIQUE INDEX by_token ON instruments (broker, segment, token)`);
  const remove = file.prepare('DELETE FROM instruments WHERE broker = ?');
  const insert = file.prepare(
    `INSERT INTO instruments (broker, instrument, segment, token, symbol, name, isin, lot_size, tick, freeze_quantity)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const load = file.transaction((broker, rows) => {
    remove.run(broker);
    for (const row of rows) {
      const { instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity } = row;
      insert.run(broker, instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity);
    }
    return rows.length;
  });
  return { load: async (broker, rows) => load.immediate(broker, rows), close: () => file.close() };
}
