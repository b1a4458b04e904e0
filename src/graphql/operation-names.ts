import { Kind, parse } from 'graphql';

/** The names of the operations in documents. A text that is no document has none; Apollo refuses it when a client sends it. */
export function operationNamesOf(documents: Iterable<string>): ReadonlySet<string> {
  return new Set([...documents].flatMap(namesIn));
}

function namesIn(text: string): readonly string[] {
  try {
    return parse(text).definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.name ? [definition.name.value] : [],
    );
  } catch {
    return [];
  }
}
