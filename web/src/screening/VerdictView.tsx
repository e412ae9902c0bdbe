import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { chainName } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { placed } from '../format/placed.ts';
import { screeningWords } from '../messages/screening.ts';
import { download } from '../parts/download.ts';
import { Said, useSaid } from '../parts/said.tsx';
import { Fault } from '../parts/state.tsx';
import { Address, Amount, Chip, Copied, DecisionChip, Outside, Time, Transaction } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { Facts } from './Facts.tsx';
import { hasPathBefore } from './path-before.ts';
import { ReasonView } from './ReasonView.tsx';
import type { Verdict } from './verdict-types.ts';
import '../styles/screening.css';
import '../styles/desk.css';

/** A verdict whole: what was decided, why, on what it rests, and whether it decides so again. `kept`: false for a look-up. */
export function VerdictView({
  verdict,
  kept = true,
}: {
  readonly verdict: Verdict;
  readonly kept?: boolean;
}): ReactNode {
  const words = useWords(screeningWords);
  const missing = [
    ...new Set(verdict.facts.flatMap(({ missing }) => (Array.isArray(missing) ? missing.map(String) : []))),
  ];
  return (
    <div className="scr-verdict">
      <section className={`panel scr-verdict-head ${verdict.decision}`} aria-label={words.verdict}>
        <Decided verdict={verdict} kept={kept} />
        <Asked verdict={verdict} />
        <VerdictLinks verdict={verdict} kept={kept} />
      </section>
      {missing.length === 0 ? null : (
        <section className="panel scr-missing">
          <h2>{words.missing}</h2>
          <ul>
            {missing.map((what) => (
              <li key={what}>
                <Said kind="missing">{what}</Said>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label={words.reasons}>
        <h2>{words.reasons}</h2>
        {verdict.reasons.length === 0 ? <p className="muted">{words.noReasons}</p> : null}
        {placed(verdict.reasons).map(({ item: reason, at }) => (
          <ReasonView key={at} reason={reason} verdict={verdict} pathAgain={hasPathBefore(verdict.reasons, at)} />
        ))}
      </section>
      {verdict.tested.length === 0 ? null : (
        <section aria-label={words.tested}>
          <h2>{words.tested}</h2>
          <p className="muted">{words.testedWhy}</p>
          {placed(verdict.tested).map(({ item: reason, at }) => (
            <ReasonView key={at} reason={reason} verdict={verdict} />
          ))}
        </section>
      )}
      <BasisView verdict={verdict} kept={kept} />
    </div>
  );
}

function Decided({ verdict, kept }: { readonly verdict: Verdict; readonly kept: boolean }): ReactNode {
  const words = useWords(screeningWords);
  return (
    <div className="row-of scr-decided">
      <DecisionChip decision={verdict.decision} />
      <span>
        {words.score} <strong>{verdict.score}</strong> / 100
      </span>
      <span className={`scr-score-bar ${verdict.decision}`} aria-hidden="true">
        <span style={{ width: `${verdict.score}%` }} />
      </span>
      <span className="muted">
        {words.given} <Time time={verdict.at} />
      </span>
      {kept ? (
        <Copied value={verdict.id} title={verdict.id}>
          <code>{verdict.id}</code>
        </Copied>
      ) : (
        <Chip tone="info">{words.notKept}</Chip>
      )}
    </div>
  );
}

function Asked({ verdict }: { readonly verdict: Verdict }): ReactNode {
  const words = useWords(screeningWords);
  const { request } = verdict;
  const unit = { decimals: request.decimals, ...(request.symbol === null ? {} : { symbol: request.symbol }) };
  return (
    <>
      <h2>{words.asked}</h2>
      <Facts
        rows={[
          [words.kind, request.direction === null ? words.kinds[request.kind] : words.directions[request.direction]],
          [words.chain, chainName(request.chain)],
          [
            request.kind === 'transfer' ? words.counterparty : words.address,
            request.address === null ? (
              words.toldByTx
            ) : (
              <Address key="address" chain={request.chain} address={request.address} whole />
            ),
          ],
          [words.amount, request.amount === null ? null : <Amount key="amount" units={request.amount} {...unit} />],
          [
            words.asset,
            request.asset === null || request.amount !== null ? null : (
              <Outside key="asset">{request.symbol ?? request.asset}</Outside>
            ),
          ],
          [words.tx, request.tx === null ? null : <Transaction key="tx" chain={request.chain} tx={request.tx} />],
          [words.transferAt, request.transferAt === null ? null : <Time key="at" time={request.transferAt} />],
          [words.asOf, request.asOf === null ? null : <Time key="asOf" time={request.asOf} />],
          [words.customer, request.customer === null ? null : <code key="customer">{request.customer}</code>],
          [words.segment, request.segment === null ? null : <Outside key="segment">{request.segment}</Outside>],
          [
            words.cause,
            verdict.cause === null ? null : (
              <Said key="cause" kind="cause">
                {verdict.cause}
              </Said>
            ),
          ],
        ]}
      />
    </>
  );
}

function VerdictLinks({ verdict, kept }: { readonly verdict: Verdict; readonly kept: boolean }): ReactNode {
  const words = useWords(screeningWords);
  const { request } = verdict;
  const save = (): void =>
    download(
      `${verdict.id === '' ? 'verdict' : verdict.id}.json`,
      JSON.stringify(verdict, null, 2),
      'application/json',
    );
  return (
    <div className="row-of no-print scr-verdict-links">
      {kept ? <AlertLink verdict={verdict} /> : null}
      {verdict.previous === null ? null : (
        <Link href={paths.verdict(verdict.previous)}>
          {words.previous}: {verdict.previous}
        </Link>
      )}
      {request.address === null ? null : (
        <Link
          href={`/screening?chain=${encodeURIComponent(request.chain)}&address=${encodeURIComponent(request.address)}`}
        >
          {words.screenAgain}
        </Link>
      )}
      {kept ? (
        <a href={`/v1/verdicts/${encodeURIComponent(verdict.id)}`} download={`${verdict.id}.json`}>
          {words.raw}
        </a>
      ) : (
        <button type="button" onClick={save}>
          {words.raw}
        </button>
      )}
    </div>
  );
}

/** The alert that this verdict raised: raised in the same second, of the same address. */
function AlertLink({ verdict }: { readonly verdict: Verdict }): ReactNode {
  const words = useWords(screeningWords);
  const second = new Date(Math.floor(Date.parse(verdict.at) / 1000) * 1000);
  const next = new Date(second.getTime() + 1000);
  const alert = useQuery({
    queryKey: ['alert-of-verdict', verdict.id],
    queryFn: ({ signal }) =>
      api.listAlerts(
        { query: { from: second.toISOString(), until: next.toISOString(), decision: verdict.decision, limit: 500 } },
        { signal },
      ),
    enabled: verdict.decision !== 'allow' || verdict.previous !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = alert.data?.items.find((each) => each.verdict === verdict.id);
  if (found === undefined) return null;
  return (
    <Link href={paths.alert(found.id)}>
      {words.alertOfIt}: {found.id}
    </Link>
  );
}

function BasisView({ verdict, kept }: { readonly verdict: Verdict; readonly kept: boolean }): ReactNode {
  const words = useWords(screeningWords);
  const { basis } = verdict;
  const said = useSaid('rule');
  const say = words.basisWords;
  return (
    <section className="panel basis">
      <h2>{words.basis}</h2>
      <Facts
        rows={[
          [
            say.block,
            basis.chain.block === null ? (
              say.none
            ) : (
              <span key="block">
                <code>{basis.chain.block}</code> <Time time={basis.chain.time} />
              </span>
            ),
          ],
          [say.labels, <HashOf key="labels" hash={basis.labels.hash} more={say.lists(basis.labels.lists)} />],
          [say.rules, <HashOf key="rules" hash={basis.rules.hash} more={said(basis.rules.name)} />],
          [
            say.exposure,
            basis.exposure === null ? (
              say.none
            ) : (
              <span key="exposure">
                <HashOf
                  hash={basis.exposure.hash}
                  more={basis.exposure.behind === 0 ? '' : say.behind(basis.exposure.behind)}
                />{' '}
                {basis.exposure.until === null ? null : <Time time={basis.exposure.until} />}
              </span>
            ),
          ],
          [say.traces, <HashOf key="traces" hash={basis.traces.hash} more={say.cases(basis.traces.cases)} />],
          [say.software, <code key="software">{basis.software}</code>],
        ]}
      />
      {kept ? <Replay id={verdict.id} /> : null}
    </section>
  );
}

function HashOf({ hash, more }: { readonly hash: string; readonly more: string }): ReactNode {
  return (
    <span>
      <Copied value={hash} title={hash}>
        <code>{hash.length > 16 ? `${hash.slice(0, 16)}…` : hash}</code>
      </Copied>{' '}
      <Outside>{more}</Outside>
    </span>
  );
}

function Replay({ id }: { readonly id: string }): ReactNode {
  const words = useWords(screeningWords);
  const replay = useMutation({ mutationFn: () => api.replayVerdict({ params: { id } }) });
  return (
    <div className="scr-replay">
      <p className="row-of no-print">
        <button type="button" onClick={() => replay.mutate()} disabled={replay.isPending}>
          {words.replay}
        </button>
        <span className="muted">{words.replayWhy}</span>
      </p>
      <div role="status">
        {replay.data === undefined ? null : (
          <>
            <Chip tone={replay.data.same ? 'good' : 'bad'}>{replay.data.same ? words.same : words.notSame}</Chip>
            <Facts
              rows={[
                [`${words.stored} SHA-256`, <code key="stored">{replay.data.storedSha256}</code>],
                [`${words.replayed} SHA-256`, <code key="replayed">{replay.data.replayedSha256}</code>],
              ]}
            />
          </>
        )}
      </div>
      {replay.error === null ? null : <Fault error={replay.error} />}
    </div>
  );
}
