import { keptMaps } from './pieces.js';
import { addRow } from './row-maps.js';

/** What anybody writes first: the whole text, its lines, their fields, an object for each and two maps. */
export async function load(file) {
  const lines = file.toString('utf8').split('\n');
  const columns = lines[0].split(',');
  const at = Object.fromEntries(columns.map((name, index) => [name, index]));
  const bySymbol = new Map();
  const byToken = new Map();
  for (let line = 1; line < lines.length; line += 1) {
    const fields = lines[line].split(',');
    if (fields.length < columns.length) continue;
    addRow(bySymbol, byToken, (name) => fields[at[name]]);
  }
  return keptMaps(bySymbol, byToken);
}
