import { ratio } from '../format/amount.ts';

/** Widest line, in pixels of the picture at its first zoom. */
export const WIDEST_LINE = 9;
const THINNEST_LINE = 0.8;
const FEW = 120;
/** Of a method that knows no amounts. */
export const PLAIN_LINE = 1.4;
export const PLAIN_SIZE = 8;

/** Pixels; grows with the root of the part of the stolen sum. */
export function lineWidth(units: bigint, stolen: bigint, shapes: number): number {
  const part = Math.min(1, ratio(units, stolen));
  const most = shapes <= FEW ? WIDEST_LINE : WIDEST_LINE / 2;
  return THINNEST_LINE + Math.sqrt(part) * (most - THINNEST_LINE);
}

/** Radius in pixels; grows with the logarithm of the part of the stolen sum. Many shapes are smaller. */
export function shapeSize(units: bigint, stolen: bigint, shapes: number): number {
  const part = Math.min(1, ratio(units, stolen));
  const scaled = part <= 0 ? 0 : Math.max(0, 1 + Math.log10(part) / 6);
  const [least, most] = shapes <= FEW ? [5, 15] : shapes <= 600 ? [3.5, 10] : [2.2, 7];
  return least + scaled * (most - least);
}

/** "#rrggbb" of two such, `part` of the first. */
export function mix(a: string, b: string, part: number): string {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(1 + at * 2, 3 + at * 2), 16);
  const mixed = [0, 1, 2].map((at) => Math.round(channel(a, at) * part + channel(b, at) * (1 - part)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
