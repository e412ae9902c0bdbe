import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { chainName, isSimulatedChain } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { placed } from '../format/placed.ts';
import { spanText } from '../format/time.ts';
import { holdsWords } from '../messages/holds.ts';
import { Said } from '../parts/said.tsx';
import { Answer } from '../parts/state.tsx';
import { Address, Amount, Chip, Copied, Outside, SimulatedChip, Time, Transaction } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { Facts } from './Facts.tsx';
import { HoldActions } from './HoldActions.tsx';
import type { Hold } from './HoldDialog.tsx';
import { HoldStateChip } from './HoldStateChip.tsx';
import { PathPictureView } from './PathPictureView.tsx';
import { hasPathBefore } from './path-before.ts';
import { SourceLink } from './SourceLink.tsx';
import { Written } from './Written.tsx';

/** One notice: what it asks, and what became of it. */
export function HoldView({ id }: { readonly id: string }): ReactNode {
  const words = useWords(holdsWords);
  const hold = useQuery({
    queryKey: ['holds', id],
    queryFn: ({ signal }) => api.getHold({ params: { id } }, { signal }),
    refetchInterval: 15_000,
  });
  return (
    <>
      <p className="no-print">
        <Link href="/holds">← {words.back}</Link>
      </p>
      <h1>
        {words.hold} <Outside>{id}</Outside>
      </h1>
      <Answer query={hold}>{(data) => <HoldDetail hold={data} />}</Answer>
    </>
  );
}

function HoldDetail({ hold }: { readonly hold: Hold }): ReactNode {
  const words = useWords(holdsWords);
  return (
    <div className="scr-hold">
      <div className="panel">
        <div className="row-of scr-hold-state">
          <HoldStateChip state={hold.state} />
          {(hold.notice.why.case?.simulated ?? isSimulatedChain(hold.notice.what.chain)) ? <SimulatedChip /> : null}
          <a className="no-print" href={`/v1/holds/${encodeURIComponent(hold.id)}/html`} target="_blank" rel="noopener">
            {words.print}
          </a>
          <a className="no-print" href={`/v1/holds/${encodeURIComponent(hold.id)}/notice`} download={`${hold.id}.json`}>
            {words.json}
          </a>
        </div>
        <HoldActions hold={hold} />
        <Timeline hold={hold} />
      </div>
      <div className="panel">
        <Notice hold={hold} />
      </div>
    </div>
  );
}

function Timeline({ hold }: { readonly hold: Hold }): ReactNode {
  const words = useWords(holdsWords);
  const { sent, acknowledged, refused, expired, withdrawn, timeToHold } = hold;
  return (
    <section>
      <h2>{words.timeline}</h2>
      <ol className="scr-timeline">
        <Event name="drawn" at={hold.notice.issuedAt} said={words.by(hold.createdBy)} />
        {hold.pending === null ? null : (
          <li>
            <strong>{words.events.pending}</strong> <Link href="/approvals">{hold.pending}</Link>
          </li>
        )}
        {sent === null ? null : (
          <Event
            name="sent"
            at={sent.at}
            said={sent.approvedBy === null ? sent.by : `${sent.by} · ${words.approvedBy(sent.approvedBy)}`}
          />
        )}
        {acknowledged === null ? null : (
          <Event
            name="acknowledged"
            at={acknowledged.at}
            said={`${acknowledged.by} · ${words.recordedBy(acknowledged.recordedBy)}`}
          >
            <Facts
              rows={[
                [
                  words.held,
                  acknowledged.amount === null ? null : (
                    <NoticeAmount key="amount" hold={hold} units={acknowledged.amount} />
                  ),
                ],
                [
                  words.reference,
                  acknowledged.reference === null ? null : <Outside key="reference">{acknowledged.reference}</Outside>,
                ],
              ]}
            />
          </Event>
        )}
        {refused === null ? null : <Event name="refused" at={refused.at} said={refused.by} reason={refused.reason} />}
        {expired === null ? null : <Event name="expired" at={expired.at} said="" />}
        {withdrawn === null ? null : (
          <Event name="withdrawn" at={withdrawn.at} said={withdrawn.by} reason={withdrawn.reason} />
        )}
      </ol>
      {timeToHold === null ? null : (
        <Facts
          rows={[
            [
              `${words.timeToHold}, ${words.fromTheft}`,
              timeToHold.fromTheft === null ? null : spanText(timeToHold.fromTheft),
            ],
            [
              `${words.timeToHold}, ${words.fromAlert}`,
              timeToHold.fromAlert === null ? null : spanText(timeToHold.fromAlert),
            ],
            [`${words.timeToHold}, ${words.fromSent}`, spanText(timeToHold.fromSent)],
          ]}
        />
      )}
    </section>
  );
}

