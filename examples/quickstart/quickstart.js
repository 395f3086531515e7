import { runLive } from './live.js';
import { runSimulated } from './simulated.js';

const HELP = `Usage: npm start [-- --live [--allow-orders]]

  without flags     trades with a simulated Dhan on this machine; nothing leaves it
  --live            uses the real Dhan with credentials from the environment, reads only:
                    DHAN_CLIENT_ID with DHAN_ACCESS_TOKEN, or with DHAN_PIN and DHAN_TOTP_SECRET
  --allow-orders    with --live: also places one share far below the market and cancels it`;

const KNOWN = ['--live', '--allow-orders', '--help'];

async function main(flags) {
  const unknown = flags.find((flag) => !KNOWN.includes(flag));
  if (unknown !== undefined || flags.includes('--help')) {
    console.log(unknown === undefined ? HELP : `Unknown flag ${unknown}\n\n${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  if (flags.includes('--allow-orders') && !flags.includes('--live')) {
    console.log('--allow-orders belongs to --live.');
    return 2;
  }
  return flags.includes('--live') ? runLive(flags.includes('--allow-orders'), process.env) : runSimulated();
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  },
);
