import type { FoundCredentials } from '../environment/detect-environment.js';
import type { ImportedCredentials } from '../environment/import-environment.js';
import type { DualWriteComparison } from '../dual-write/compare-dual-write.js';
import type { FieldDifference } from '../difference.js';
import type { ImportComparison } from '../import/compare-import.js';
import type { FileReport, ImportPlan } from '../import/plan-import.js';
import type { ReassignmentPlan } from '../reassign/reassign-user.js';
import type { RowCounts, StoredImport } from '@algo/core/store';

/** Reports as lines for a person. None holds a secret; what comes from a file is shortened. */

/** More of one kind are counted: the whole list is in `--json`. */
const LONGEST_LIST = 20;

export const foundLines = (found: readonly FoundCredentials[]): readonly string[] =>
  found.length === 0 ? ['No variable of these brokers is there.'] : found.flatMap(credentialLines);

function credentialLines({ broker, account, fields, methods, method }: FoundCredentials): readonly string[] {
  const chosen = methods.find(({ id }) => id === method);
  return [
    `${broker}/${account}`,
    ...fields.map(
      ({ name, variable, state, shown }) =>
        `  ${name.padEnd(16)} ${variable.padEnd(24)} ${shown ?? '-'}${state === 'malformed' ? '  does not look right' : ''}`,
    ),
    chosen === undefined
      ? `  cannot be stored: ${methods.map(({ label, lacks }) => `${label} lacks ${lacks.join(', ') || 'nothing'}`).join('; ')}`
      : `  logs in by ${chosen.label}${chosen.unattended ? '' : ', which needs a person'}`,
  ];
}

export const importedLines = (imported: readonly ImportedCredentials[]): readonly string[] =>
  imported.map(
    ({ found: { broker, account }, outcome, why }) =>
      `${broker}/${account}: ${outcome}${why === null ? '' : `: ${why}`}`,
  );

export const planLines = ({ importId, files, writes }: ImportPlan): readonly string[] => [
  ...files.flatMap(fileLines),
  `${importId}: ${countsText(writes)} are new`,
];

function fileLines(file: FileReport): readonly string[] {
  const { path, rows, known, repeated, refused, unlinked, failedOrders, sidesAssumed } = file;
  return [
    `${path}: ${rows} rows, ${file.new} new, ${known} known, ${repeated} repeated, ${refused.length} refused`,
    ...listed(refused, ({ row, reason }) => `  row ${row}: ${reason}`),
    ...listed(unlinked, ({ row, why }) => `  row ${row}: kept without an order, ${why}`),
    ...listed(failedOrders, (failed) => `  failed order, not imported: ${failed}`),
    ...(sidesAssumed === 0 ? [] : [`  ${sidesAssumed} rows name no side and are taken as the layout says`]),
  ];
}

export const countsText = ({ orders, fills, snapshots }: RowCounts): string =>
  `${orders} orders, ${fills} fills, ${snapshots} snapshots`;

export const storedLines = (imports: readonly StoredImport[]): readonly string[] =>
  imports.length === 0
    ? ['This user has no import.']
    : imports.map(
        (stored) =>
          `${stored.importId}  ${new Date(stored.atMs).toISOString()}  ${countsText(stored)}  ${stored.source}`,
      );

export const comparisonLines = ({ files, same, missing, extra, different }: ImportComparison): readonly string[] => [
  ...files.flatMap(({ path, refused }) => (refused.length === 0 ? [] : [`${path}: ${refused.length} rows refused`])),
  `${same} the same, ${missing.length} missing, ${extra.length} extra, ${different.length} different`,
  ...listed(missing, ({ record, path, row }) => `  missing in the store: ${record} (${path}, row ${row})`),
  ...listed(extra, (record) => `  not in the files: ${record}`),
  ...listed(different, ({ record, fields }) => `  different: ${record}: ${fieldsText(fields)}`),
];

export const dualWriteLines = (comparison: DualWriteComparison): readonly string[] => {
  const { lines, unreadable, same, missingInStore, missingInFile, different } = comparison;
  return [
    `${lines} lines, ${unreadable.length} unreadable; ${same} rows the same, ${different.length} different`,
    ...listed(unreadable, (line) => `  unreadable: line ${line}`),
    ...listed(missingInStore, (record) => `  missing in the store: ${record}`),
    ...listed(missingInFile, (record) => `  missing in the file: ${record}`),
    ...listed(different, ({ record, fields }) => `  different: ${record}: ${fieldsText(fields)}`),
  ];
};

const fieldsText = (fields: readonly FieldDifference[]): string =>
  fields.map(({ field, inFile, inStore }) => `${field} ${inFile} in the file, ${inStore} in the store`).join('; ');

export const reassignmentLines = (plan: ReassignmentPlan): readonly string[] => [
  `${plan.orders} orders, ${plan.fills} fills, ${plan.imports} imports, ${plan.configuration} settings`,
  `credentials to seal again: ${plan.credentials.join(', ') || 'none'}`,
  ...(plan.inTheWay.length === 0 ? [] : [`in the way at the other user: ${plan.inTheWay.join(', ')}`]),
];

function listed<Item>(items: readonly Item[], text: (item: Item) => string): readonly string[] {
  const lines = items.slice(0, LONGEST_LIST).map(text);
  const more = items.length - lines.length;
  return more === 0 ? lines : [...lines, `  and ${more} more: see --json`];
}
