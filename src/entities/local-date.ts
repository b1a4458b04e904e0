import { GraphQLScalarType } from 'graphql';
import { GraphQLLocalDate } from 'graphql-scalars';

/**
 * A day in the calendar as `YYYY-MM-DD`, never shifted by a time zone. What comes in is validated; what goes out is
 * the text of a DATE column, which MySQL has validated, and which need not be parsed once more for each row.
 */
export const LocalDate = new GraphQLScalarType({
  ...GraphQLLocalDate.toConfig(),
  description: 'A day in the calendar, such as 2020-02-29, without a time zone.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339#section-5.6',
  serialize: (value) => value,
});
