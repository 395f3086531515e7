/** Plain text for a terminal. */
export const say = (text) => console.log(`  ${text}`);

export const heading = (text) => console.log(`\n${text}`);

export function orderTable(orders) {
  table(
    ['client order id', 'outcome', 'side', 'quantity', 'filled', 'price', 'status'],
    orders.map(({ clientOrderId, outcome, order }) => [
      clientOrderId,
      outcome.kind,
      order?.side,
      order?.quantity,
      order?.filledQuantity,
      order?.price,
      order?.status,
    ]),
  );
}

export function healthTable(reports) {
  table(
    ['connection', 'status', 'grade', 'calls', 'failures', 'average ms', 'last error'],
    reports.map(({ broker, account, state, health }) => [
      `${broker}/${account}`,
      state.status,
      health.connectionQuality ?? `after 20 calls`,
      health.calls,
      health.failures,
      health.averageResponseMs?.toFixed(1),
      health.lastErrorCode ?? 'none',
    ]),
  );
}

function table(titles, rows) {
  const cells = [titles, ...rows.map((row) => row.map((cell) => String(cell ?? '-')))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('   ')
        .trimEnd(),
    );
}
