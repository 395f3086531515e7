/** The fields of one line. The files seen quote nothing; a quoted field is understood all the same. */
export function splitLine(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  return Array.from(`,${line}`.matchAll(FIELD), ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}

const FIELD = /,(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g;
