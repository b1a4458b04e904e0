/** Whether two bodies say the same without what an editor adds; one that is not told is not compared. */
export function sameBody(left: string | null, right: string | null): boolean {
  return left === null || right === null || plain(left) === plain(right);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim();
}
