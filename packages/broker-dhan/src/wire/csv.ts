/**
 * A line of a master is a few hundred bytes. A longer one is junk and is not worth decoding: a master is fetched without
 * a log-in from a public host.
 */
const LONGEST_LINE = 16_384;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * The lines of a text file, without line ends and without a byte order mark; null stands for one too long to be a row.
 * Empty lines are left out.
 *
 * Each line is decoded by itself: a slice of the whole text would keep all of its megabytes alive for one name.
 */
export function* linesOf(bytes: Uint8Array): Generator<string | null, void, undefined> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = BYTE_ORDER_MARK.every((byte, index) => file[index] === byte) ? BYTE_ORDER_MARK.length : 0;
  while (from < file.length) {
    const found = file.indexOf(LINE_FEED, from);
    const next = found === -1 ? file.length : found;
    const to = next > from && file[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    if (to - from > LONGEST_LINE) yield null;
    else if (to > from) yield file.toString('utf8', from, to);
    from = next + 1;
  }
}

/** The fields of one line. Dhan quotes nothing; a quoted field is understood all the same. */
export function splitLine(line: string): readonly string[] {
  return line.includes('"') ? splitQuoted(line) : line.split(',');
}

function splitQuoted(line: string): readonly string[] {
  const fields: string[] = [];
  let current = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '"') {
      if (!quoted) quoted = true;
      else if (line.charAt(at + 1) === '"') {
        current += '"';
        at += 1;
      } else quoted = false;
    } else if (char === ',' && !quoted) {
      fields.push(current);
      current = '';
    } else current += char;
  }
  fields.push(current);
  return fields;
}
