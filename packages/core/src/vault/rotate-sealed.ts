import { setImmediate as turn } from 'node:timers/promises';
import type { SealedRecord, SealedRecords } from '../contract/sealed-records.js';
import { AlgoError } from '../errors/algo-error.js';
import type { CredentialVault, Rewrapped } from './credential-vault.js';

/** How the master key is changed. */
export interface RotateKeysOptions {
  /** How many records are read at once, 1 to 10,000. @default 100 */
  readonly pageSize?: number;
  /** Told after every page. What it throws ends the rotation, which can be run again. */
  readonly onProgress?: (soFar: RotationReport) => void;
  /** Ends the rotation between two records with the signal's reason; what is done stays done. */
  readonly signal?: AbortSignal;
}

export interface RotateSealedOptions extends RotateKeysOptions {
  readonly records: SealedRecords;
  readonly vault: CredentialVault;
}

/** Every record is counted in one place. The old key can go when nothing is left in the last two. */
export interface RotationReport {
  readonly rewrapped: number;
  /** Under the current key already. */
  readonly current: number;
  /** Written by somebody else whenever they were looked at, and left as they are: run it again. */
  readonly changedMeanwhile: number;
  /** Left as they are: their key is not at hand, or they are damaged. */
  readonly undecryptable: readonly UndecryptableRecord[];
}

/** Which record stays shut, and the key it names; null when it is no sealed record at all. */
export interface UndecryptableRecord extends Omit<SealedRecord, 'version' | 'sealed'> {
  readonly keyId: string | null;
}

const DEFAULTS = { pageSize: 100 } satisfies Partial<RotateSealedOptions>;

const LARGEST_PAGE = 10_000;

/** A record changes under our hands when somebody writes it in between: hardly twice, and five times only by intent. */
const LOOKS = 5;

/**
 * Puts every sealed record under the current key, one by one, while others read and write.
 *
 * A record is replaced only if its bytes are still those that were read. Ended or killed, it is run again and finds the
 * rest: what is done is under the current key and is left alone.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE` when a key cannot be asked for, `ALGO_STORE_FAILED`, `ALGO_INVALID_INPUT`
 */
export async function rotateSealed(options: RotateSealedOptions): Promise<RotationReport> {
  checkPageSize(options.pageSize);
  const tally = new Tally();
  let changed = await lookAt(options, tally, () => true);
  for (let look = 2; look <= LOOKS && changed.size > 0; look += 1) {
    const again = changed;
    changed = await lookAt(options, tally, (record) => again.has(nameOf(record)));
  }
  return tally.report(changed.size);
}

/** A page of nothing would end the rotation before it began, and say that all is done. */
function checkPageSize(size = DEFAULTS.pageSize): void {
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE) return;
  const problem = `must be a whole number from 1 to ${LARGEST_PAGE}`;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'pageSize', problem }] });
}

/** Goes through all pages once. @returns the names of those that somebody wrote meanwhile */
async function lookAt(
  { records, vault, pageSize = DEFAULTS.pageSize, onProgress, signal }: RotateSealedOptions,
  tally: Tally,
  isMeant: (record: SealedRecord) => boolean,
): Promise<ReadonlySet<string>> {
  const changed = new Set<string>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<SealedRecords['page']>> = await records.page(after, pageSize);
    for (const record of page.records.filter(isMeant)) {
      signal?.throwIfAborted();
      await turn(); // a store in this process may answer without ever letting others run
      const result = await vault.rewrap(record);
      const written = result.kind === 'rewrapped' && (await records.replace(record, result.sealed));
      if (result.kind === 'rewrapped' && !written) changed.add(nameOf(record));
      else tally.count(record, result);
    }
    onProgress?.(tally.report(changed.size));
    after = page.next;
  } while (after !== null);
  return changed;
}

class Tally {
  #rewrapped = 0;
  #current = 0;
  readonly #undecryptable: UndecryptableRecord[] = [];

  count({ userId, broker, account, field }: SealedRecord, result: Rewrapped): void {
    if (result.kind === 'rewrapped') this.#rewrapped += 1;
    else if (result.kind === 'current') this.#current += 1;
    else this.#undecryptable.push({ userId, broker, account, field, keyId: result.keyId });
  }

  report(changedMeanwhile: number): RotationReport {
    return {
      rewrapped: this.#rewrapped,
      current: this.#current,
      changedMeanwhile,
      undecryptable: [...this.#undecryptable],
    };
  }
}

const nameOf = ({ userId, broker, account, field }: SealedRecord): string =>
  JSON.stringify([userId, broker, account, field]);
