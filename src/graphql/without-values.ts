/**
 * What graphql-js says of a document or of variables, without the values in it: they may be a patient's, and whoever
 * receives an error writes it into a log. Names of variables, fields and types stay, and so does the place.
 */
export function withoutValues(message: string): string {
  const variable = variableValue.exec(message);
  if (variable !== null) {
    const [, name, path, why = ''] = variable;
    return `Variable "$${name}" got a value that cannot be used${path === undefined ? '' : ` at "${path}"`}${because(why)}`;
  }
  return literals.reduce((text, [pattern, without]) => text.replace(pattern, without), message);
}

// Variable "$input" got invalid value { … } at "input.gender"; Value "…" does not exist in "Gender" enum.
// The last place that looks like a path is the true one: a value can hold anything.
const variableValue =
  /^Variable "\$(\w+)" got invalid value (?:[\s\S]* at "(\w+(?:\.\w+|\[\d+\])*)")?[\s\S]*?; (?:([\s\S]*))?$/;

/** The reasons that hold no value; the others say no more than the place does. */
function because(why: string): string {
  return harmless.test(why) ? `; ${why}` : '.';
}

const harmless =
  /^(Expected type "\w+" to be an object\.|Expected non-nullable type "[\w![\]]+" not to be null\.|Field "\w+" of required type "[\w![\]]+" was not provided\.|Field "\w+" is not defined by type "\w+"\.[^:]*)$/;

const literals: readonly (readonly [RegExp, string])[] = [
  // Syntax Error: Expected ":", found String "…".
  [/(Syntax Error: [\s\S]*?\b(?:Name|String|BlockString|Int|Float)) [\s\S]*$/, '$1.'],
  // Expected value of type "LocalDate!", found "…"; …
  [/^(Expected value of type "[\w![\]]+"), found [\s\S]*$/, '$1.'],
  // Int cannot represent non-integer value: "…"
  [/( cannot represent [^:"]*value): [\s\S]*$/, '$1.'],
  // Value "…" does not exist in "Gender" enum. Did you mean …
  [/^Value "[\s\S]*" does not exist in ("\w+" enum\.)[\s\S]*$/, 'That value does not exist in $1'],
];
