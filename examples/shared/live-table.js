/** Lines of what happened that stay in sight beside a table that fills the terminal. */
const LEAST_NOTES = 8;
/** Of a terminal that does not tell its height. */
const USUAL_ROWS = 50;

/**
 * A table that redraws itself on a terminal. Without one, in a log or in CI, each change is a line of its own.
 *
 * @param {readonly string[]} head
 * @param {NodeJS.WriteStream} [out]
 */
export function createLiveTable(head, out = process.stdout) {
  /** @type {Map<string, readonly string[]>} */
  const rows = new Map();
  const notes = [];
  let drawn = 0;

  const draw = () => {
    const room = (out.rows || USUAL_ROWS) - 1;
    const table = cut(tableOf(head, [...rows.values()]), Math.max(4, room - LEAST_NOTES - 1));
    const told = notes.slice(-Math.max(1, room - table.length - 1));
    const width = out.columns || Infinity;
    const lines = [...table, '', ...told].map((line) => line.slice(0, width)); // one that wraps is two to go back over
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[0J`);
    out.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };

  return {
    /** Shows a row under its name; the first cell is the name. Told again without a change, nothing happens. */
    row(...cells) {
      const [name] = cells;
      const before = rows.get(name);
      if (before?.every((cell, column) => cell === cells[column])) return;
      rows.set(name, cells);
      if (out.isTTY) draw();
      else out.write(`${cells.map((cell, column) => `${head[column]}: ${cell}`).join('  ')}\n`);
    },
    /** What happened, in one line or a few. */
    note(text) {
      notes.push(...text.split('\n'));
      if (out.isTTY) draw();
      else out.write(`${text}\n`);
    },
  };
}

function tableOf(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)];
}

const cut = (lines, most) =>
  lines.length <= most ? lines : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more`];
