import { expect, it } from 'vitest';
import { renderConsoleIntrospection } from '../../scripts/console/introspection.ts';
import { createSchema } from '../../src/graphql/schema.ts';

it('gives the console the types of the schema as it is', async () => {
  const types = renderConsoleIntrospection(await createSchema());
  await expect(types).toMatchFileSnapshot('../../src/console/api/introspection.d.ts');
});
