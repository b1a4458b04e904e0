/** When MySQL ends the support of a series, by https://www.mysql.com/support/eol-notice.html (November 2026). */
const ends: Readonly<Record<string, string>> = {
  '5.7': '2023-10-31',
  '8.0': '2026-04-30',
  '8.4': '2032-04-30',
  '9.7': '2034-04-30',
};

/** Days before the end from which on there is a warning: an upgrade of both clouds takes as long. */
const warningDays = 180;

/**
 * The warning about a server's version; undefined: none.
 *
 * @param version as `@@version` has it, such as 8.0.42-google
 */
export function supportProblem(version: string, today: Date): string | undefined {
  const series = /^\d+\.\d+/.exec(version)?.[0];
  if (series === undefined) return undefined;
  const end = ends[series];
  // Series between the long-term ones end when the next one comes: https://dev.mysql.com/doc/refman/8.4/en/mysql-releases.html
  if (end === undefined) {
    return /^9\.[0-6]$|^8\.[1-3]$/.test(series)
      ? `MySQL ${series} is an innovation release, which has no support any more.`
      : undefined;
  }
  const days = (Date.parse(end) - today.getTime()) / 86_400_000;
  if (days > warningDays) return undefined;
  return days < 0
    ? `MySQL ended the support of ${series} on ${end}; a cloud may charge for extended support.`
    : `MySQL ends the support of ${series} on ${end}.`;
}
