import { FLAKY, userNamed } from './fleet.js';

/** A breaker trips on the fifth failure in a row: from then on it is known that the broker fails. */
const KNOWN_AT = 5;

/**
 * How long after the call that made it known a host hears that a connection failed, or is back. Calls are heard of on the
 * call path itself; status through the event streams that a host would read, one of each kind for each user.
 */
export class StatusLatency {
  /** By user: what the calls on the connection that may fail have shown. */
  #calls = new Map();
  #streams = [];
  #reading = [];
  /** Milliseconds each. */
  samples = { failed: [], critical: [], back: [] };
  /** How many of those connections are not connected now. */
  down = 0;

  /** @param {import('@algo/core').CallMessage} message */
  onCall(message) {
    if (message.phase !== 'end' || message.broker !== FLAKY || message.outcome === 'not-sent') return;
    const seen = this.#seen(message.userId);
    const nowMs = performance.now();
    if (message.outcome === 'answered') {
      seen.answeredMs = nowMs;
      seen.failures = 0;
      return;
    }
    seen.failures += 1;
    if (seen.failures <= KNOWN_AT) seen.knownMs = nowMs;
  }

  /** @param {import('@algo/core').Algo} algo @param {number} users */
  listen(algo, users) {
    for (let number = 0; number < users; number += 1) {
      const userId = userNamed(number);
      const manager = algo.user(userId);
      this.#read(manager.events('connection-changed'), (event) => this.#connection(userId, event));
      this.#read(manager.events('health-changed'), (event) => this.#health(userId, event));
    }
  }

  async close() {
    for (const stream of this.#streams) stream.close();
    await Promise.all(this.#reading);
  }

  #read(stream, hear) {
    this.#streams.push(stream);
    this.#reading.push(
      (async () => {
        for await (const event of stream) if (event.connection.broker === FLAKY) hear(event);
      })(),
    );
  }

  #connection(userId, { state, previous }) {
    const seen = this.#seen(userId);
    const nowMs = performance.now();
    if (previous.status === 'connected' && !seen.isDown) {
      seen.isDown = true;
      this.down += 1;
      seen.awaitsGrade = true;
      seen.downKnownMs = seen.knownMs;
      this.samples.failed.push(nowMs - seen.knownMs);
    } else if (state.status === 'connected' && seen.isDown) {
      seen.isDown = false;
      this.down -= 1;
      this.samples.back.push(nowMs - seen.answeredMs);
    }
  }

  #health(userId, { quality }) {
    const seen = this.#seen(userId);
    if (quality !== 'CRITICAL' || !seen.awaitsGrade) return;
    seen.awaitsGrade = false;
    this.samples.critical.push(performance.now() - seen.downKnownMs);
  }

  #seen(userId) {
    let seen = this.#calls.get(userId);
    if (seen === undefined) {
      seen = { failures: 0, knownMs: 0, answeredMs: 0, downKnownMs: 0, isDown: false, awaitsGrade: false };
      this.#calls.set(userId, seen);
    }
    return seen;
  }
}
