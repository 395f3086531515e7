import type { GroupCommit } from './group-commit.js';
import { checkIds } from './keys.js';
import { toStoreFailure, toWriteFailure } from './sqlite-failure.js';

/** Runs a call that is answered at once, after everything that was asked for before it is written. */
export function reading<Result>(commits: GroupCommit, ids: Ids, run: () => Result): Result {
  commits.settle();
  checkIds(ids);
  try {
    return run();
  } catch (error) {
    throw toStoreFailure('reading', error);
  }
}

/** The same for a write of one statement, which commits by itself: rare ones need no company. */
export function writing<Result>(commits: GroupCommit, ids: Ids, run: () => Result): Result {
  commits.settle();
  checkIds(ids);
  try {
    return run();
  } catch (error) {
    throw toWriteFailure('writing', error);
  }
}

/** The same for a write of several statements: all of them are kept, or none. */
export function together<Result>(commits: GroupCommit, ids: Ids, run: () => Result): Result {
  checkIds(ids);
  try {
    return commits.together(run);
  } catch (error) {
    throw toWriteFailure('writing', error);
  }
}

/** The names a call goes by, each under what a person calls it. */
type Ids = Readonly<Record<string, string>>;
