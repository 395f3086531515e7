/** Columns of a table, each with the type of an array of its values. */
export type ColumnTypes = Readonly<Record<string, string>>;

export const namesOf = (types: ColumnTypes): string => Object.keys(types).join(', ');

/**
 * Many rows as one parameter a column: one statement text serves any number of them. The parameters begin with number
 * `first`.
 */
export const unnest = (types: ColumnTypes, first: number): string =>
  `unnest(${Object.values(types)
    .map((type, index) => `$${first + index}::${type}`)
    .join(', ')})`;

/** Rows of values as the columns that `unnest` takes. */
export const columnsOf = (types: ColumnTypes, rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
  Object.keys(types).map((_name, index) => rows.map((row) => row[index]));
