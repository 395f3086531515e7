/** A row of a master is a few hundred bytes. A longer one is junk and is not worth decoding. */
const LONGEST_LINE = 16_384;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * The lines of a text, without line ends, empty ones and a byte order mark; null stands for one too long to be a row.
 *
 * Each line is decoded by itself: a piece cut out of the whole text would keep all of its megabytes alive for one name.
 */
export function* linesOf(bytes: Uint8Array): Generator<string | null, void, undefined> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = BYTE_ORDER_MARK.every((byte, index) => text[index] === byte) ? BYTE_ORDER_MARK.length : 0;
  while (start < text.length) {
    const feed = text.indexOf(LINE_FEED, start);
    const after = feed === -1 ? text.length : feed;
    const end = after > start && text[after - 1] === CARRIAGE_RETURN ? after - 1 : after;
    if (end - start > LONGEST_LINE) yield null;
    else if (end > start) yield text.toString('utf8', start, end);
    start = after + 1;
  }
}
