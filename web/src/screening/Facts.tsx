import type { ReactNode } from 'react';

export type FactRow = readonly [name: string, value: ReactNode];

/** Names and values; a value of null is left out. `wrap`: side by side where there is room. */
export function Facts({
  rows,
  wrap = false,
}: {
  readonly rows: readonly FactRow[];
  readonly wrap?: boolean;
}): ReactNode {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined);
  return (
    <dl className={wrap ? 'scr-facts-wrap' : 'scr-facts-rows'}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
