/**
 * Whether a text shows nothing when it is printed: white space, control and format characters, what Unicode has
 * programs ignore (zero-width characters, Hangul fillers, variation selectors), and marks without a letter to stand on,
 * in any number. Besides those that Unicode's properties name there are a few symbols whose sign is empty. Such characters may
 * stand inside of a text: emoji and Persian need joiners.
 * https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most texts begin so, and are not looked through.
  if (first > 0x20 && first < 0x7f) return false;
  return !shown.test(text);
}

// U+2800 is a cell of Braille without dots, U+1D159 a note without a head, U+13441 and U+13442 empty places for hieroglyphs.
const shown =
  /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{M}\u{2800}\u{1D159}\u{13441}\u{13442}]/u;
