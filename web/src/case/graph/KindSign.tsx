import type { ReactNode } from 'react';
import { CORNERS, colorName, hollowOf, signOf } from '../../graph/signs.ts';

/** The sign of a kind as it is in the picture; a word always stands beside it. */
export function KindSign({ kind, many = false }: { readonly kind: string; readonly many?: boolean }): ReactNode {
  const sign = signOf(kind);
  const corners = CORNERS[sign];
  const color = `var(${colorName(kind)})`;
  const at = (scale: number): string => corners.map(([x, y]) => `${x * scale},${y * scale}`).join(' ');
  return (
    <svg className="kind-sign" viewBox="-1.5 -1.5 3 3" aria-hidden="true">
      {many ? <circle r="1.3" fill="none" strokeWidth="0.2" style={{ stroke: color }} /> : null}
      {corners.length === 0 ? (
        <circle r="0.95" style={{ fill: color }} />
      ) : (
        <polygon points={at(1)} style={{ fill: color }} />
      )}
      {hollowOf(sign) === 0 ? null : <polygon points={at(hollowOf(sign))} className="kind-hollow" />}
    </svg>
  );
}
