import { useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { chainName, isSimulatedChain } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { searchWords } from '../messages/search.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Address, Amount, Copied, CopySign, DecisionChip, Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';
import { AddressActions } from './AddressActions.tsx';
import { CategoryChip } from './CategoryChip.tsx';
import { ExposureSheet } from './ExposureSheet.tsx';
import { LabelSheet } from './LabelSheet.tsx';
import { MovementSheet } from './MovementSheet.tsx';

export type Known = Awaited<ReturnType<typeof api.getAddress>>;

export default function AddressPage({
  chain,
  address,
}: {
  readonly chain: string;
  readonly address: string;
}): ReactNode {
  const words = useWords(searchWords);
  const known = useQuery({
    queryKey: ['address', chain, address],
    queryFn: ({ signal }) => api.getAddress({ params: { chain, address } }, { signal }),
  });
  return (
    <>
      <header className="subject">
        <h1>
          {words.address}{' '}
          <code>
            <Outside>{known.data?.address ?? address}</Outside>
          </code>
        </h1>
        <p className="row-of">
          <Outside>{chainName(known.data?.chain ?? chain)}</Outside>
          {isSimulatedChain(known.data?.chain ?? chain) ? <SimulatedChip /> : null}
          <Copied value={known.data?.address ?? address} title={address}>
            <CopySign /> {words.copyAddress}
          </Copied>
        </p>
      </header>
      <Answer query={known}>{(data) => <Sections known={data} />}</Answer>
    </>
  );
}

function Sections({ known }: { readonly known: Known }): ReactNode {
  const words = useWords(searchWords);
  const { chain, address, labels, exposure } = known;
  const current = labels.filter(({ current: now }) => now);
  return (
    <>
      <AddressActions chain={chain} address={address} />
      <div className="two">
        <Facts known={known} categories={[...new Set(current.map(({ category }) => category))]} />
        <Happened known={known} />
      </div>
      <section className="panel">
        <h2>
          {words.labels}
          <span className="count">{labels.length}</span>
        </h2>
        {labels.length === 0 ? <Empty>{words.noLabels}</Empty> : <LabelSheet labels={labels} />}
      </section>
      <section className="panel">
        <h2>{words.exposure}</h2>
        {exposure === null ? (
          <Empty>{words.noExposure}</Empty>
        ) : (
          <>
            <p className="muted">{words.exposureWhat}</p>
            <ExposureSheet rows={exposure} />
          </>
        )}
      </section>
      <Recent known={known} />
    </>
  );
}

const SHOWN = 20;

function Recent({ known }: { readonly known: Known }): ReactNode {
  const words = useWords(searchWords);
  const [all, setAll] = useState(false);
  const { chain, address, recent, transfers, transfersMore, sums } = known;
  return (
    <section className="panel">
      <h2>
        {words.recent}
        <span className="count">{recent.length}</span>
      </h2>
      {transfersMore || transfers > recent.length ? (
        <p className="muted">{words.recentOf(recent.length, transfers, transfersMore)}</p>
      ) : null}
      {sums === null || recent.length === 0 ? null : <p className="muted">{words.netOfTransaction}</p>}
      {recent.length === 0 ? (
        <Empty>{words.noMovements}</Empty>
      ) : (
        <MovementSheet chain={chain} movements={all ? recent : recent.slice(0, SHOWN)} self={address} />
      )}
      {all || recent.length <= SHOWN ? null : (
        <button type="button" className="after no-print" onClick={() => setAll(true)}>
          {words.showAll(recent.length)}
        </button>
      )}
    </section>
  );
}

function Facts({ known, categories }: { readonly known: Known; readonly categories: readonly string[] }): ReactNode {
  const words = useWords(searchWords);
  const { chain, address, entity, firstTime, lastTime, transfers, transfersMore, sums } = known;
  const missing = sums !== null && !transfersMore && BigInt(sums.spent) > BigInt(sums.received);
  return (
    <section className="panel">
      <h2>{words.facts}</h2>
      <dl className="facts">
        <dt>{words.saidOf}</dt>
        <dd className="row-of">
          {categories.length === 0 ? <span className="muted">{words.nothingSaid}</span> : null}
          {categories.map((category) => (
            <CategoryChip key={category} category={category} />
          ))}
        </dd>
        <dt>{words.entity}</dt>
        <dd>
          {entity === null ? <span className="muted">{words.alone}</span> : <Address chain={chain} address={entity} />}{' '}
          <Link href={paths.entity(chain, address)}>{words.membersAndEvidence}</Link>
        </dd>
        <dt>{words.firstSeen}</dt>
        <dd>
          <Time time={firstTime} />
        </dd>
        <dt>{words.lastSeen}</dt>
        <dd>
          <Time time={lastTime} />
        </dd>
        <dt>{sums === null ? words.movements : words.transactions}</dt>
        <dd>{words.countOf(transfers, transfersMore)}</dd>
        {sums === null || transfers === 0 ? null : <Sums sums={sums} />}
      </dl>
      {sums === null || !transfersMore ? null : <p className="muted after">{words.sumsOfNewest(transfers)}</p>}
      {missing ? <p className="after">{words.spentMore}</p> : null}
    </section>
  );
}

/** What went in and out, and what that leaves. */
function Sums({ sums }: { readonly sums: NonNullable<Known['sums']> }): ReactNode {
  const words = useWords(searchWords);
  const { symbol, decimals, received, spent } = sums;
  const rows = [
    [words.received, received],
    [words.spent, spent],
    [words.difference, `${BigInt(received) - BigInt(spent)}`],
  ] as const;
  return rows.map(([title, units]) => (
    <Fragment key={title}>
      <dt>{title}</dt>
      <dd>
        <Amount units={units} decimals={decimals} symbol={symbol} />
      </dd>
    </Fragment>
  ));
}

/** Cases whose loot came here, and what screening said of it. */
function Happened({ known: { cases, verdicts } }: { readonly known: Known }): ReactNode {
  const words = useWords(searchWords);
  return (
    <section className="panel">
      <h2>{words.reachedBy}</h2>
      {cases.length === 0 ? <p className="muted">{words.reachedByNone}</p> : null}
      <ul className="plain-list">
        {cases.map(({ id, title, theft, simulated }) => (
          <li key={`${id}|${theft}`}>
            <Link href={paths.case(id)}>
              <Outside>{title}</Outside>
            </Link>{' '}
            <span className="muted">
              <Outside>{theft}</Outside>
            </span>{' '}
            {simulated ? <SimulatedChip /> : null}
          </li>
        ))}
      </ul>
      <h2 className="next">{words.lastVerdicts}</h2>
      {verdicts.length === 0 ? <p className="muted">{words.noVerdicts}</p> : null}
      <ul className="plain-list">
        {verdicts.map(({ id, at, decision, score }) => (
          <li key={id}>
            <DecisionChip decision={decision} /> {words.score(score)} <Time time={at} />{' '}
            <Link href={paths.verdict(id)}>{id}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
