import net from 'node:net';

/** Tests may talk to this machine only: a connect to any other address fails at once, by name. */
const connect = net.Socket.prototype.connect;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

net.Socket.prototype.connect = function closed(this: net.Socket, ...args: unknown[]) {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null && 'host' in first) {
    const host = String(first.host ?? 'localhost');
    if (!LOOPBACK.test(host)) throw new Error(`The network is closed in tests; refused ${host}`);
  }
  return Reflect.apply(connect, this, args);
} as typeof connect;
