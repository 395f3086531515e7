/** How a value may stand in a text: raw, base64, base64url and hex, each also URL-encoded and JSON-escaped. */
export function shapesOf(value: string): ReadonlySet<string> {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64');
  const plain = [value, base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), hex, hex.toUpperCase()];
  return new Set(plain.flatMap(escapesOf));
}

function escapesOf(shape: string): readonly string[] {
  if (/^[\w.-]*$/.test(shape)) return [shape]; // most tokens: nothing to escape in them
  const percent = encodeURIComponent(shape.toWellFormed());
  const form = new URLSearchParams([['', shape]]).toString().slice(1);
  const json = JSON.stringify(shape).slice(1, -1);
  return [shape, percent, lowerEscapes(percent), form, lowerEscapes(form), json, json.replaceAll('/', '\\/')];
}

const lowerEscapes = (text: string): string => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
