import { dhan } from '@algo/broker-dhan';
import { createAlgo, fileKey, systemClock } from '@algo/core';
import { sqlite } from '@algo/store-sqlite';

/**
 * A bot in a process of its own, as a user would run it, from the built packages. It is told what to do by its one
 * argument and prints one JSON line per step; the test kills it when it likes.
 */
const task = JSON.parse(process.argv[2]);
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Dies as if the power went, at a named point of the order road. */
const die = () => process.kill(process.pid, 'SIGKILL');

function store() {
  const definition = sqlite({ path: task.database });
  if (task.dieAt === undefined) return definition;
  return {
    async open() {
      const opened = await definition.open();
      const { journal } = opened;
      const dying = {
        ...journal,
        add: async (row) => {
          if (task.dieAt === 'before-claim') die();
          const added = await journal.add(row);
          if (task.dieAt === 'after-claim') die();
          return added;
        },
      };
      return { ...opened, journal: dying };
    },
  };
}

const algo = createAlgo({
  store: store(),
  keys: fileKey(task.key),
  brokers: [dhan({ ...task.dhan, instruments: 'compact' })],
  clock: { ...systemClock(), now: () => Date.now() + task.clockOffsetMs },
});
const me = algo.user('u1');
await me.credentials.put('dhan', 'main', task.credentials);
await me.establishConnection({ broker: 'dhan', account: 'main' });
print({ step: 'ready' });

const order = { instrument: 'NSE:RELIANCE', side: 'BUY', quantity: 1, type: 'LIMIT', price: 1390, product: 'CNC' };
let current = [...task.place];
while (current.length > 0) {
  const batch = current.splice(0, task.atOnce ?? 1);
  await Promise.all(
    batch.map(async (clientOrderId) => {
      const outcome = await me.orders.place({ ...order, clientOrderId, deadlineMs: 3_000 });
      print({ step: 'placed', clientOrderId, outcome });
      const settled = outcome.kind === 'unknown' && task.settle === true ? await outcome.settled : outcome;
      print({ step: 'settled', clientOrderId, kind: settled.kind, brokerOrderId: settled.brokerOrderId ?? null });
    }),
  );
}
const orders = await me.orders.list({ limit: 10_000 });
print({ step: 'orders', orders: orders.map(({ clientOrderId, tag, state }) => ({ clientOrderId, tag, state })) });
await algo.close();
print({ step: 'closed' });
