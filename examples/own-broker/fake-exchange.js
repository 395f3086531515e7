/** What Monsoon lists: a few shares, an index, an option, two futures. Strike and tick are paise. */
export const MASTER = `segment,token,symbol,name,isin,expiry,strike,right,lot,tick
CASH,101,RELIANCE,Reliance Industries,INE002A01018,,,,1,10
CASH,102,TCS,Tata Consultancy Services,INE467B01029,,,,1,10
CASH,103,M&M,Mahindra & Mahindra,INE101A01026,,,,1,5
INDEX,1,NIFTY,Nifty 50,,,,,1,5
DERIV,201,NIFTY,Nifty option,,2026-12-01,2600000,CE,65,5
DERIV,202,RELIANCE,Reliance future,,2026-12-29,,FUT,500,10
COMM,301,GOLDM,Gold mini future,,2026-12-04,,FUT,100,100
`;

const PAISE = { 101: 140_000, 102: 310_000, 103: 352_500, 1: 2_605_000, 201: 18_000, 202: 140_600, 301: 12_400_000 };
const OPENING = 1_000_000_000;
const WORKING = ['LIVE', 'WAITING', 'PARTLY'];

const listed = MASTER.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .map(([segment, token, symbol, , isin, , , , lot]) => ({ segment, token, symbol, isin, lot: Number(lot) }));

