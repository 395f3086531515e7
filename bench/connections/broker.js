import { subscribe } from 'node:diagnostics_channel';
import { serverErrorBefore, startSimulator } from '@algo/simulator';

/**
 * A simulated broker in a process of its own. Started with `{ accounts, startMs }`, it tells where it is found and the
 * credentials of its accounts; then it takes `fail`, `recover` and `counts`.
 */

/** Its own count of sockets, taken where they end: what the client says of itself is not asked. */
const sockets = { open: 0, most: 0 };
subscribe('net.server.socket', ({ socket }) => {
  sockets.open += 1;
  sockets.most = Math.max(sockets.most, sockets.open);
  socket.once('close', () => (sockets.open -= 1));
});

const FIRST_CLIENT = 2_000_000_000;

process.on('disconnect', () => process.exit(0)); // never outlives the bench that started it

process.once('message', async ({ accounts, startMs }) => {
  const simulator = await startSimulator({ startMs, dhan: { rateLimits: 'off', syntheticContracts: false } });
  const credentials = Array.from({ length: accounts }, (_, number) => {
    const { clientId, accessToken } = simulator.dhan.addAccount({ clientId: String(FIRST_CLIENT + number) });
    return { clientId, accessToken };
  });
  const { baseUrl, authUrl, instrumentsUrl } = simulator.dhan;
  const commands = {
    fail: () => simulator.inject(serverErrorBefore('*', { status: 503, times: 'always' })),
    recover: () => simulator.clearFaults(),
    counts: () => ({ sockets: { ...sockets }, requests: simulator.received().length }),
  };
  process.on('message', ({ id, command }) => process.send({ id, value: commands[command]() ?? null }));
  process.send({ urls: { baseUrl, authUrl, instrumentsUrl }, credentials, nowMs: simulator.clock.now() });
});
