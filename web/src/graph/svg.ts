import { BOX } from './layout.ts';
import { mix } from './look.ts';
import type { Scene, SceneLine, SceneNode } from './scene.ts';
import { CORNERS, hollowOf, kindOf, signOf } from './signs.ts';

/** Colours as "#rrggbb"; `kinds` by kind of place. */
export interface SvgColors {
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  readonly edge: string;
  readonly kinds: Readonly<Record<string, string>>;
}

export interface SvgAsked {
  readonly scene: Scene;
  readonly colors: SvgColors;
  /** What the picture is of, one line each; the first is the title. */
  readonly caption: readonly string[];
  readonly legend: readonly { readonly kind: string; readonly word: string }[];
}

const MARGIN = { left: 60, top: 90, right: 300, bottom: 70 };
const LABELLED = 150;
const FONT = "system-ui, 'Segoe UI', 'Noto Sans', 'Noto Sans KR', sans-serif";

/** A picture as a file that opens alone: no script, no reference to anything outside, all text escaped. */
export function svgOf({ scene, colors, caption, legend }: SvgAsked): string {
  const width = BOX.width + MARGIN.left + MARGIN.right;
  const height = BOX.height + MARGIN.top + MARGIN.bottom;
  const lines = scene.lines.filter(({ begun }) => begun);
  const nodes = scene.nodes.filter(({ begun }) => begun);
  const named = nodes.length <= LABELLED ? nodes : [...nodes].sort((a, b) => b.size - a.size).slice(0, LABELLED);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONT}" role="img">`,
    `<title>${escapeXml(caption[0] ?? '')}</title>`,
    `<rect width="${width}" height="${height}" fill="${colors.panel}"/>`,
    ...caption.map(
      (line, at) =>
        `<text x="${MARGIN.left}" y="${34 + at * 22}" font-size="${at === 0 ? 20 : 15}" fill="${at === 0 ? colors.text : colors.muted}">${escapeXml(line)}</text>`,
    ),
    `<g transform="translate(${MARGIN.left} ${MARGIN.top})">`,
    '<g fill="none">',
    ...lines.map((line) => lineSvg(line, scene, colors)),
    '</g>',
    ...nodes.map((node) => nodeSvg(node, colors)),
    ...named.map((node) => labelSvg(node, colors)),
    '</g>',
    ...legend.map(({ kind, word }, at) => legendSvg(kind, word, MARGIN.left + at * 170, height - 26, colors)),
    '</svg>',
    '',
  ].join('\n');
}

/** Safe as text and as a value of an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function lineSvg({ from, to, width, back }: SceneLine, scene: Scene, colors: SvgColors): string {
  const [a, b] = [scene.nodes[from]!, scene.nodes[to]!];
  const head = { long: 4 + width * 1.4, half: 2.5 + width * 0.9 };
  const tip = b.x - b.size * 1.1;
  const end = tip - head.long;
  const across = b.x - a.x;
  const bend = across > 0 ? Math.max(across * 0.5, 20) : Math.min(230, 60 - across * 0.3);
  const kind = kindOf(b.kind);
  const color = kind === 'address' ? colors.edge : mix(colors.kinds[kind] ?? colors.edge, colors.edge, 0.35);
  const dash = back ? ' stroke-dasharray="9 6"' : '';
  const path = `M${n(a.x)} ${n(a.y)}C${n(a.x + bend)} ${n(a.y)} ${n(end - bend)} ${n(b.y)} ${n(end)} ${n(b.y)}`;
  const arrow = `M${n(tip)} ${n(b.y)}l${n(-head.long)} ${n(-head.half)}v${n(head.half * 2)}z`;
  return `<path d="${path}" stroke="${color}" stroke-width="${n(width * 1.4)}"${dash}/><path d="${arrow}" fill="${color}"/>`;
}

function nodeSvg({ x, y, size, kind, many }: SceneNode, colors: SvgColors): string {
  const color = colors.kinds[kindOf(kind)] ?? colors.text;
  const radius = size * 1.2;
  const ring = many
    ? `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius * 1.3)}" fill="none" stroke="${color}" stroke-width="${n(radius * 0.22)}"/>`
    : '';
  return `${ring}${signSvg(kind, x, y, radius, color, colors.panel)}`;
}

function signSvg(kind: string, x: number, y: number, radius: number, color: string, ground: string): string {
  const sign = signOf(kind);
  const corners = CORNERS[sign];
  const at = (scale: number): string =>
    corners.map(([cx, cy]) => `${n(x + cx * radius * scale)},${n(y + cy * radius * scale)}`).join(' ');
  if (corners.length === 0) return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius * 0.95)}" fill="${color}"/>`;
  const hollow = hollowOf(sign);
  const open = hollow === 0 ? '' : `<polygon points="${at(hollow)}" fill="${ground}"/>`;
  return `<polygon points="${at(1)}" fill="${color}"/>${open}`;
}

function labelSvg({ x, y, size, title, detail }: SceneNode, colors: SvgColors): string {
  const left = n(x + size * 1.7 + 5);
  const halo = `paint-order="stroke" stroke="${colors.panel}" stroke-width="4" stroke-linejoin="round"`;
  const name = `<text x="${left}" y="${n(y + (detail === '' ? 5 : -1))}" font-size="15" fill="${colors.text}" ${halo}>${escapeXml(title)}</text>`;
  if (detail === '') return name;
  return `${name}<text x="${left}" y="${n(y + 14)}" font-size="13" fill="${colors.muted}" ${halo}>${escapeXml(detail)}</text>`;
}

function legendSvg(kind: string, word: string, x: number, y: number, colors: SvgColors): string {
  const color = colors.kinds[kindOf(kind)] ?? colors.text;
  return `${signSvg(kind, x, y - 5, 8, color, colors.panel)}<text x="${x + 16}" y="${y}" font-size="14" fill="${colors.text}">${escapeXml(word)}</text>`;
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
