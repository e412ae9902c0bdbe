import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { type AnsweredLine, answersCsv, chainOf } from '../format/screen-lines.ts';
import { partsWords } from '../messages/parts.ts';
import { screeningWords } from '../messages/screening.ts';
import { download } from '../parts/download.ts';
import { useSaid } from '../parts/said.tsx';
import { Fault, useFaultMeaning } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Address, Chip, DecisionChip, Outside } from '../parts/text.tsx';
import { LineFaultText, lineFaultText } from './FaultyLines.tsx';
import { type Batch, isOpen } from './use-batch.ts';

const KINDS = ['all', 'block', 'review', 'allow', 'fault', 'open'] as const;
type Kind = (typeof KINDS)[number];

/** How far it is, how many of each decision, and line by line. */
export function BatchView({ batch }: { readonly batch: Batch }): ReactNode {
  const words = useWords(screeningWords);
  const [kind, setKind] = useState<Kind>('all');
  const { rows } = batch;
  const shown = useMemo(() => (kind === 'all' ? rows : rows.filter((row) => kindOf(row) === kind)), [rows, kind]);
  const columns = useColumns();
  const save = (): void => {
    const text = answersCsv(rows, (line) => lineFaultText(line, words));
    download('haetae-screening.csv', text, 'text/csv;charset=utf-8');
  };
  return (
    <section className="panel scr-batch" aria-label={words.results}>
      <div className="row-of spread">
        <h2>{words.results}</h2>
        <div className="row-of no-print">
          {batch.isRunning ? (
            <button type="button" onClick={batch.cancel}>
              {words.cancel}
            </button>
          ) : (
            <button type="button" onClick={batch.clear}>
              {words.newList}
            </button>
          )}
          <button type="button" onClick={save} disabled={batch.isRunning}>
            {words.answersFile}
          </button>
        </div>
      </div>
      <Progress batch={batch} />
      <Kinds rows={rows} kind={kind} onKind={setKind} />
      <Table
        label={words.resultsTable}
        columns={columns}
        rows={shown}
        keyOf={keyOf}
        height={shown.length > 12 ? '60vh' : 'auto'}
      />
    </section>
  );
}

function keyOf({ line }: AnsweredLine): string {
  return `${line.line} ${line.text} ${line.chain ?? ''}`;
}

function kindOf(row: AnsweredLine): Kind {
  if (row.line.fault !== null || row.fault !== null) return 'fault';
  return isOpen(row) ? 'open' : ((row.decision ?? 'open') as Kind);
}

function Progress({ batch }: { readonly batch: Batch }): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  const { answered, asked, rows } = batch;
  const bad = rows.length - asked;
  const done = answered - bad;
  const said = words.progress(countText(done, language), countText(asked, language));
  const isOpenLeft = done < asked && !batch.isRunning;
  return (
    <>
      <p className="row-of" role="status">
        <progress max={asked} value={done} aria-label={words.results} />
        <span>{said}</span>
        {batch.isRunning || isOpenLeft ? null : <span className="muted">{words.done}</span>}
        {batch.isCancelled && isOpenLeft ? <span>{words.cancelled}</span> : null}
        {batch.dry ? <Chip tone="info">{words.notKept}</Chip> : null}
      </p>
      {batch.error === null ? null : <Fault error={batch.error} />}
      {isOpenLeft ? (
        <p className="row-of no-print">
          <button type="button" className="primary" onClick={batch.goOn}>
            {words.goOn}
          </button>
          {batch.dry ? null : <span className="muted">{words.goOnWhy}</span>}
        </p>
      ) : null}
    </>
  );
}

