import type { ClassType } from 'type-graphql';
import { EntityError, type EntityFault } from '../errors/entity-error.ts';

/** The words of graphql-js, which names no class: https://github.com/graphql/graphql-js/blob/16.x.x/src/type/schema.ts */
const shared = /must contain uniquely named types but contains multiple types named "(.+?)"/;

/** Of two types with one name, which tables bring them: `FilmConnection` is one of `Film`, and a table may be called so. */
export function sharedTypeName(error: unknown, tables: readonly ClassType[]): EntityError | null {
  const [, name] = shared.exec(Object(error).message) ?? [];
  if (name === undefined) return null;
  const [first, second] = tables
    .filter((table) => name.includes(table.name))
    .toSorted((one, other) => other.name.length - one.name.length);
  const fault: EntityFault =
    first === undefined
      ? {
          entity: `The enum ${name}`,
          cause: 'has the name of another type of the API',
          remedy: 'register it under another name, or use one enum in both places',
        }
      : {
          entity: first.name,
          cause: `brings the type ${name}, which ${second?.name ?? 'the API'} brings, too`,
          remedy: 'name its class otherwise',
        };
  return new EntityError([fault]);
}
