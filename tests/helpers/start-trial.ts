import { type ClassType, getMetadataStorage } from 'type-graphql';
import { declaredRules } from '../../src/entities/roles.ts';
import { entityErrorOf } from '../../src/errors/declaration-error.ts';
import { EntityError } from '../../src/errors/entity-error.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { discover } from '../../src/sources/discover-entities.ts';
import { ormOptions } from '../../src/sources/orm-options.ts';

/**
 * Starts with entities as the server does, up to its first connection: `served`, or what the command says.
 *
 * @throws what is no fault of an entity
 */
export async function startWith(make: () => readonly unknown[]): Promise<string> {
  const forget = rememberTypes();
  try {
    const tables = make() as ClassType<object>[];
    const account = { user: 'none', password: 'none' } as never;
    const database = {
      host: 'none.invalid',
      port: 1,
      name: 'none',
      tls: { mode: 'VERIFY_IDENTITY' },
    } as never;
    const options = ormOptions('AZURE', database, account, { max: 2 } as never);
    const orm = await discover({ ...options, entities: tables });
    try {
      await createSchema(orm.getMetadata(), declaredRules(tables), tables);
    } finally {
      await orm.close(true);
    }
    return 'served';
  } catch (error) {
    const known = entityErrorOf(error);
    if (known instanceof EntityError) return known.message;
    throw error;
  } finally {
    forget();
  }
}

/** TypeGraphQL keeps the types of a process: those of one trial are nothing to the next. */
function rememberTypes(): () => void {
  const storage = getMetadataStorage() as unknown as Record<string, unknown>;
  const before = Object.entries(storage).flatMap(([name, kept]) =>
    Array.isArray(kept) ? [[name, [...kept]] as const] : [],
  );
  return () => {
    for (const [name, kept] of before)
      (storage[name] as unknown[]).splice(0, Number.POSITIVE_INFINITY, ...kept);
  };
}
