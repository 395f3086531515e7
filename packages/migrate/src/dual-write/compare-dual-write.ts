import { open } from 'node:fs/promises';
import type { AttemptMove, AttemptRow, FillRecord, OrderSighting, Store } from '@algo/core/store';
import { differences } from '../difference.js';
import type { FieldDifference } from '../difference.js';
import { fileRefused } from '../source/refusals.js';
import { readLine } from './journal-line.js';
import type { JournalLine } from './journal-line.js';

/** The file of a dual write beside the store, row by row. */
export interface DualWriteComparison {
  readonly lines: number;
  /** Numbers of lines that cannot be read: torn by a crash, or not ours. */
  readonly unreadable: readonly number[];
  /** Rows that are the same in both. */
  readonly same: number;
  /** In the file and not in the store: `attempt <tag>`, `order <client order id>`, `fill <fill id>`. */
  readonly missingInStore: readonly string[];
  /** In the store, made since the file was begun, and not in the file. */
  readonly missingInFile: readonly string[];
  readonly different: readonly { readonly record: string; readonly fields: readonly FieldDifference[] }[];
}

/**
 * Plays the lines of a dual write again and compares what comes of them with the store, for every user in the file.
 * Best done while nothing is trading: a row that changes meanwhile shows as different.
 *
 * @throws {AlgoError} `ALGO_IMPORT_REFUSED` when the file cannot be read
 */
export async function compareDualWrite(store: Store, path: string): Promise<DualWriteComparison> {
  const replay = new Replay();
  let lines = 0;
  const unreadable: number[] = [];
  for await (const text of linesOf(path)) {
    lines += 1;
    const line = readLine(text);
    if (line === null) unreadable.push(lines);
    else replay.play(line);
  }
  const comparison = new Comparison();
  await compareAttempts(store, replay, comparison);
  await compareOrders(store, replay, comparison);
  await compareFills(store, replay, comparison);
  return { lines, unreadable, ...comparison.result() };
}

async function* linesOf(path: string): AsyncIterable<string> {
  try {
    const file = await open(path);
    try {
      for await (const line of file.readLines({ encoding: 'utf8' })) if (line !== '') yield line;
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw fileRefused(path, `it cannot be read (${code})`);
  }
}

/** What the lines come to. */
class Replay {
  /** By user, then by tag. */
  readonly attempts = new Map<string, Map<string, AttemptRow>>();
  readonly sightings = new Map<string, Map<string, OrderSighting>>();
  readonly fills = new Map<string, Map<string, FillRecord>>();

  play(line: JournalLine): void {
    switch (line.call) {
      case 'add':
      case 'claim':
        return put(this.attempts, line.row.userId, line.row.tag, line.row);
      case 'move':
        return this.#move(line.move);
      case 'sighting':
        return put(this.sightings, line.sighting.userId, line.sighting.clientOrderId, line.sighting);
      case 'fill': {
        const { broker, account, trade, userId } = line.fill;
        const key = JSON.stringify([broker, account, trade.tradeId]);
        // The first one written stays, as in the store.
        if (this.fills.get(userId)?.has(key) !== true) put(this.fills, userId, key, line.fill);
        return;
      }
      case 'delete':
        return this.#delete(line.userId, line.clientOrderId);
    }
  }

  #move({ userId, tag, to, atMs, owner, sendByMs, brokerOrderId, detail }: AttemptMove): void {
    const row = this.attempts.get(userId)?.get(tag);
    if (row === undefined) return; // an attempt from before the file was begun
    const moved = {
      ...row,
      state: to,
      updatedAtMs: atMs,
      owner: owner ?? row.owner,
      sendByMs: sendByMs ?? row.sendByMs,
      brokerOrderId: brokerOrderId ?? row.brokerOrderId,
      detail: detail ?? row.detail,
    };
    put(this.attempts, userId, tag, moved);
  }

  #delete(userId: string, clientOrderId: string): void {
    this.sightings.get(userId)?.delete(clientOrderId);
    const fills = this.fills.get(userId);
    for (const [key, fill] of fills ?? []) if (fill.clientOrderId === clientOrderId) fills?.delete(key);
  }
}

function put<Row>(byUser: Map<string, Map<string, Row>>, userId: string, key: string, row: Row): void {
  const rows = byUser.get(userId);
  if (rows === undefined) byUser.set(userId, new Map([[key, row]]));
  else rows.set(key, row);
}

class Comparison {
  #same = 0;
  readonly #missingInStore: string[] = [];
  readonly #missingInFile: string[] = [];
  readonly #different: { record: string; fields: readonly FieldDifference[] }[] = [];

  pair(record: string, inFile: object, inStore: object | null | undefined): void {
    if (inStore === null || inStore === undefined) return void this.#missingInStore.push(record);
    const fields = differences(inFile, inStore);
    if (fields.length === 0) this.#same += 1;
    else this.#different.push({ record, fields });
  }

  onlyInStore(record: string): void {
    this.#missingInFile.push(record);
  }

  result(): Omit<DualWriteComparison, 'lines' | 'unreadable'> {
    return {
      same: this.#same,
      missingInStore: this.#missingInStore,
      missingInFile: this.#missingInFile,
      different: this.#different,
    };
  }
}

/** All there are; the largest number every database takes for a limit. */
const ALL = 2_147_483_647;

async function compareAttempts({ journal }: Store, { attempts }: Replay, comparison: Comparison): Promise<void> {
  for (const [userId, rows] of attempts) {
    let begunMs = Infinity;
    for (const [tag, row] of rows) {
      begunMs = Math.min(begunMs, row.createdAtMs);
      comparison.pair(`attempt ${tag}`, row, await journal.byTag(userId, tag));
    }
    for (const place of await journal.list(userId, { limit: ALL })) {
      if (place.createdAtMs < begunMs) continue;
      for (const { tag } of await journal.attemptsOf(userId, place.clientOrderId)) {
        if (!rows.has(tag)) comparison.onlyInStore(`attempt ${tag}`);
      }
    }
  }
}

async function compareOrders({ journal }: Store, { sightings }: Replay, comparison: Comparison): Promise<void> {
  for (const [userId, rows] of sightings) {
    for (const [clientOrderId, row] of rows) {
      comparison.pair(`order ${clientOrderId}`, row, await journal.sighting(userId, clientOrderId));
    }
  }
}

async function compareFills({ journal }: Store, { fills }: Replay, comparison: Comparison): Promise<void> {
  for (const [userId, rows] of fills) {
    const stored = new Map<string, FillRecord>();
    for (const fill of await journal.fills(userId, { limit: ALL })) {
      stored.set(JSON.stringify([fill.broker, fill.account, fill.trade.tradeId]), fill);
    }
    for (const [key, row] of rows) comparison.pair(`fill ${row.trade.tradeId}`, row, stored.get(key));
  }
}
