import { defineScalar } from './define.ts';

/** Bytes, in the one form that the standard alphabet with its padding has for them. */
export const Base64 = defineScalar<string>({
  name: 'Base64',
  description: 'Bytes as text of the standard base64 alphabet, with padding: "AP8=".',
  specifiedBy: 'https://datatracker.ietf.org/doc/html/rfc4648#section-4',
  takes: 'bytes as base64 text with padding, such as AP8=',
  parse(value) {
    if (typeof value !== 'string' || value.length % 4 !== 0) return undefined;
    // Decoding passes over what it does not know: only a text that comes out again has no more than bytes.
    return Buffer.from(value, 'base64').toString('base64') === value ? value : undefined;
  },
  is: (value) => typeof value === 'string',
});
