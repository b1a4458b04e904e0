import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startSeededServer } from '../helpers/server.ts';

const block = (language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readFileSync('README.md', 'utf8'))?.[1] as string;

it('gives the README’s query the README’s answer', async () => {
  await using server = await startSeededServer(1, { bothExecutors: true });
  const { data } = await server.ask(block('graphql'));
  expect({ data }).toEqual(JSON.parse(block('json')));
});
