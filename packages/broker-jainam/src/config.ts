import type { InputProblem } from '@algo/core/adapter';
import type { XtsConfig } from '@algo/xts';

/** Settings of the Jainam package: which server, and all of XTS's. Defaults live in `SERVERS` and in `@algo/xts`. */
export interface JainamConfig extends Partial<XtsConfig> {
  /**
   * `retail` is jtrade.jainam.in; A to D are the prop servers smpa to smpd (known from public user projects only); `custom`
   * is the one named by `baseUrl`. @default 'retail', or 'custom' where `baseUrl` is set
   */
  readonly server?: JainamServer;
}

export type JainamServer = 'retail' | 'A' | 'B' | 'C' | 'D' | 'custom';

type ServerSettings = Pick<XtsConfig, 'baseUrl'> & Required<Pick<XtsConfig, 'marketDataPath'>>;

/** Jainam's deployments as seen in public adapters and projects, 2026-11-20. The market data prefix of A to D is one of two. */
const SERVERS: Readonly<Record<Exclude<JainamServer, 'custom'>, ServerSettings>> = {
  retail: { baseUrl: 'https://jtrade.jainam.in:5000', marketDataPath: '/apibinarymarketdata' },
  A: { baseUrl: 'https://smpa.jainam.in:6543', marketDataPath: '/apimarketdata' },
  B: { baseUrl: 'https://smpb.jainam.in:4143', marketDataPath: '/apimarketdata' },
  C: { baseUrl: 'https://smpc.jainam.in:14543', marketDataPath: '/apimarketdata' },
  D: { baseUrl: 'https://smpd.jainam.in:3643', marketDataPath: '/apimarketdata' },
};

const SERVER_NAMES: readonly string[] = [...Object.keys(SERVERS), 'custom'];

/** The settings of the server that was chosen, under what the host set itself. Adds what is wrong to `problems`. */
export function toXtsConfig(config: JainamConfig, problems: InputProblem[]): XtsConfig {
  const { baseUrl, server = baseUrl === undefined ? 'retail' : 'custom' } = config;
  const settings = settingsOf(server, problems);
  if (settings === null) {
    if (server === 'custom' && baseUrl === undefined)
      problems.push({ field: 'baseUrl', problem: 'is needed with server custom' });
    return { ...config, baseUrl: baseUrl ?? SERVERS.retail.baseUrl };
  }
  if (baseUrl !== undefined) problems.push({ field: 'baseUrl', problem: 'goes with server custom only' });
  return {
    ...config,
    baseUrl: settings.baseUrl,
    marketDataPath: config.marketDataPath ?? settings.marketDataPath,
  };
}

function settingsOf(server: JainamServer, problems: InputProblem[]): ServerSettings | null {
  if (!SERVER_NAMES.includes(server)) {
    problems.push({ field: 'server', problem: `must be ${SERVER_NAMES.join(' or ')}` });
    return null;
  }
  return server === 'custom' ? null : SERVERS[server];
}
