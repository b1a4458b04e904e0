import { EntityError, type EntityFault } from './entity-error.ts';

/** TypeGraphQL exports these classes one by one, and all of them name the class and the property in their text. */
const ofTypeGraphql =
  /^(?:NoExplicitType|CannotDetermineGraphQLType|WrongNullableListOption|ConflictingDefaultValues|SymbolKeysNotSupported|GeneratingSchema)Error$/;

/** The fault of an entity that MikroORM or TypeGraphQL report, in our form; null for any other error. */
export function entityErrorOf(error: unknown): EntityError | null {
  if (error instanceof EntityError) return error;
  if (!(error instanceof Error)) return null;
  // By name: the command line is not to load the ORM for it.
  if (error.constructor.name === 'MetadataError') return new EntityError([faultOfMikroOrm(error.message)]);
  const [, entity, property] = untyped.exec(error.message) ?? [];
  if (entity !== undefined && property !== undefined)
    return new EntityError([{ entity, property, ...withoutType }]);
  if (!ofTypeGraphql.test(error.constructor.name)) return null;
  return new EntityError([faultOfTypeGraphql(error.message)]);
}

const name = String.raw`[\p{L}\p{N}_$]+`;
const pattern = (text: string) => new RegExp(text.replaceAll('NAME', `(${name})`), 'su');

const untyped = pattern("^Please provide either 'type' or 'entity' attribute in NAME\\.NAME\\.");
const withoutType = {
  cause: 'has no type',
  remedy: "name it: @Property({ type: 'string' }), or entity: () => … of a relation",
};

const decoratedTwice = pattern("^Multiple property decorators used on 'NAME\\.NAME' property");
const keyless = pattern('^NAME entity is missing @PrimaryKey');
/** Of an entity that names no key, and does not say that it has none. */
export const withoutKey = {
  cause: 'has no primary key, by which a row could be named',
  remedy: 'declare the key by @PrimaryKey; extend KeylessRow, with readOnly: true, where the table has none',
};

const undiscovered = pattern("^Entity 'NAME' was not discovered.*\\(used in NAME\\.NAME\\)$");
const bothSides = pattern('^Both NAME\\.NAME (and .+)$');
const sameColumn = pattern(
  "^Duplicate fieldNames are not allowed: NAME\\.NAME \\(fieldName: '(.*?)'\\), NAME\\.NAME",
);
const ofProperty = pattern('^(?:Version property )?NAME\\.NAME (.+)$');
const ofEntity = pattern("^(?:\\w+ )??(?:[Ee]ntity )'?NAME'? (.+)$");

const byDocumentation = "write its decorators as MikroORM's documentation of them has it";

function faultOfMikroOrm(text: string): EntityFault {
  const message = text.replace(/\.$/, '');
  const [, target, user, relation] = undiscovered.exec(message) ?? [];
  if (user !== undefined && relation !== undefined) {
    return {
      entity: user,
      property: relation,
      cause: `leads to ${target}, which is no entity of the API`,
      remedy: 'name it in src/entities/index.ts',
    };
  }
  const [, entity, property, column, , other] = sameColumn.exec(message) ?? [];
  if (entity !== undefined && property !== undefined) {
    return {
      entity,
      property,
      cause: `has the column ${column}, which ${entity}.${other} has, too`,
      remedy: 'give each its own column by fieldName',
    };
  }
  const [, keylessEntity] = keyless.exec(message) ?? [];
  if (keylessEntity !== undefined) return { entity: keylessEntity, ...withoutKey };
  const [, decorated, twice] = decoratedTwice.exec(message) ?? [];
  if (decorated !== undefined && twice !== undefined) {
    return {
      entity: decorated,
      property: twice,
      cause: 'has two decorators of MikroORM, or a name that every object of JavaScript has',
      remedy: 'give it one of them, or another name',
    };
  }
  for (const each of [bothSides, ofProperty]) {
    const [, of, by, cause] = each.exec(message) ?? [];
    if (of !== undefined && by !== undefined && cause !== undefined)
      return { entity: of, property: by, cause, remedy: byDocumentation };
  }
  const [, of, cause] = ofEntity.exec(message) ?? [];
  if (of !== undefined && cause !== undefined) return { entity: of, cause, remedy: byDocumentation };
  return { entity: 'MikroORM', cause: `refuses the entities: ${message}`, remedy: byDocumentation };
}

const places = [
  pattern(`'NAME' of 'NAME' class`),
  pattern(`for NAME#NAME\\.`),
  pattern(`The 'NAME' field of 'NAME'`),
];

function faultOfTypeGraphql(text: string): EntityFault {
  const message = text.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  const remedy = 'give @Field a function that returns a type of GraphQL, such as @Field(() => String)';
  for (const [at, place] of places.entries()) {
    const [, first, second] = place.exec(text) ?? [];
    if (first === undefined || second === undefined) continue;
    const [entity, property] = at === 1 ? [first, second] : [second, first];
    return { entity, property, cause: `is refused by TypeGraphQL: ${message}`, remedy };
  }
  return { entity: 'TypeGraphQL', cause: `refuses the entities: ${message}`, remedy };
}
