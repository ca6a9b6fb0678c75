/** Points in time as XMPP writes them (XEP-0082). Within the gateway they are milliseconds since the epoch. */

/** The DateTime profile, in UTC; milliseconds only where they aren't zero. `ms` is within the years 0 to 9999. */
export function formatStamp(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))$/;
const LEGACY = /^(\d{4})(\d\d)(\d\d)T(\d\d:\d\d:\d\d)$/;

/**
 * Reads the DateTime profile (XEP-0082 §3.2) with any offset and any number of decimals, of which three count, and the
 * legacy form of XEP-0091, which is in UTC. Undefined where the text is neither or names no moment (30 February).
 */
export function parseStamp(text: string): number | undefined {
  const legacy = LEGACY.exec(text);
  if (legacy !== null) return moment(`${legacy[1]}-${legacy[2]}-${legacy[3]}`, legacy[4] ?? '', '');
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, date = '', time = '', decimals = '', sign, hours, minutes] = match;
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  const local = moment(date, time, decimals);
  return local === undefined ? undefined : local - offset;
}

function moment(date: string, time: string, decimals: string): number | undefined {
  const iso = `${date}T${time}.${decimals.slice(0, 3).padEnd(3, '0')}Z`;
  const ms = Date.parse(iso);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === iso ? ms : undefined;
}
