import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startSimulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { behind, startGateway } from './support/gateway.js';
import { bundleTrader, startTrader } from './support/trader-process.js';
import type { Line } from './support/trader-words.js';
import { until } from './support/trading.js';

/** Half a second away and half a second there, so many times. */
const FLAPS = process.env['ALGO_TEST_FULL'] === '1' ? 60 : 10;
const ASK_EVERY_MS = 50;
/** A bot that stands still for longer than this is not awake, on whatever machine. */
const STALL_MS = 1_000;

bundleTrader();

test(
  'a broker that flaps every second is not overrun, the bot stays awake, and the connection comes back by itself',
  { timeout: 400_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'algo-flapping-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const simulator = await startSimulator({ brokers: ['angel'], angel: { rateLimits: 'off' } });
    onTestFinished(() => simulator.close());
    const { baseUrl, instrumentsUrl, credentials } = simulator.angel;
    const gateway = await startGateway(baseUrl);
    const { clientCode, apiKey, mpin, totpSecret } = credentials;
    const trader = startTrader({
      database: join(folder, 'bot.db'),
      key: join(folder, 'master.key'),
      clockOffsetMs: simulator.clock.now() - Date.now(),
      brokers: {
        angel: {
          urls: { baseUrl: behind(gateway, baseUrl), instrumentsUrl: behind(gateway, instrumentsUrl) },
          fields: { clientCode, apiKey, mpin, totpSecret },
        },
      },
      strategy: { primary: { broker: 'angel', account: 'main' }, backups: [], rules: [] },
      waits: true,
    });
    await trader.ready;
    await trader.ask('funds'); // from now on there is a value to show
    const before = gateway.connections;
    const answers: Promise<Line>[] = [];
    const stalls: number[] = [];
    const asking = setInterval(() => answers.push(trader.ask('funds')), ASK_EVERY_MS);
    onTestFinished(() => clearInterval(asking));

    for (let flap = 0; flap < FLAPS; flap += 1) {
      await gateway.down(flap % 2 === 0 ? 'refuses' : 'resets');
      await pause(500);
      await gateway.up();
      await pause(500);
      stalls.push((await trader.ask('delay')).maxMs ?? Infinity);
    }
    const tried = gateway.connections - before;
    const asked = answers.length;
    await until(() => lastStatus(trader.lines) === 'connected', 'it is connected again', 240_000);
    await until(async () => (await trader.ask('funds')).stale === false, 'funds are read again', 60_000);
    clearInterval(asking);
    const readings = await Promise.all(answers);
    await trader.close();

    const reconnects = trader.lines.filter(({ step }) => step === 'reconnect').length;
    console.log(
      `${asked} reads asked for; ${tried} connections made, ${reconnects} log-ins set, ${readings.filter(({ stale }) => stale).length} readings stale`,
    );
    expect(readings.some(({ stale }) => stale)).toBe(true); // or it never was away
    expect(trader.lines.some(({ status }) => status === 'error')).toBe(true);
    expect(tried).toBeLessThanOrEqual(asked / 10);
    expect(reconnects).toBeLessThanOrEqual(FLAPS);
    expect(simulator.received('login')).toHaveLength(1); // the session outlived it all
    expect(Math.max(...stalls)).toBeLessThan(STALL_MS);
  },
);

const lastStatus = (lines: readonly Line[]): string | undefined =>
  lines.findLast(({ step }) => step === 'connection')?.status;
