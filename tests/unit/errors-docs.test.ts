import { expect, it } from 'vitest';
import { renderErrors } from '../../scripts/errors-docs.ts';

// `npm run docs` rewrites the page; the diff then shows what changed.
it('has every code and every reason in docs/errors.md', async () => {
  await expect(renderErrors()).toMatchFileSnapshot('../../docs/errors.md');
});
