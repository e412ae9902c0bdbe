import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { type Freshness, freshnessOf, reachOf } from '../format/freshness.ts';
import { overviewWords } from '../messages/overview.ts';
import { Chip, Outside, SimulatedChip, Time, type Tone, useNow } from '../parts/text.tsx';
import { Sheet } from '../search/Sheet.tsx';
import type { Overview } from './OverviewPage.tsx';

const TONES: Readonly<Record<Freshness, Tone>> = {
  fresh: 'good',
  ageing: 'info',
  stale: 'warn',
  historical: 'plain',
  empty: 'plain',
};

/** How far the data of each chain reach. */
export function DataByChain({ chains }: { readonly chains: Overview['chains'] }): ReactNode {
  const words = useWords(overviewWords);
  const now = useNow(true);
  return (
    <section className="panel">
      <h2>{words.data}</h2>
      {chains.length === 0 ? <p className="muted">{words.noChains}</p> : null}
      <Sheet
        label={words.data}
        rows={chains}
        keyOf={({ chain }) => chain}
        columns={[
          {
            name: 'chain',
            title: words.chain,
            cell: ({ name, simulated }) => (
              <>
                <Outside>{name}</Outside> {simulated ? <SimulatedChip /> : null}
              </>
            ),
          },
          {
            name: 'freshness',
            title: words.freshness,
            // A drill plays in a time of its own.
            cell: (chain) =>
              chain.simulated ? (
                <span className="muted">–</span>
              ) : (
                <FreshnessChip freshness={freshnessOf(chain, now)} />
              ),
          },
          {
            name: 'reach',
            title: words.reach,
            cell: (chain) => (
              <>
                <Time time={reachOf(chain)} />{' '}
                {reachOf(chain) === null ? null : (
                  <span className="muted">
                    (<Time time={reachOf(chain)} age />)
                  </span>
                )}
              </>
            ),
          },
          {
            name: 'fetched',
            title: words.fetched,
            cell: ({ fetchedUntil }) =>
              fetchedUntil === null ? <span className="muted">{words.notFetched}</span> : <Time time={fetchedUntil} />,
          },
          { name: 'rows', title: words.rows, right: true, cell: ({ rows }) => words.number(rows) },
          { name: 'imported', title: words.imported, cell: ({ importedAt }) => <Time time={importedAt} age /> },
        ]}
      />
    </section>
  );
}

function FreshnessChip({ freshness }: { readonly freshness: Freshness }): ReactNode {
  const words = useWords(overviewWords);
  return (
    <Chip tone={TONES[freshness]} title={words.freshWhat[freshness]}>
      {words.fresh[freshness]}
    </Chip>
  );
}
