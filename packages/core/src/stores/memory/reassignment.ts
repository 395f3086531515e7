import { AlgoError } from '../../errors/algo-error.js';
import type { AuditEntry } from '../../contract/audit-store.js';
import type { CredentialRecord } from '../../contract/credential-store.js';
import type { AttemptState } from '../../contract/order-journal.js';
import type { Reassignment } from '../../contract/transfer-store.js';
import { appendEntry, auditIds } from './audit.js';
import { copyWithBytes, frozenCopy } from './frozen-copy.js';
import { accountKey } from './memory-data.js';
import type { UserRows } from './memory-data.js';
import { accountIds, checkId } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

/** `TransferStore.reassign` */
export const reassign = (
  link: MemoryLink,
  from: string,
  to: string,
  credentials: readonly CredentialRecord[],
  audit: readonly AuditEntry[],
): Promise<Reassignment> =>
  link.call({ from, to }, () => {
    for (const entry of audit) for (const [field, id] of Object.entries(auditIds(entry))) checkId(field, id);
    const theirs = link.rowsOf(from);
    const given = link.rowsOf(to);
    refuseUnlessPossible(theirs, given);
    refuseUnlessComplete(theirs, to, credentials);

    tellOf(link, from, theirs);
    const moved = moveRows(theirs, given, to);
    for (const record of credentials) given.credentials.set(accountKey(record), copyWithBytes(record));
    theirs.credentials.clear();
    theirs.sessions.clear();
    tellOf(link, to, given);
    for (const entry of audit) appendEntry(link, entry);
    return { ...moved, credentials: credentials.length };
  });

const ENDS: ReadonlySet<AttemptState> = new Set(['ACKNOWLEDGED', 'REJECTED', 'NOT_SENT', 'FOUND', 'ABSENT']);

function refuseUnlessPossible(theirs: UserRows, given: UserRows): void {
  const { leases: _leases, audit: _audit, ...rows } = given;
  if (Object.values(rows).some(({ size }) => size > 0)) throw conflict('The user who gets the rows');
  if ([...theirs.attempts.values()].some(({ state }) => !ENDS.has(state))) throw conflict('An order under way');
}

function refuseUnlessComplete(theirs: UserRows, to: string, credentials: readonly CredentialRecord[]): void {
  const resealed = new Map(credentials.map((record) => [accountKey(record), record]));
  const isNamed = ([key, { version }]: [string, CredentialRecord]): boolean => resealed.get(key)?.version === version;
  const isWhole = resealed.size === theirs.credentials.size && [...theirs.credentials].every(isNamed);
  if (!isWhole || resealed.size !== credentials.length) throw conflict('A credential');
  if (credentials.some(({ userId }) => userId !== to)) throw conflict('The user of a credential');
}

const conflict = (what: string): AlgoError => new AlgoError('ALGO_STORE_CONFLICT', { what });

function moveRows(theirs: UserRows, given: UserRows, to: string): Omit<Reassignment, 'credentials'> {
  for (const [order, tags] of theirs.tagsOfOrder) given.tagsOfOrder.set(order, tags);
  theirs.tagsOfOrder.clear();
  for (const [id, stored] of theirs.imports) given.imports.set(id, stored);
  theirs.imports.clear();
  return {
    attempts: moveOwned(theirs.attempts, given.attempts, to),
    orders: moveOwned(theirs.sightings, given.sightings, to),
    fills: moveOwned(theirs.fills, given.fills, to),
    snapshots: moveOwned(theirs.snapshots, given.snapshots, to),
    configuration: moveOwned(theirs.configuration, given.configuration, to),
  };
}

/** @returns how many */
function moveOwned<Row extends { readonly userId: string }>(
  theirs: Map<string, Row>,
  given: Map<string, Row>,
  to: string,
): number {
  for (const [key, row] of theirs) given.set(key, frozenCopy({ ...row, userId: to }));
  const moved = theirs.size;
  theirs.clear();
  return moved;
}

/** Tells of everything a user has that others may remember. */
function tellOf(link: MemoryLink, userId: string, { credentials, sessions, configuration }: UserRows): void {
  for (const row of credentials.values()) link.tell({ kind: 'credentials', key: { ...accountIds(row), userId } });
  for (const row of sessions.values()) link.tell({ kind: 'session', key: { ...accountIds(row), userId } });
  for (const { name } of configuration.values()) link.tell({ kind: 'configuration', userId, name });
}
