import type { Scene } from '../../graph/scene.ts';
import { svgOf } from '../../graph/svg.ts';
import { download } from '../../parts/download.ts';
import type { FlowView } from './flow-view.ts';
import { readTheme } from './theme.ts';

/** What a picture is of, one line each; the first is the title. */
export type Caption = readonly string[];

const LINE = 20;
const EDGE = 14;

/** What is seen on the canvas, with the caption above it. Empty, where the browser makes no file. */
export async function savePng(view: FlowView, caption: Caption, name: string): Promise<void> {
  const theme = readTheme();
  const { width, height, ratio } = view.pixels;
  const top = (caption.length * LINE + EDGE * 2) * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height + top;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  view.copyTo(context, top);
  for (const [at, line] of caption.entries()) {
    context.font = `${at === 0 ? '600 ' : ''}${(at === 0 ? 15 : 13) * ratio}px ${theme.font}`;
    context.fillStyle = at === 0 ? theme.text : theme.muted;
    context.fillText(line, EDGE * ratio, (EDGE + LINE * (at + 0.75)) * ratio);
  }
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (blob !== null) download(`${name}.png`, blob, 'image/png');
}

/** The whole picture as vectors, by the colours of the theme that is on. */
export function saveSvg(
  scene: Scene,
  caption: Caption,
  legend: readonly { readonly kind: string; readonly word: string }[],
  name: string,
): void {
  const { panel, text, muted, edge, kinds } = readTheme();
  const colors = { panel, text, muted, edge, kinds };
  download(`${name}.svg`, svgOf({ scene, colors, caption, legend }), 'image/svg+xml');
}

/** A name of a file: letters, digits, point and hyphen only. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .join('-')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(0, 120);
}
