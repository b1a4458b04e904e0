import { defineScalar } from './define.ts';

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 128 bits of an identifier in lower case, whatever case they come in. */
export const UUID = defineScalar<string>({
  name: 'UUID',
  description: 'A universally unique identifier in lower case: "0190a5b8-7c3e-7d1a-9f00-2b6c1d3e4f50".',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc9562',
  takes: 'a UUID as a string, such as 0190a5b8-7c3e-7d1a-9f00-2b6c1d3e4f50',
  parse(value) {
    const text = typeof value === 'string' ? value.toLowerCase() : '';
    return form.test(text) ? text : undefined;
  },
  is: (value) => typeof value === 'string' && form.test(value),
});
