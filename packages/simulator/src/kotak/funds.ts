import type { Account, Position } from '../exchange/account.js';
import { fundsOf, totalsOf } from '../exchange/account.js';
import { requiredFunds } from '../exchange/admission.js';
import { rupees } from '../exchange/instrument.js';
import type { Segment } from '../exchange/instrument.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { listingOf } from './context.js';
import { amountOf, readForm, wordOf } from './form.js';
import { LIMITS } from './limits-template.js';
import { badBody, json, unknownInstrument } from './replies.js';
import { ORDER_TYPES, PRODUCTS, SIDES, segmentOf } from './words.js';

/** `POST /quick/user/limits`: flat, every figure a text. `Net` is what may still be spent. */
export function limits(context: KotakContext, call: KotakUserCall): Reply {
  if (readForm(call.bodyText) === undefined) return badBody();
  const { account } = call;
  const { available, used } = fundsOf(account);
  const profit = (pick: (earned: Earned) => number, segments?: readonly Segment[]): string =>
    String(rupees(earnedOf(context, account, segments).reduce((sum, earned) => sum + pick(earned), 0)));
  const realized = ({ realized }: Earned): number => realized;
  const open = ({ open }: Earned): number => open;
  return json(200, {
    ...LIMITS,
    CollateralValue: String(account.cash),
    UnrealizedMtomPrsnt: profit(open),
    RealizedMtomPrsnt: profit(realized),
    MarginUsed: String(used),
    Net: String(available),
    MarginUsedPrsnt: String(used),
    CashUnRlsMtomPrsnt: profit(open, CASH),
    FoUnRlsMtomPrsnt: profit(open, DERIVATIVES),
    ComUnRlsMtomPrsnt: profit(open, COMMODITIES),
    CurUnRlsMtomPrsnt: profit(open, CURRENCIES),
    CashRlsMtomPrsnt: profit(realized, CASH),
    FoRlsMtomPrsnt: profit(realized, DERIVATIVES),
    ComRlsMtomPrsnt: profit(realized, COMMODITIES),
    CurRlsMtomPrsnt: profit(realized, CURRENCIES),
    TimeStamp: String(call.atMs),
  });
}

/** `POST /quick/user/check-margin`: what the pretend exchange would hold back; flat, texts with six digits. */
export function checkMargin(context: KotakContext, { account, bodyText }: KotakUserCall): Reply {
  const body = readForm(bodyText);
  if (body === undefined) return badBody();
  const segment = segmentOf(wordOf(body, 'exSeg') ?? '');
  const side = SIDES[wordOf(body, 'trnsTp') ?? ''];
  const product = PRODUCTS[wordOf(body, 'prod') ?? ''];
  const type = ORDER_TYPES[wordOf(body, 'prcTp') ?? ''];
  const quantity = amountOf(body, 'qty');
  const price = amountOf(body, 'prc');
  const token = wordOf(body, 'tok') ?? '';
  if (segment === undefined || side === undefined || product === undefined || type === undefined) return badBody();
  if (price === undefined || quantity === undefined || !Number.isInteger(quantity) || quantity === 0) return badBody();
  const instrument = context.catalogue.byToken(segment, token)?.instrument ?? null;
  if (instrument === null || instrument.segment === 'INDEX') return unknownInstrument();
  const { market } = listingOf(context, instrument.id);
  const terms = { type, quantity, price, triggerPrice: 0 };
  const order = requiredFunds(account, market, { side, product }, terms);
  const { available, used } = fundsOf(account);
  const missing = Math.max(0, order - available);
  return json(200, {
    avlCash: account.cash.toFixed(6),
    totMrgnUsd: (used + order).toFixed(6),
    mrgnUsd: used.toFixed(6),
    ordMrgn: order.toFixed(6),
    rmsVldtd: missing === 0 ? 'OK' : 'NOT_OK',
    reqdMrgn: missing.toFixed(6),
    avlMrgn: '0.000000',
    insufFund: missing.toFixed(6),
    stat: 'Ok',
    stCode: 200,
  });
}

/** What positions have earned, rupees: by closing, and at the last price. */
interface Earned {
  readonly realized: number;
  readonly open: number;
}

const CASH: readonly Segment[] = ['NSE_EQ', 'BSE_EQ'];
const DERIVATIVES: readonly Segment[] = ['NSE_FNO', 'BSE_FNO'];
const COMMODITIES: readonly Segment[] = ['MCX_COMM'];
const CURRENCIES: readonly Segment[] = ['NSE_CURRENCY', 'BSE_CURRENCY'];

function earnedOf(
  context: KotakContext,
  { positions }: Account,
  segments: readonly Segment[] | undefined,
): readonly Earned[] {
  return [...positions.values()]
    .filter(({ instrument }) => segments === undefined || segments.includes(instrument.segment))
    .map((position) => earned(context, position));
}

function earned(context: KotakContext, position: Position): Earned {
  const { net, buyAverage, sellAverage, realized } = totalsOf(position);
  const { last } = listingOf(context, position.instrument.id).market;
  return { realized, open: net * (last - (net >= 0 ? buyAverage : sellAverage)) };
}
