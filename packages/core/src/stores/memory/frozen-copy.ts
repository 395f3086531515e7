/** A copy that neither whoever wrote it nor whoever reads it can change. For plain data without bytes. */
export function frozenCopy<Value>(value: Value): Value {
  const copy = structuredClone(value);
  freeze(copy);
  return copy;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

/** The same for a row with sealed bytes, which cannot be frozen: every reader gets its own. */
export function copyWithBytes<Row extends { readonly sealed: Uint8Array }>(row: Row): Row {
  const { sealed, ...rest } = row;
  // Not cloned as it is: the view of a pooled buffer would bring the whole pool along.
  return { ...row, ...frozenCopy(rest), sealed: new Uint8Array(sealed) };
}

/** The same without what is sealed. */
export function withoutBytes<Row extends { readonly sealed: Uint8Array }>({
  sealed: _sealed,
  ...rest
}: Row): Omit<Row, 'sealed'> {
  return Object.freeze(rest);
}
