/** Module hooks, in a thread of their own: report every file that is loaded. */
let port;

export function initialize(given) {
  port = given;
}

export async function load(url, context, nextLoad) {
  port.postMessage(url);
  return nextLoad(url, context);
}
