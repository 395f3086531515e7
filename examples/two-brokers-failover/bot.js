import { DHAN, KOTAK, RELIANCE } from './scenes.js';

/** The part of a bot that never sleeps: every other second it reads a price, and what both of its accounts hold. */
export function startBot(me, { clock, onTurn }) {
  const bot = {
    /** The last price it got, with where it came from and whether it is an old one; null before the first. */
    price: null,
    /** What the primary's account holds, as last told. */
    held: null,
    /** How long the last price took, in milliseconds of yours. */
    tookMs: 0,
    /** The code of the last price that could not be had at all. */
    failed: null,
    stop: () => undefined,
  };
  const state = { running: true };

  const turn = async () => {
    const began = performance.now();
    try {
      bot.price = await me.market.quotes([RELIANCE]); // it names no broker
      bot.tookMs = performance.now() - began;
    } catch (error) {
      bot.failed = error.code;
    }
    const [held] = await Promise.allSettled([me.accounts.positions(DHAN), me.accounts.positions(KOTAK)]);
    if (held.status === 'fulfilled') bot.held = held.value;
    onTurn();
  };

  const run = async () => {
    while (state.running) {
      await turn();
      await new Promise((resolve) => void clock.after(2_000, resolve));
    }
  };
  const ended = run();
  bot.stop = async () => {
    state.running = false;
    await ended;
  };
  return bot;
}