function Event({
  name,
  at,
  said,
  reason,
  children,
}: {
  readonly name: string;
  readonly at: string;
  readonly said: string;
  readonly reason?: string;
  readonly children?: ReactNode;
}): ReactNode {
  const words = useWords(holdsWords);
  return (
    <li>
      <strong>{words.events[name]}</strong> <Time time={at} />{' '}
      <span className="muted">
        <Outside>{said}</Outside>
      </span>
      {reason === undefined ? null : (
        <span className="scr-written">
          <Written text={reason} />
        </span>
      )}
      {children}
    </li>
  );
}

function NoticeAmount({ hold, units }: { readonly hold: Hold; readonly units: string }): ReactNode {
  const { decimals, symbol } = hold.notice.what;
  return <Amount units={units} decimals={decimals} {...(symbol === null ? {} : { symbol })} />;
}

function Notice({ hold }: { readonly hold: Hold }): ReactNode {
  const words = useWords(holdsWords);
  const { notice } = hold;
  const { what, where, why } = notice;
  return (
    <section>
      <h2>{words.notice}</h2>
      <Facts
        rows={[
          [words.marking, <Chip key="tlp">{notice.tlp}</Chip>],
          [words.from, <Party key="from" party={notice.from} />],
          [words.to, <Party key="to" party={notice.to} />],
          [words.issued, <Time key="issued" time={notice.issuedAt} />],
          [words.expires, <Time key="expires" time={notice.expiresAt} />],
          [words.chain, chainName(what.chain)],
          [words.amount, what.amount === null ? null : <NoticeAmount key="amount" hold={hold} units={what.amount} />],
          [
            words.asset,
            what.asset === null ? null : (
              <code key="asset">
                <Outside>{what.asset}</Outside>
              </code>
            ),
          ],
          [words.address, <Address key="address" chain={what.chain} address={where.address} whole />],
          [
            words.concerned,
            where.concerned.length === 0 ? null : (
              <List key="concerned">
                {where.concerned.map((address) => (
                  <Address key={address} chain={what.chain} address={address} />
                ))}
              </List>
            ),
          ],
          [
            words.transactions,
            what.transactions.length === 0 ? null : (
              <List key="txs">
                {what.transactions.map((tx) => (
                  <Transaction key={tx} chain={what.chain} tx={tx} />
                ))}
              </List>
            ),
          ],
          [
            words.alert,
            why.alert === null ? null : (
              <Link key="alert" href={paths.alert(why.alert)}>
                {why.alert}
              </Link>
            ),
          ],
          [
            words.verdict,
            why.verdict === null ? null : (
              <Link key="verdict" href={paths.verdict(why.verdict)}>
                {why.verdict}
              </Link>
            ),
          ],
          [
            words.case,
            why.case == null ? null : (
              <span key="case">
                <Link href={paths.case(why.case.id)}>
                  <Outside>{why.case.title}</Outside>
                </Link>{' '}
                · {words.reached} <NoticeAmount hold={hold} units={why.case.reached} />
              </span>
            ),
          ],
          [words.stolenAt, why.stolenAt === null ? null : <Time key="stolen" time={why.stolenAt} />],
          [
            words.digest,
            <Copied key="digest" value={notice.digest} title={notice.digest}>
              <code className="scr-digest">{notice.digest}</code>
            </Copied>,
          ],
        ]}
      />
      <h3>{words.statement}</h3>
      <div className="scr-written">
        <Written text={why.statement} />
      </div>
      <h3>{words.legalBasis}</h3>
      <div className="scr-written">
        <Written text={notice.legalBasis} />
      </div>
      {why.reasons.length === 0 ? null : <h3>{words.reasons}</h3>}
      {placed(why.reasons).map(({ item: reason, at }) => (
        <NoticeReason key={at} reason={reason} chain={what.chain} pathAgain={hasPathBefore(why.reasons, at)} />
      ))}
    </section>
  );
}

function NoticeReason({
  reason,
  chain,
  pathAgain,
}: {
  readonly pathAgain: boolean;
  readonly reason: Hold['notice']['why']['reasons'][number];
  readonly chain: string;
}): ReactNode {
  return (
    <article className="scr-reason neutral">
      <p>
        <strong>
          <Said kind="rule">{reason.title}</Said>
        </strong>{' '}
        <Address chain={chain} address={reason.address} />
      </p>
      <p>
        <Said kind="reason">{reason.text}</Said>
      </p>
      {reason.label === null ? null : (
        <p>
          <Outside>{reason.label.label}</Outside> · <SourceLink text={reason.label.source} url={reason.label.url} />
        </p>
      )}
      {reason.path === null ? null : (
        <PathPictureView path={{ ...reason.path, steps: [...reason.path.steps] }} chain={chain} closed={pathAgain} />
      )}
    </article>
  );
}

function Party({ party }: { readonly party: { readonly name: string; readonly contact: string } }): ReactNode {
  return (
    <span>
      <Outside>{party.name}</Outside>{' '}
      <span className="muted">
        <Written text={party.contact} />
      </span>
    </span>
  );
}

function List({ children }: { readonly children: readonly ReactNode[] }): ReactNode {
  return <span className="row-of">{children}</span>;
}
