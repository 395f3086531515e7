/** Compares texts by their code points, as databases do; `<` goes by UTF-16 units and puts emoji before some letters. */
export const compareNames = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** In the order of brokers and accounts. */
export const byAccount = (
  a: { readonly broker: string; readonly account: string },
  b: { readonly broker: string; readonly account: string },
): number => compareNames(a.broker, b.broker) || compareNames(a.account, b.account);
