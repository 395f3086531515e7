/**
 * Makes the check whether a reply names an order: anywhere in it and in any form, so also by what no id can be read from.
 * A refusal that names an order is none, since one of the two is not true. The check never throws.
 *
 * @param fields names of the fields that hold an order's id, in any case of letters
 * @param nothing what the broker prints there where it has none, besides null and blanks
 */
export function createOrderNaming(
  fields: readonly string[],
  nothing: readonly string[] = [],
): (body: unknown) => boolean {
  const ids = new Set(fields.map((name) => name.toLowerCase()));
  const isNothing = (id: unknown): boolean =>
    id === null || (typeof id === 'string' && ['', ...nothing].includes(id.trim()));

  return (body) => {
    const left: unknown[] = [body]; // no recursion: how deep a body goes is the sender's choice
    for (let value = left.pop(); value !== undefined; value = left.pop()) {
      if (typeof value !== 'object' || value === null) continue;
      for (const [name, inner] of Object.entries(value)) {
        if (ids.has(name.toLowerCase()) && !isNothing(inner)) return true;
        if (typeof inner === 'object' && inner !== null) left.push(inner);
      }
    }
    return false;
  };
}
