import { type ApiAnswer, request } from '../api/request.ts';
import { type Cloud, clouds } from '../ui/cloud.tsx';
import type { Reply } from './reply.tsx';

/** By cloud; `both` where the operation names its sources itself. */
export type Replies = Readonly<Partial<Record<Cloud | 'both', Reply>>>;

/** Whether the operation leaves it open which cloud answers. */
export const needsSource = (text: string) => /\$source\s*:/.test(text);

export const isMutation = (text: string) => /(^|[\s}])mutation\b/.test(text.replace(/#.*$/gm, ''));

/** The parsed form, or its fault. */
export function formOf(variables: string, headers: string) {
  const given = objectIn(variables);
  if (given === null) return { problem: 'The variables are no JSON object.' } as const;
  const named = headersIn(headers);
  if (named === null) return { problem: 'Each header is a line such as `x-request-id: 7`.' } as const;
  return { problem: '', given, named } as const;
}

/** Sends an operation to the clouds that are asked. */
export async function send(
  text: string,
  given: object,
  headers: Readonly<Record<string, string>>,
  asked: readonly Cloud[] = clouds,
): Promise<Replies> {
  const reply = async (extra: object): Promise<Reply> => {
    const started = performance.now();
    const answer: ApiAnswer<unknown> = await request(text, { ...given, ...extra }, undefined, headers);
    return { ms: performance.now() - started, answer };
  };
  if (!needsSource(text)) return { both: await reply({}) };
  const all = await Promise.all(asked.map(async (source) => [source, await reply({ source })] as const));
  return Object.fromEntries(all);
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function headersIn(text: string): Record<string, string> | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const named = lines.map((line) => /^\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(line));
  if (named.includes(null)) return null;
  return Object.fromEntries(named.map((match) => [match?.[1] ?? '', match?.[2] ?? '']));
}