function Kinds({
  rows,
  kind,
  onKind,
}: {
  readonly rows: readonly AnsweredLine[];
  readonly kind: Kind;
  readonly onKind: (kind: Kind) => void;
}): ReactNode {
  const words = useWords(screeningWords);
  const parts = useWords(partsWords);
  const { language } = useSettings();
  const counts = useMemo(() => {
    const found = new Map<Kind, number>([['all', rows.length]]);
    for (const row of rows) found.set(kindOf(row), (found.get(kindOf(row)) ?? 0) + 1);
    return found;
  }, [rows]);
  const names: Readonly<Record<Kind, string>> = {
    all: words.all,
    block: parts.decisions.block ?? '',
    review: parts.decisions.review ?? '',
    allow: parts.decisions.allow ?? '',
    fault: words.faults,
    open: words.open,
  };
  return (
    <div className="scr-kinds no-print" role="group" aria-label={words.filter}>
      {KINDS.map((each) => (
        <button key={each} type="button" aria-pressed={each === kind} onClick={() => onKind(each)}>
          {names[each]} <span className="count">{countText(counts.get(each) ?? 0, language)}</span>
        </button>
      ))}
    </div>
  );
}

function useColumns(): readonly Column<AnsweredLine>[] {
  const words = useWords(screeningWords);
  return useMemo(() => {
    const { columns } = words;
    return [
      { name: 'line', title: columns.line, width: '4.2rem', right: true, cell: ({ line }) => line.line },
      { name: 'decision', title: columns.decision, width: '7rem', cell: (row) => <LineDecision row={row} /> },
      { name: 'score', title: columns.score, width: '3.4rem', right: true, cell: ({ score }) => score ?? '' },
      { name: 'address', title: columns.address, width: '11rem', cell: ({ line }) => <LineAddress line={line} /> },
      {
        name: 'chain',
        title: columns.chain,
        width: '8rem',
        cell: ({ line }) => (
          <span title={line.by === null ? undefined : words.chainBy[line.by]}>
            {visibleText(line.on ?? line.chain ?? '')}
          </span>
        ),
      },
      { name: 'why', title: columns.why, width: 'minmax(16rem, 1fr)', cell: (row) => <Why row={row} /> },
      {
        name: 'verdict',
        title: columns.verdict,
        width: '10.5rem',
        cell: ({ verdict }) =>
          verdict === null ? null : verdict.startsWith('v-') ? (
            <Link href={paths.verdict(verdict)}>{verdict}</Link>
          ) : (
            <code>{verdict}</code>
          ),
      },
    ];
  }, [words]);
}

function LineDecision({ row }: { readonly row: AnsweredLine }): ReactNode {
  const words = useWords(screeningWords);
  if (row.decision !== null) return <DecisionChip decision={row.decision} />;
  return <Chip tone="plain">{isOpen(row) ? words.lineOpen : words.lineFault}</Chip>;
}

function LineAddress({ line }: { readonly line: AnsweredLine['line'] }): ReactNode {
  const chain = line.on === null ? null : chainOf(line.on);
  if (line.fault === null && chain !== null) return <Address chain={chain.id} address={line.address} />;
  return (
    <code title={visibleText(line.text)}>
      <Outside>{line.text}</Outside>
    </code>
  );
}

function Why({ row }: { readonly row: AnsweredLine }): ReactNode {
  const words = useWords(screeningWords);
  const reasonSaid = useSaid('reason');
  const meaningOf = useFaultMeaning();
  if (row.line.fault !== null) return <LineFaultText line={row.line} />;
  const said = faultOf(row.fault, meaningOf) ?? row.reasons.map(({ text }) => reasonSaid(text)).join(' · ');
  if (said !== '') return <span title={visibleText(said)}>{visibleText(said)}</span>;
  return row.decision === null ? null : <span className="muted">{words.noRule}</span>;
}

/** What a line could not be screened for, kept as `detail (code)`: in the reader's words first. */
function faultOf(said: string | null, meaningOf: (code: string) => string | null): string | null {
  const means = meaningOf(/ \((E_[A-Z_]+)\)$/.exec(said ?? '')?.[1] ?? '');
  return means === null ? said : `${means} – ${said}`;
}
