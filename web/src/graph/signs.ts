/** How a kind of place is drawn; polygons within a circle of radius 1, y downwards. Colour is never the only sign. */
export type Sign =
  | 'disc'
  | 'square'
  | 'frame'
  | 'diamond'
  | 'ring-diamond'
  | 'hexagon'
  | 'triangle'
  | 'cross'
  | 'wedge';

export const SIGNS: readonly Sign[] = [
  'disc',
  'square',
  'frame',
  'diamond',
  'ring-diamond',
  'hexagon',
  'triangle',
  'cross',
  'wedge',
];

export const KINDS = [
  'theft',
  'address',
  'service',
  'suspected-service',
  'mixer',
  'bridge',
  'burn',
  'link',
  'fee',
] as const;
export type Kind = (typeof KINDS)[number];

const SIGN_OF: Readonly<Record<Kind, Sign>> = {
  theft: 'triangle',
  address: 'disc',
  service: 'square',
  'suspected-service': 'frame',
  mixer: 'diamond',
  bridge: 'hexagon',
  burn: 'cross',
  link: 'ring-diamond',
  fee: 'wedge',
};

/** A kind that is not known is an address. */
export function kindOf(kind: string): Kind {
  return KINDS.find((each) => each === kind) ?? 'address';
}

export function signOf(kind: string): Sign {
  return SIGN_OF[kindOf(kind)];
}

/** The variable of the theme that colours a kind. */
export function colorName(kind: string): string {
  const known = kindOf(kind);
  return known === 'fee' ? '--kind-burn' : `--kind-${known}`;
}

type Corner = readonly [number, number];

/** Corners of a sign; none: a disc. */
export const CORNERS: Readonly<Record<Sign, readonly Corner[]>> = {
  disc: [],
  square: square(0.8),
  frame: square(0.8),
  diamond: turned(4, 1, 0),
  'ring-diamond': turned(4, 1, 0),
  hexagon: turned(6, 0.98, 0),
  triangle: [
    [1, 0],
    [-0.7, -0.9],
    [-0.7, 0.9],
  ],
  cross: cross(0.92, 0.3),
  wedge: [
    [0, 0.9],
    [-0.85, -0.6],
    [0.85, -0.6],
  ],
};

/** Part of a hollow sign that is left open, from its middle; 0: filled. */
export function hollowOf(sign: Sign): number {
  return sign === 'frame' ? 0.55 : sign === 'ring-diamond' ? 0.5 : 0;
}

function square(half: number): readonly Corner[] {
  return [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
  ];
}

function turned(corners: number, radius: number, from: number): readonly Corner[] {
  return Array.from({ length: corners }, (_, index) => {
    const angle = from + (index * 2 * Math.PI) / corners;
    return [round(Math.cos(angle) * radius), round(Math.sin(angle) * radius)] as const;
  });
}

/** A plus turned by an eighth: arms of `long`, as wide as twice `half`. */
function cross(long: number, half: number): readonly Corner[] {
  const plus: readonly Corner[] = [
    [half, half],
    [long, half],
    [long, -half],
    [half, -half],
    [half, -long],
    [-half, -long],
    [-half, -half],
    [-long, -half],
    [-long, half],
    [-half, half],
    [-half, long],
    [half, long],
  ];
  const turn = Math.SQRT1_2;
  return plus.map(([x, y]) => [round((x - y) * turn), round((x + y) * turn)] as const);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
