import { createLiveTable } from '../shared/live-table.js';

/** Shows a user's connections, and what happens to them as it happens. */
export function watch(me) {
  const table = createLiveTable(['connection', 'status', 'health', 'breakers open', 'serves']);
  const told = { 'brokers-down': 0, 'brokers-up': 0, 'failover-switched': 0, 'failover-recovered': 0 };

  const refresh = () => {
    const serving = me.routingStatus()?.serving;
    for (const { broker, account, state, health } of me.getConnectionStatus()) {
      const breakers = Object.entries(me.connection({ broker, account }).breakers());
      const open = breakers.filter(([, { kind }]) => kind !== 'closed').map(([lane, { kind }]) => `${lane} ${kind}`);
      const serves = serving?.broker === broker && serving.account === account;
      table.row(broker, state.status, healthOf(health), open.join(', ') || 'none', serves ? 'yes' : 'no');
    }
  };
  const onAny = (name, text) =>
    me.on(name, (event) => {
      refresh();
      const line = text(event);
      if (line !== null) table.note(`   ${name}: ${line}`);
    });

  onAny('connection-changed', ({ connection, state, previous }) =>
    state.status === previous.status
      ? null
      : `${connection.broker} ${state.status}${'code' in state ? ` (${state.code})` : ''}`,
  );
  onAny('health-changed', ({ connection, quality }) => `${connection.broker} ${quality ?? 'not known'}`);
  onAny('breaker-changed', ({ connection, lane, state }) => `${connection.broker} ${lane} ${state.kind}`);
  onAny('order-queued', ({ clientOrderId, connection }) => `${clientOrderId}, for ${connection.broker}`);
  onAny('failover-switched', ({ from, to, why }) =>
    count('failover-switched', `${from.broker} to ${to.broker}: ${why}`),
  );
  onAny('failover-recovered', ({ from, to }) => count('failover-recovered', `${from.broker} to ${to.broker}`));
  onAny('brokers-down', ({ connections }) => count('brokers-down', connections.map(({ broker }) => broker).join(', ')));
  onAny('brokers-up', ({ connection }) => count('brokers-up', `${connection.broker} answers`));

  const count = (name, line) => {
    told[name] += 1;
    return line;
  };
  return { say: table.note, refresh, told };
}

function healthOf({ connectionQuality, stale, calls }) {
  if (connectionQuality === null) return calls < 20 ? 'too few calls yet' : 'not known';
  return `${connectionQuality}${stale ? ' (stale)' : ''}`;
}
