import { entriesOf, readAs } from './kinds.ts';

/** A list of `host`, `host:port` or `[address]:port`; without a port, `port` is undefined. */
export const hosts = readAs<readonly { readonly host: string; readonly port: number | undefined }[]>(
  'hosts between commas, such as 10.0.0.5 or 10.0.0.6:3307',
  (text) => {
    const read = entriesOf(text).map((entry) => /^(?:\[([^\]]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/.exec(entry));
    const value = read.flatMap((match) => {
      const port = match?.[3] === undefined ? undefined : Number(match[3]);
      const host = match?.[1] ?? match?.[2];
      return host === undefined || port === 0 || (port ?? 0) > 65_535 ? [] : [{ host, port }];
    });
    const isWhole = value.length === read.length && value.length > 0;
    return isWhole ? { value } : { problem: 'has an entry that is no host' };
  },
);
