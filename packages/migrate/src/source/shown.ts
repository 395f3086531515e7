const LONGEST = 40;

/**
 * A value of a file as a report may show it: on one line, shortened, and with nothing in it that a terminal obeys. It is
 * printed and never evaluated.
 */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  const start = text
    .slice(0, LONGEST)
    .replaceAll(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return text.length > LONGEST ? `${start}… (${text.length} characters)` : start;
}

/** Controls, marks that turn the direction of writing, halves of surrogate pairs, and every other kind of line end. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;
