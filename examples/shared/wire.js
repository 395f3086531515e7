import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * The wire between a bot and its broker, for examples that damage it. It passes bytes on and knows no HTTP.
 *
 * @param {string} target the broker's address, for example `http://127.0.0.1:4000/v2`
 */
export async function startWire(target) {
  const { hostname, port } = new URL(target);
  /** Pairs of sockets: the bot's and the one to the broker. */
  const pairs = new Set();
  const stuck = new Set();
  /** Addresses of this machine that bots came from. */
  const callers = new Set();

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair = { near, far, caller: near.remoteAddress };
    callers.add(pair.caller);
    pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
    far.pipe(near);
    if (!stuck.has(pair.caller)) near.pipe(far);
  });
  const listen = async (at) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const ownPort = server.address().port;

  async function cut() {
    const closed = once(server, 'close');
    server.close();
    for (const { near } of pairs) near.destroy();
    await closed;
  }

  return {
    callers,
    /** The same address by way of this wire. */
    through(url) {
      const rewritten = new URL(url);
      rewritten.port = String(ownPort);
      return rewritten.href.replace(/\/$/, '');
    },
    /** From now on the broker refuses connections. */
    cut,
    mend: () => listen(ownPort),
    /** What comes from that address is taken and never answered. */
    jam(address) {
      stuck.add(address);
      for (const { near, far, caller } of pairs) if (caller === address) near.unpipe(far);
    },
    free(address) {
      stuck.delete(address);
      for (const { near, far, caller } of pairs) if (caller === address) near.pipe(far);
    },
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