/** A market of one: it takes orders, keeps them, fills them when the price is right. Money is paise, as on the wire. */
export function createExchange(now, held) {
  const orders = [];
  const trades = [];
  const prices = new Map(listed.map(({ segment, token }) => [`${segment}:${token}`, PAISE[token]]));
  const lastOf = ({ segment, token }) => prices.get(`${segment}:${token}`);
  const marginOf = ({ product }, quantity, price) => (quantity * price) / (product === 'DELIVERY' ? 1 : 5);
  const priceOf = (order) => order.price ?? order.triggerPrice ?? lastOf(order);

  const blocked = () => {
    const working = orders.filter(({ state }) => WORKING.includes(state));
    const waits = working.map((order) => marginOf(order, order.quantity - order.filledQuantity, priceOf(order)));
    const stands = positions().map((row) => marginOf(row, Math.abs(row.quantity), lastOf(row)));
    return [...waits, ...stands].reduce((sum, paise) => sum + paise, 0);
  };

  function fill(order, quantity, price) {
    const { filledQuantity: before, averagePrice: average } = order;
    order.filledQuantity += quantity;
    order.averagePrice = (before * (average ?? 0) + quantity * price) / order.filledQuantity;
    touch(order, order.filledQuantity === order.quantity ? 'DONE' : 'PARTLY');
    const { id, segment, token, symbol, product, side } = order;
    trades.push({
      id: `T${trades.length + 1}`,
      order: id,
      segment,
      token,
      symbol,
      product,
      side,
      quantity,
      price,
      at: ist(now()),
    });
  }

  function touch(order, state) {
    order.state = state;
    order.changed = ist(now());
  }

  /** What the last price does to a working order. */
  function settle(order) {
    const last = lastOf(order);
    const buys = order.side === 'B';
    if (order.state === 'WAITING' && (buys ? last >= order.triggerPrice : last <= order.triggerPrice))
      touch(order, 'LIVE');
    if (!WORKING.includes(order.state) || order.state === 'WAITING') return;
    const crosses = order.type === 'MKT' || (buys ? last <= order.price : last >= order.price);
    if (crosses) fill(order, order.quantity - order.filledQuantity, last);
    else if (order.validity === 'NOW') touch(order, 'LAPSED');
  }

  function positions() {
    const rows = new Map();
    for (const { segment, token, symbol, product, side, quantity, price } of trades) {
      const key = `${segment} ${token} ${product}`;
      const row = rows.get(key) ?? { segment, token, symbol, product, bought: 0, paid: 0, sold: 0, got: 0 };
      if (side === 'B') Object.assign(row, { bought: row.bought + quantity, paid: row.paid + quantity * price });
      else Object.assign(row, { sold: row.sold + quantity, got: row.got + quantity * price });
      rows.set(key, row);
    }
    return [...rows.values()].map(({ bought, paid, sold, got, ...of }) => {
      const averageBuyPrice = bought === 0 ? 0 : paid / bought;
      const averageSellPrice = sold === 0 ? 0 : got / sold;
      const realizedProfit = Math.min(bought, sold) * (averageSellPrice - averageBuyPrice);
      const open = bought >= sold ? lastOf(of) - averageBuyPrice : averageSellPrice - lastOf(of);
      const units = { quantity: bought - sold, boughtQuantity: bought, soldQuantity: sold };
      const profits = { realizedProfit, unrealizedProfit: Math.abs(bought - sold) * open };
      return { ...of, ...units, averageBuyPrice, averageSellPrice, ...profits };
    });
  }

  /** The code that refuses an order, or null. */
  function refusal(order, lot, freed = 0) {
    if (order.quantity <= order.filledQuantity || order.quantity % lot !== 0) return 'M-203';
    const cost = marginOf(order, order.quantity - order.filledQuantity, priceOf(order));
    return cost > OPENING - blocked() + freed ? 'M-201' : null;
  }

  return {
    orders,
    trades,
    positions,
    /** A data object, or the code of a refusal. */
    place({ ref, segment, token, ...terms }) {
      const contract = listed.find((row) => row.segment === segment && row.token === token);
      if (contract === undefined || segment === 'INDEX') return 'M-206';
      const names = { id: `26112000${orders.length + 1}`, ref, segment, token, symbol: contract.symbol };
      const times = { placed: ist(now()), changed: ist(now()) };
      const start = { state: terms.type === 'STOP' ? 'WAITING' : 'LIVE', filledQuantity: 0, averagePrice: null };
      const order = { ...names, exchangeOrderId: `X${orders.length + 1}`, ...terms, ...start, reason: null, ...times };
      const code = refusal(order, contract.lot);
      if (code !== null) return code;
      orders.push(order);
      settle(order);
      return { id: order.id };
    },
    modify(id, terms) {
      const order = orders.find((row) => row.id === id);
      if (order === undefined) return 'M-302';
      if (!WORKING.includes(order.state)) return 'M-301';
      const { lot } = listed.find((row) => row.segment === order.segment && row.token === order.token);
      const freed = marginOf(order, order.quantity - order.filledQuantity, priceOf(order));
      const code = refusal({ ...order, ...terms }, lot, freed);
      if (code !== null) return code;
      Object.assign(order, terms);
      touch(order, order.state);
      settle(order);
      return { id };
    },
    cancel(id) {
      const order = orders.find((row) => row.id === id);
      if (order === undefined) return 'M-302';
      if (!WORKING.includes(order.state)) return 'M-301';
      touch(order, 'WITHDRAWN');
      return { id };
    },
    holdings: () =>
      held.map(({ instrument, quantity, averagePrice }) => {
        const { segment, token, symbol, isin } = listed.find((row) => `NSE:${row.symbol}` === instrument);
        const units = { quantity, availableQuantity: quantity, pledgedQuantity: 0 };
        return { segment, token, symbol, isin, ...units, averagePrice: Math.round(averagePrice * 100) };
      }),
    funds() {
      const used = blocked();
      return { available: OPENING - used, used, collateral: 0, withdrawable: OPENING - used, openingBalance: OPENING };
    },
    /** For tests: prices are rupees here. */
    lastPrice: (name) => prices.get(name) / 100,
    fill: (id, quantity, price) =>
      fill(
        orders.find((order) => order.id === id),
        quantity,
        Math.round(price * 100),
      ),
  };
}

/** Wall time in India, as Monsoon prints it. */
export const ist = (epochMs) => new Date(epochMs + 19_800_000).toISOString().slice(0, 19).replace('T', ' ');
