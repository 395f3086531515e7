/** What is wrong with a master as a whole; becomes `ALGO_INSTRUMENTS_REFUSED` where the broker is known. */
export class BadMaster extends Error {}
