/** The smallest DOUBLE of full precision: 2⁻¹⁰²². */
const smallestNormal = 2.2250738585072014e-308;

/**
 * A DOUBLE as SQL, from the text that MySQL writes of it: the same bits, the sign of -0 included. MySQL reads zero from a text that
 * is not greater than the smallest normal number, so such a one is written as a whole number of 2⁻¹⁰⁷⁴, times exact powers of two.
 */
export function doubleLiteral(text: string): string {
  const value = Number(text);
  if (value === 0 || Math.abs(value) > smallestNormal) return /e/i.test(text) ? text : `${text}e0`;
  return `(${value / Number.MIN_VALUE}e0 * pow(2, -537) * pow(2, -537))`;
}
