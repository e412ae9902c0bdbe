import { useQueries, useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback } from 'react';
import { Link } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { chainName, isSimulatedChain } from '../format/chain.ts';
import { newTracePath, paths } from '../format/paths.ts';
import { searchWords } from '../messages/search.ts';
import { Answer } from '../parts/state.tsx';
import { Copied, CopySign, Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';
import { MovementSheet } from './MovementSheet.tsx';

type Found = Awaited<ReturnType<typeof api.getTransaction>>;

export default function TransactionPage({ chain, tx }: { readonly chain: string; readonly tx: string }): ReactNode {
  const words = useWords(searchWords);
  const found = useQuery({
    queryKey: ['transaction', chain, tx],
    queryFn: ({ signal }) => api.getTransaction({ params: { chain, tx } }, { signal }),
  });
  const shown = found.data?.chain ?? chain;
  return (
    <>
      <header className="subject">
        <h1>
          {words.transaction}{' '}
          <code>
            <Outside>{found.data?.tx ?? tx}</Outside>
          </code>
        </h1>
        <p className="row-of">
          <Outside>{chainName(shown)}</Outside>
          {isSimulatedChain(shown) ? <SimulatedChip /> : null}
          <Copied value={tx} title={tx}>
            <CopySign /> {words.copyTransaction}
          </Copied>
        </p>
      </header>
      <Answer query={found}>{(data) => <Sections found={data} />}</Answer>
    </>
  );
}

function Sections({ found }: { readonly found: Found }): ReactNode {
  const words = useWords(searchWords);
  const mayTrace = useMay('cases');
  const { chain, tx, time, block, movements, cases } = found;
  const nameOf = useNames(chain, movements);
  return (
    <>
      <div className="row-of actions no-print">
        {mayTrace ? (
          <Link href={newTracePath(chain, tx)} className="button primary">
            {words.traceTransaction}
          </Link>
        ) : (
          <span className="muted">{words.readOnly}</span>
        )}
      </div>
      <section className="panel">
        <h2>{words.facts}</h2>
        <dl className="facts">
          <dt>{words.time}</dt>
          <dd>
            <Time time={time} />
          </dd>
          <dt>{words.block}</dt>
          <dd>{block ?? <span className="muted">{words.notKnown}</span>}</dd>
          <dt>{words.tracedCases}</dt>
          <dd>
            {cases.length === 0 ? <span className="muted">{words.noCases}</span> : null}
            <ul className="plain-list">
              {cases.map(({ id, title, simulated }) => (
                <li key={id}>
                  <Link href={paths.case(id)}>
                    <Outside>{title}</Outside>
                  </Link>{' '}
                  {simulated ? <SimulatedChip /> : null}
                </li>
              ))}
            </ul>
          </dd>
        </dl>
      </section>
      <section className="panel">
        <h2>
          {words.movements}
          <span className="count">{movements.length}</span>
        </h2>
        <MovementSheet chain={chain} movements={movements.map((each) => ({ ...each, time }))} nameOf={nameOf} />
      </section>
    </>
  );
}

/** Of so many addresses the labels are asked for; of more, the reader opens the address. */
const NAMED = 24;

function useNames(chain: string, movements: Found['movements']): (address: string) => string | null {
  const ends = [...new Set(movements.flatMap(({ from, to }) => [from, to]).filter((end) => end !== null))];
  const asked = ends.slice(0, NAMED);
  const names = useQueries({
    queries: asked.map((address) => ({
      queryKey: ['labels', chain, address],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.listLabels({ query: { chain, address } }, { signal }),
      staleTime: 60_000,
    })),
    combine: (results) =>
      new Map(
        results.map(({ data }, index) => [
          asked[index]!,
          data?.items.find(({ status }) => status === 'current')?.label ?? null,
        ]),
      ),
  });
  return useCallback((address) => names.get(address) ?? null, [names]);
}
