import { expect, it } from 'vitest';
import { renderPermissions } from '../../scripts/permissions-docs.ts';
import { claim } from '../../src/access/permission.ts';

// `npm run docs` rewrites the file; the diff then shows what changed.
it('has every permission of every role in docs/permissions.md', async () => {
  await expect(renderPermissions()).toMatchFileSnapshot('../../docs/permissions.md');
});

it('shows bounds as the entity has them', () => {
  const text = renderPermissions({
    roles: { nurse: { description: 'A test.', features: ['erd'] } },
    tables: {
      Patient: {
        nurse: {
          read: { columns: ['gender'], rows: { key: { in: claim('keys') } }, sources: ['GCP'] },
          delete: true,
        },
      },
    },
  });
  expect(text).toContain("| Patient | read | gender | `{ key: { in: claim('keys') } }` | GCP |  |");
  expect(text).toContain('| Patient | delete |  | all | all |  |');
  expect(text).toContain('Features: erd.');
  expect(text).not.toContain('| Doctor |');
});
