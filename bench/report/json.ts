/** Figures as JSON: a map becomes an object. */
export function toJson(figures: unknown): string {
  return JSON.stringify(
    figures,
    (_name, value) => (value instanceof Map ? Object.fromEntries(value) : value),
    2,
  );
}
