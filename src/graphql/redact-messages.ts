import { scalarMessages } from '../scalars/define.ts';

/**
 * A message of graphql-js about a document or variables, without the values in it: they may be a patient's, and clients
 * write errors into logs. Names of variables, fields and types stay, and so does the place.
 *
 * @returns null for a text that is not known to hold no value
 */
export function redactMessage(message: string): string | null {
  const variable = variableValue.exec(message);
  if (variable !== null) {
    const [, name, path, why = ''] = variable;
    return `Variable "$${name}" got a value that cannot be used${path === undefined ? '' : ` at "${path}"`}${because(why)}`;
  }
  if (scalarMessages.has(message)) return message;
  const text = literals.reduce((before, [pattern, without]) => before.replace(pattern, without), message);
  return opening.test(text) && shape.test(text.replace('Syntax Error: ', '')) ? text : null;
}

// Variable "$input" got invalid value { … } at "input.gender"; Value "…" does not exist in "Gender" enum.
// The last place that looks like a path is the true one: a value can hold anything.
const variableValue =
  /^Variable "\$(\w+)" got invalid value (?:[\s\S]* at "(\w+(?:\.\w+|\[\d+\])*)")?[\s\S]*?; (?:([\s\S]*))?$/;

/** The reasons that hold no value; the others say no more than the place does. */
function because(why: string): string {
  return harmless.test(why) || scalarMessages.has(why) ? `; ${why}` : '.';
}

const harmless =
  /^(Expected type "\w+" to be an object\.|Expected non-nullable type "[\w![\]]+" not to be null\.|Field "\w+" of required type "[\w![\]]+" was not provided\.|Field "\w+" is not defined by type "\w+"\.(?: Did you mean [\w", ]+\?)?|Exactly one key must be specified for OneOf type "\w+"\.)$/;

const literals: readonly (readonly [RegExp, string])[] = [
  // Syntax Error: Expected ":", found String "…".
  [/^(Syntax Error: [\s\S]*?\b(?:Name|String|BlockString|Int|Float|Comment)) "[\s\S]*$/, '$1.'],
  // Syntax Error: Invalid Unicode escape sequence: "…".
  [/^(Syntax Error: [^:"]*): [\s\S]*$/, '$1.'],
  // Expected value of type "LocalDate!", found "…"; …
  [/^(Expected value of type "[\w![\]]+"), found (?!null\.$)[\s\S]*$/, '$1.'],
  // Int cannot represent non-integer value: "…"
  [/^([^:]* cannot represent [^:"]*value)(?::| ")[\s\S]*$/, '$1.'],
  // Value "…" does not exist in "Gender" enum. Did you mean …
  [/^Value "[\s\S]*" does not exist in ("\w+" enum\.)[\s\S]*$/, 'That value does not exist in $1'],
  // Argument "where" has invalid value { … }.
  [/^(Argument "\w+") has invalid value [\s\S]*$/, '$1 has a value that cannot be used.'],
];

/** How the texts of graphql-js begin that have nothing but names in them, and those above. */
const opening = new RegExp(
  `^(?:${[
    'Anonymous Subscription',
    'Argument "\\w+" (?:of|has a value that)',
    'Cannot (?:query field|spread fragment)',
    'Directive "@',
    'Enum "\\w+" cannot represent',
    'Expected value of type',
    'Fields? "',
    'Fragment ',
    '(?:Boolean|Float|ID|Int|String) cannot represent',
    'Must provide',
    'OneOf Input Object',
    'Subscription "',
    'Syntax Error: ',
    'That value does not',
    'The directive "@',
    'The schema ',
    'The "\\w+" definition is',
    'There can be only one',
    'This anonymous operation',
    'Too many ',
    'Unknown (?:argument|directive|fragment|type) ',
    'Variable "\\$',
  ].join('|')})`,
);

/** Words, names in quotation marks, and the signs that the grammar has. */
const shape = /^(?:[\w\s.,;?!'()<>-]|"(?:[@$]?[\w.![\]]+(?: \{ \.\.\. \})?|[!$&()[\]{}:=@|]|\.\.\.)")*$/;
