/** As large as what a socket gives. */
const PIECE = 65_536;

export function* piecesOf(file) {
  for (let from = 0; from < file.length; from += PIECE) yield file.subarray(from, from + PIECE);
}

/** What a case gives: two look-ups, and what has to stay alive for them. */
export const keptBook = (book) => ({
  bySymbol: ({ instrument }) => book.find(instrument),
  byToken: ({ segment, token }) => book.byToken(segment, token),
  tokenOf: (listing) => listing?.token,
});

/** The same over two maps of row objects, by exchange and symbol, and by exchange, segment and token. */
export const keptMaps = (bySymbol, byToken) => ({
  bySymbol: ({ mapKey }) => bySymbol.get(mapKey),
  byToken: ({ tokenKey }) => byToken.get(tokenKey),
  tokenOf: (row) => row?.token,
});
