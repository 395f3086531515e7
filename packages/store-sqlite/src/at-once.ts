import type { GroupCommit } from './group-commit.js';
import { checkIds } from './keys.js';
import { toStoreFailure } from './sqlite-failure.js';

/** Runs a call that is answered at once, after everything that was asked for before it is written. */
export const reading = <Result>(commits: GroupCommit, ids: Ids, run: () => Result): Result =>
  atOnce(commits, ids, 'reading', run);

/** The same for a write that commits by itself: rare ones need no company. */
export const writing = <Result>(commits: GroupCommit, ids: Ids, run: () => Result): Result =>
  atOnce(commits, ids, 'writing', run);

type Ids = Readonly<Record<string, string>>;

function atOnce<Result>(commits: GroupCommit, ids: Ids, what: string, run: () => Result): Result {
  commits.settle();
  checkIds(ids);
  try {
    return run();
  } catch (error) {
    throw toStoreFailure(what, error);
  }
}
