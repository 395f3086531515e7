/** A text's JSON; null for one that is none, which every reader of a stored text has to expect. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
