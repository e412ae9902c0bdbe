import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';
import { Outside } from '../parts/text.tsx';
import type { api } from '../server/api.ts';
import { CategoryChip } from './CategoryChip.tsx';
import { Sheet, type SheetColumn } from './Sheet.tsx';

type Row = NonNullable<Awaited<ReturnType<typeof api.getAddress>>['exposure']>[number];

interface Line {
  readonly asset: string;
  readonly category: string;
  readonly direction: string;
  readonly direct: number;
  readonly indirect: number;
}

/** From and to which categories money went, directly and through others; shares of all that was received or sent of the asset. */
export function ExposureSheet({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  const words = useWords(searchWords);
  const lines = linesOf(rows);
  const severalAssets = new Set(lines.map(({ asset }) => asset)).size > 1;
  const share = (name: 'direct' | 'indirect'): SheetColumn<Line> => ({
    name,
    title: words.links[name],
    right: true,
    cell: (line) => <Share share={line[name]} />,
  });
  const columns: SheetColumn<Line>[] = [
    {
      name: 'direction',
      title: words.direction,
      cell: ({ direction }) => words.directions[direction] ?? <Outside>{direction}</Outside>,
    },
    { name: 'category', title: words.category, cell: ({ category }) => <CategoryChip category={category} /> },
    share('direct'),
    share('indirect'),
    { name: 'sum', title: words.together, right: true, cell: (line) => <Bar share={line.direct + line.indirect} /> },
  ];
  const asset: SheetColumn<Line> = {
    name: 'asset',
    title: words.asset,
    cell: (line) => (
      <code>
        <Outside>{line.asset}</Outside>
      </code>
    ),
  };
  return (
    <Sheet
      label={words.exposure}
      columns={severalAssets ? [asset, ...columns] : columns}
      rows={lines}
      keyOf={(line) => `${line.asset}|${line.direction}|${line.category}`}
    />
  );
}

function linesOf(rows: readonly Row[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const key = `${row.asset}|${row.direction}|${row.category}`;
    const { asset, category, direction } = row;
    const line = lines.get(key) ?? { asset, category, direction, direct: 0, indirect: 0 };
    const name = row.link === 'direct' ? 'direct' : 'indirect';
    lines.set(key, { ...line, [name]: line[name] + row.share });
  }
  return [...lines.values()];
}

function Share({ share }: { readonly share: number }): ReactNode {
  return share === 0 ? <span className="muted">–</span> : <span className="figure">{percent(share)}</span>;
}

function Bar({ share }: { readonly share: number }): ReactNode {
  return (
    <span className="share-bar">
      <span aria-hidden="true">
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
      <span className="figure">{percent(share)}</span>
    </span>
  );
}

function percent(share: number): string {
  const value = share * 100;
  return value > 0 && value < 0.01 ? '<0.01 %' : `${value.toFixed(2)} %`;
}
