const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const rate = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** Where the clock of this browser stands, such as Europe/Berlin. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const formatNumber = (value: number) => number.format(value);
/** So many a second: seldom ones have two digits behind the point, `0.03`. */
export const formatRate = (value: number) => (value > 0 && value < 1 ? rate : number).format(value);
export const formatCount = (value: number) => whole.format(value);
export const formatClock = (at: number | string) => clock.format(new Date(at));
export const formatMoment = (at: number | string) => day.format(new Date(at));

/** Milliseconds with the digits that matter: `0.8 ms`, `14 ms`, `2.1 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${number.format(ms / 1000)} s`;
  return ms >= 10 ? `${whole.format(ms)} ms` : `${number.format(ms)} ms`;
}

/** How long ago: `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAgo(at: number | string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - new Date(at).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `1 finding`, `2 findings`. */
export const plural = (count: number, word: string) =>
  `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
