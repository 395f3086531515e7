import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlgoError } from '@algo/core/store';
import type { AlgoErrorCode, Store } from '@algo/core/store';
import type { StorePlace, StoreSubject } from './subject.js';

/** One place with an opened store on it: what a test works on. */
export interface StoreStage {
  readonly store: Store;
  readonly place: StorePlace;
  /** Another opened store on the same place; only where the place is shared. */
  openAnother(): Promise<Store>;
  /** Closes all that are open, then opens the place again. */
  reopen(): Promise<Store>;
}

/** Sets the stage, runs the test, and takes it down whatever happens. */
export async function onStore(subject: StoreSubject, run: (stage: StoreStage) => Promise<void>): Promise<void> {
  const place = await subject.create();
  const opened: Store[] = [];
  const open = async (): Promise<Store> => {
    const store = await place.definition.open();
    opened.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    for (const store of opened.splice(0)) await store.close();
  };
  try {
    await run({
      store: await open(),
      place,
      openAnother: open,
      async reopen() {
        await closeAll();
        return open();
      },
    });
  } finally {
    await closeAll();
    await place.dispose();
  }
}

/** Two ways to the same data: of two opened stores where the place is shared, else the same one twice. */
export async function twoWays({ store, place, openAnother }: StoreStage): Promise<readonly [Store, Store]> {
  return [store, place.shared ? await openAnother() : store];
}

/** Fails unless it is refused with this code. */
export async function assertRefused(work: Promise<unknown>, code: AlgoErrorCode, what: string): Promise<void> {
  const error = await failureOf(work);
  assert.ok(error !== NONE, `${what}: it was not refused`);
  assert.ok(isAlgoError(error), `${what}: it threw something that is not an AlgoError: ${String(error)}`);
  assert.equal(error.code, code, what);
}

const NONE = Symbol('no failure');

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return NONE;
  } catch (error) {
    return error;
  }
}

/** Asks again and again until it is so; fails when it is not in time. */
export async function eventually(
  what: string,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < endsAt, `${what}: not within ${withinMs} ms`);
    await pause(5);
  }
}
