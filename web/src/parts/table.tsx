import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

export interface Column<Row> {
  readonly name: string;
  readonly title: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Of a grid: "12rem", "1fr". */
  readonly width: string;
  readonly right?: boolean;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Of all rows there are, where not all are loaded. */
  readonly total?: number;
  readonly chosen?: string | null;
  /** Enter or a click. */
  readonly onOpen?: (row: Row) => void;
  /** Arrows, j and k. */
  readonly onChoose?: (row: Row) => void;
  /** The end came near: load more. */
  readonly onEnd?: () => void;
  /** First and last row in sight. */
  readonly onSight?: (first: number, last: number) => void;
  readonly rowHeight?: number;
  /** Height of the window over the rows in CSS; as tall as its rows where left out and they are few. */
  readonly height?: string;
}

const FEW = 60;

/** A table of any length: only the rows in sight are in the page. Keyboard: arrows, j and k, Home, End, Enter. */
export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { label, columns, rows, keyOf, total, chosen = null, onOpen, onChoose, onEnd, onSight, rowHeight = 38 } = props;
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    // The head stands before the rows.
    scrollPaddingEnd: rowHeight,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rows.length - 20 && rows.length > 0) onEnd?.();
  }, [last, rows.length, onEnd]);
  const range = virtual.range;
  const from = range?.startIndex ?? 0;
  const to = range?.endIndex ?? 0;
  useEffect(() => onSight?.(from, to), [from, to, onSight]);
  const at = chosen === null ? -1 : rows.findIndex((row) => keyOf(row) === chosen);
  const place = useRef(at);
  place.current = at;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another choice brings it into sight; other rows around it do not
  useEffect(() => {
    if (place.current >= 0) virtual.scrollToIndex(place.current, { align: 'auto' });
  }, [chosen]);
  const onKey = (event: KeyboardEvent): void => {
    const next = nextRow(event, at, rows.length);
    const open = rows[at];
    if (event.key === 'Enter' && event.target === event.currentTarget && open !== undefined) onOpen?.(open);
    if (next === null || onChoose === undefined) return;
    event.preventDefault();
    virtual.scrollToIndex(next);
    onChoose(rows[next]!);
  };
  const grid = columns.map(({ width }) => width).join(' ');
  const height = props.height ?? (rows.length <= FEW ? 'auto' : '70vh');
  return (
    <div
      className="table"
      role="grid"
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
      ref={frame}
      tabIndex={0}
      onKeyDown={onKey}
      style={{ height }}
    >
      <div className="head" role="row" tabIndex={-1} aria-rowindex={1} style={{ gridTemplateColumns: grid }}>
        {columns.map((column) => (
          <div key={column.name} role="columnheader" tabIndex={-1} className={column.right ? 'right' : undefined}>
            {column.title}
          </div>
        ))}
      </div>
      <div className="rows" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, size }) => {
          const row = rows[index]!;
          const key = keyOf(row);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the grid
            <div
              key={key}
              role="row"
              tabIndex={-1}
              aria-rowindex={index + 2}
              aria-selected={key === chosen}
              className={onOpen === undefined ? 'row' : 'row open'}
              style={{ transform: `translateY(${start}px)`, height: size, gridTemplateColumns: grid }}
              onClick={() => {
                onChoose?.(row);
                onOpen?.(row);
              }}
            >
              {columns.map((column) => (
                <div key={column.name} role="gridcell" tabIndex={-1} className={column.right ? 'right' : undefined}>
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function nextRow(event: KeyboardEvent, at: number, count: number): number | null {
  if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = event.target as HTMLElement;
  if (target.matches('input, textarea, select')) return null;
  const to: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    j: at + 1,
    ArrowUp: at - 1,
    k: at - 1,
    PageDown: at + 15,
    PageUp: at - 15,
    Home: 0,
    End: count - 1,
  };
  const wanted = to[event.key];
  return wanted === undefined ? null : Math.min(count - 1, Math.max(0, wanted));
}
