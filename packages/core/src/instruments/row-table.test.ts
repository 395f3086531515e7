import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowTable } from './row-table.js';

/** All rows that were added with this hash, in the order of their slots. */
function rowsWith(table: RowTable, hash: number): number[] {
  const rows: number[] = [];
  for (let slot = table.seek(hash, table.start(hash)); slot !== -1; slot = table.seek(hash, slot + 1)) {
    rows.push(table.rowIn(slot));
  }
  return rows;
}

test('finds every row by its hash, and several that share one', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 })), { maxLength: 300 }), (hashes) => {
      const table = new RowTable(hashes.length);
      hashes.forEach((hash, row) => expect(table.addNew(hash, row, () => false)).toBe(-1));
      hashes.forEach((hash, row) => expect(rowsWith(table, hash)).toContain(row));
      for (const hash of new Set(hashes)) {
        expect(rowsWith(table, hash)).toHaveLength(hashes.filter((other) => other === hash).length);
      }
    }),
  );
});

test('a row that is the same as one that is there is not added', () => {
  const table = new RowTable(3);
  expect(table.addNew(7, 0, () => true)).toBe(-1);
  expect(table.addNew(7, 1, (other) => other === 0)).toBe(0);
  expect(rowsWith(table, 7)).toEqual([0]);
});

test('the row added last can be taken back', () => {
  const table = new RowTable(3);
  table.addNew(7, 0, () => false);
  table.addNew(7, 1, () => false);
  table.takeBack();
  expect(rowsWith(table, 7)).toEqual([0]);
});

test('hashes made to collide are noticed instead of searched for ever', () => {
  const table = new RowTable(10_000);
  let added = 0;
  while (added < 10_000 && table.addNew(5, added, () => false) !== null) added += 1;
  expect(added).toBeLessThan(10_000);
});

test('an empty table finds nothing', () => {
  expect(rowsWith(new RowTable(0), 0)).toEqual([]);
});
