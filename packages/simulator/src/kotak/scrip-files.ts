import { istDate } from '../ist.js';
import type { Reply, WireCall } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { SCRIP_FILES } from './masters/catalogue.js';
import { csv, json, refused } from './replies.js';

/** `GET /script-details/1.0/masterscrip/file-paths`: where today's files are. Fetching them needs no log-in. */
export function filePaths({ origin }: KotakContext, { atMs }: KotakUserCall): Reply {
  const baseFolder = `${origin()}${SCRIP_FOLDER}`;
  const filesPaths = SCRIP_FILES.map((file) => `${baseFolder}/${istDate(atMs)}/${file}`);
  return json(200, { data: { baseFolder, filesPaths } });
}

/** One file of today, or of an earlier day: they are not taken away at midnight. */
export function scripFile({ catalogue }: KotakContext, { params, atMs }: WireCall): Reply {
  const { date = '', folder = '', file = '' } = params;
  const text = catalogue.fileText(`${folder}/${file}`, atMs);
  return text === undefined || date > istDate(atMs) ? refused(404, 'Not Found', 404) : csv(text);
}

export const SCRIP_FOLDER = '/wso2-scripmaster/v1/prod';
