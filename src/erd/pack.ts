/** A rectangle to be placed. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

export interface Packed {
  readonly height: number;
  /** The left upper corner of each rectangle, in the order given. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
}

/** Places rectangles in rows from left to right, the tallest first, so that little stays empty. */
export function packInRows(sizes: readonly Dimensions[], width: number, gap: number): Packed {
  const places: { x: number; y: number }[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  const tallestFirst = sizes
    .map((size, at) => ({ ...size, at }))
    .toSorted((one, other) => other.height - one.height || one.at - other.at);
  for (const size of tallestFirst) {
    if (x > 0 && x + size.width > width) {
      x = 0;
      y += rowHeight + gap;
      rowHeight = 0;
    }
    places[size.at] = { x, y };
    x += size.width + gap;
    rowHeight = Math.max(rowHeight, size.height);
  }
  return { height: y + rowHeight, places };
}
