import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { chainName, isSimulatedChain } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { entitiesWords } from '../messages/entities.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Address, Outside, SimulatedChip, Time, Transaction } from '../parts/text.tsx';
import { LabelSheet } from '../search/LabelSheet.tsx';
import { Sheet } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';

type Entity = Awaited<ReturnType<typeof api.getEntity>>;

/** Whom an address belongs to: what it is joined with, what joined them, what was not believed. */
export default function EntityPage({
  chain,
  address,
}: {
  readonly chain: string;
  readonly address: string;
}): ReactNode {
  const words = useWords(entitiesWords);
  const found = useQuery({
    queryKey: ['entity', chain, address],
    queryFn: ({ signal }) => api.getEntity({ params: { chain, address } }, { signal }),
  });
  return (
    <>
      <header className="subject">
        <h1>
          {words.entityOf}{' '}
          <code>
            <Outside>{found.data?.address ?? address}</Outside>
          </code>
        </h1>
        <p className="row-of">
          <Outside>{chainName(chain)}</Outside>
          {isSimulatedChain(chain) ? <SimulatedChip /> : null}
          <Link href={paths.address(chain, address)}>{words.toAddress}</Link>
        </p>
      </header>
      <Answer query={found}>
        {(entity) => (
          <>
            <div className="two">
              <Facts entity={entity} />
              <Deposit deposit={entity.deposit} />
            </div>
            <Members entity={entity} />
            <Evidence entity={entity} />
            <Refusals entity={entity} />
            <section className="panel">
              <h2>{words.labels}</h2>
              {entity.labels.length === 0 ? (
                <p className="muted">{words.noLabels}</p>
              ) : (
                <LabelSheet labels={entity.labels} withAddress />
              )}
            </section>
          </>
        )}
      </Answer>
    </>
  );
}

function Facts({ entity: { chain, model, entity, service, members } }: { readonly entity: Entity }): ReactNode {
  const words = useWords(entitiesWords);
  return (
    <section className="panel">
      <h2>{words.facts}</h2>
      <dl className="facts">
        <dt>{words.service}</dt>
        <dd>{service === null ? <span className="muted">{words.noService}</span> : <Outside>{service}</Outside>}</dd>
        <dt>{words.members}</dt>
        <dd>{words.memberCount(members.count)}</dd>
        <dt>{words.representative}</dt>
        <dd>
          <Address chain={chain} address={entity} />
        </dd>
        <dt>{words.model}</dt>
        <dd>{words.models[model]}</dd>
      </dl>
    </section>
  );
}

function Deposit({ deposit }: { readonly deposit: Entity['deposit'] }): ReactNode {
  const words = useWords(entitiesWords);
  return (
    <section className="panel">
      <h2>{words.deposit}</h2>
      {deposit === null ? (
        <p className="muted">{words.notDeposit}</p>
      ) : (
        <>
          <p>{words.depositWhat}</p>
          <dl className="facts">
            <dt>{words.service}</dt>
            <dd>
              <Outside>{deposit.service}</Outside>
            </dd>
            <dt>{words.confidence}</dt>
            <dd className="figure">{confidenceText(deposit.confidence)}</dd>
            <dt>{words.senders}</dt>
            <dd className="figure">{deposit.senders.toLocaleString()}</dd>
          </dl>
        </>
      )}
    </section>
  );
}

function confidenceText(confidence: string): string {
  const share = Number(confidence);
  return Number.isFinite(share) && share >= 0 && share <= 1 ? `${(share * 100).toFixed(1)} %` : confidence;
}

function Members({ entity: { chain, members } }: { readonly entity: Entity }): ReactNode {
  const words = useWords(entitiesWords);
  return (
    <section className="panel">
      <h2>
        {words.members}
        <span className="count">{members.count.toLocaleString()}</span>
      </h2>
      {members.count <= 1 ? <p className="muted">{words.single}</p> : null}
      {members.count > members.first.length ? (
        <p className="muted">{words.firstMembers(members.first.length, members.count)}</p>
      ) : null}
      <Sheet
        label={words.members}
        rows={members.first}
        keyOf={({ address }) => address}
        columns={[
          {
            name: 'address',
            title: words.address,
            cell: ({ address }) => <Address chain={chain} address={address} whole />,
          },
          {
            name: 'label',
            title: words.label,
            cell: ({ label }) =>
              label === null ? <span className="muted">{words.noLabel}</span> : <Outside>{label}</Outside>,
          },
        ]}
      />
    </section>
  );
}

function Evidence({ entity: { chain, joins } }: { readonly entity: Entity }): ReactNode {
  const words = useWords(entitiesWords);
  return (
    <section className="panel">
      <h2>{words.evidence}</h2>
      {joins === null ? (
        <p className="muted">{words.noEvidence}</p>
      ) : (
        <>
          <p className="muted">
            {words.evidenceWhat} {words.joinCount(joins.transactions, joins.mixes)}
          </p>
          <Sheet
            label={words.evidence}
            rows={joins.first}
            keyOf={(_, index) => `${index}`}
            columns={[
              { name: 'time', title: words.time, cell: ({ time }) => <Time time={time} /> },
              { name: 'tx', title: words.transaction, cell: ({ tx }) => <Transaction chain={chain} tx={tx} /> },
              {
                name: 'members',
                title: words.joined,
                cell: ({ members }) => (
                  <span className="chips">
                    {members.map((member) => (
                      <Address key={member} chain={chain} address={member} />
                    ))}
                  </span>
                ),
              },
            ]}
          />
        </>
      )}
    </section>
  );
}

function Refusals({ entity: { chain, refusals } }: { readonly entity: Entity }): ReactNode {
  const words = useWords(entitiesWords);
  return (
    <section className="panel">
      <h2>
        {words.refusals}
        <span className="count">{refusals.length}</span>
      </h2>
      <p className="muted">{words.refusalsWhat}</p>
      {refusals.length === 0 ? (
        <Empty>{words.noRefusals}</Empty>
      ) : (
        <Sheet
          label={words.refusals}
          rows={refusals}
          keyOf={(_, index) => `${index}`}
          columns={[
            { name: 'time', title: words.time, cell: ({ time }) => <Time time={time} /> },
            { name: 'tx', title: words.transaction, cell: ({ tx }) => <Transaction chain={chain} tx={tx} /> },
            {
              name: 'reason',
              title: words.reason,
              cell: ({ reason }) => words.reasons[reason] ?? <Outside>{reason}</Outside>,
            },
            { name: 'a', title: words.one, cell: ({ a }) => <Address chain={chain} address={a} /> },
            { name: 'b', title: words.other, cell: ({ b }) => <Address chain={chain} address={b} /> },
          ]}
        />
      )}
    </section>
  );
}
