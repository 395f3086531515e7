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
