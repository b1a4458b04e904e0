import { expect, it } from 'vitest';
import { renderEnvExample, renderSettings } from '../../scripts/settings-docs.ts';

// `npm run docs` rewrites both files; the diff then shows what changed.
it('has every setting in docs/settings.md', async () => {
  await expect(renderSettings()).toMatchFileSnapshot('../../docs/settings.md');
});

it('has every setting in .env.example', async () => {
  await expect(renderEnvExample()).toMatchFileSnapshot('../../.env.example');
});
