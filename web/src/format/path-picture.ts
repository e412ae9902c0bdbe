/** What a payment of a path is, as far as the picture needs it. */
export interface PathStep {
  readonly from: string | null;
  readonly to: string | null;
}

export interface PathPlace {
  /** null: the step does not say who. */
  readonly address: string | null;
  /** Of its upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PathLink {
  /** Index of the step; null where one payment ends elsewhere than the next begins. */
  readonly step: number | null;
  /** Corners of its line. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Middle of what is written at it. */
  readonly x: number;
  readonly y: number;
}

export interface PathPicture {
  readonly width: number;
  readonly height: number;
  readonly places: readonly PathPlace[];
  readonly links: readonly PathLink[];
}

/** Pixels. `gap` is what stands between two places of a row, with the text of a payment in it. */
export const PATH_SIZES = { placeWidth: 148, placeHeight: 46, gap: 158, rowGap: 58, margin: 4 } as const;

/** Places from left to right, as many in a row as the width allows, row under row. */
export function pathPicture(steps: readonly PathStep[], width: number): PathPicture {
  const { addresses, linked } = placesOf(steps);
  const { placeWidth, placeHeight, gap, rowGap, margin } = PATH_SIZES;
  const perRow = Math.max(2, Math.floor((width - 2 * margin + gap) / (placeWidth + gap)));
  const places = addresses.map((address, at) => ({
    address,
    x: margin + (at % perRow) * (placeWidth + gap),
    y: margin + Math.floor(at / perRow) * (placeHeight + rowGap),
  }));
  const links = linked.map((step, at) => linkOf(step, places[at]!, places[at + 1]!));
  const columns = Math.min(perRow, places.length);
  const rows = Math.ceil(places.length / perRow);
  return {
    width: columns * placeWidth + (columns - 1) * gap + 2 * margin,
    height: rows * placeHeight + (rows - 1) * rowGap + 2 * margin,
    places,
    links,
  };
}

/** Between neighbours stands a step, or null where the path has a break. */
function placesOf(steps: readonly PathStep[]): { addresses: (string | null)[]; linked: (number | null)[] } {
  const addresses: (string | null)[] = [];
  const linked: (number | null)[] = [];
  for (const [at, { from, to }] of steps.entries()) {
    if (at === 0) addresses.push(from);
    else if (addresses.at(-1) !== from) {
      addresses.push(from);
      linked.push(null);
    }
    addresses.push(to);
    linked.push(at);
  }
  return { addresses, linked };
}

function linkOf(step: number | null, from: PathPlace, to: PathPlace): PathLink {
  const { placeWidth, placeHeight, rowGap } = PATH_SIZES;
  const middle = placeHeight / 2;
  if (from.y === to.y) {
    const start: readonly [number, number] = [from.x + placeWidth, from.y + middle];
    const end: readonly [number, number] = [to.x, to.y + middle];
    return { step, points: [start, end], x: (start[0] + end[0]) / 2, y: start[1] };
  }
  // Down from the last of a row, back under it, down to the first of the next.
  const level = from.y + placeHeight + rowGap / 2;
  const down = from.x + placeWidth / 2;
  const up = to.x + placeWidth / 2;
  return {
    step,
    points: [
      [down, from.y + placeHeight],
      [down, level],
      [up, level],
      [up, to.y],
    ],
    x: (down + up) / 2,
    y: level,
  };
}
