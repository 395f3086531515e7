import { gunzip } from 'node:zlib';
import type { BrokerReply } from '../contract/http.js';
import { AlgoError } from '../errors/algo-error.js';

/** A whole reply in memory, decompressed. */
export class Reply implements BrokerReply {
  readonly status: number;
  readonly body: Buffer;
  readonly #headers: readonly Buffer[];
  readonly #broker: string;

  constructor(broker: string, status: number, headers: readonly Buffer[], body: Buffer) {
    this.#broker = broker;
    this.status = status;
    this.#headers = headers;
    this.body = body;
  }

  header(name: string): string | null {
    return headerOf(this.#headers, name.toLowerCase());
  }

  text(): string {
    return this.body.toString('utf8');
  }

  json(): unknown {
    try {
      return JSON.parse(this.text());
    } catch {
      // The parser's own message quotes the body, which may echo a credential.
      const why =
        this.body.length === 0 ? 'it is empty' : looksLikeHtml(this.body) ? 'it is a web page' : 'it is not JSON';
      throw new AlgoError('ALGO_REPLY_UNREADABLE', { broker: this.#broker, status: this.status, why }, 'unknown');
    }
  }
}

/** undici hands headers over as raw names and values in turn. */
export function headerOf(headers: readonly Buffer[], name: string): string | null {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const key = headers[at];
    if (key?.length === name.length && key.toString('latin1').toLowerCase() === name) {
      return headers[at + 1]?.toString('latin1') ?? null;
    }
  }
  return null;
}

/**
 * Undoes the one encoding we ask for, within the bound: 51 KB of gzip can become 50 MB.
 *
 * @throws an error named `ERR_BUFFER_TOO_LARGE` when the bound is passed, another for bytes that are not gzip.
 */
export function gunzipBounded(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, plain) => (error ? reject(error) : resolve(plain)));
  });
}

const looksLikeHtml = (body: Buffer): boolean => body.subarray(0, 512).toString('latin1').trimStart().startsWith('<');
