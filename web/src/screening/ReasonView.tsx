import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { assetName } from '../format/asset.ts';
import { chainName } from '../format/chain.ts';
import { categoryWords } from '../messages/categories.ts';
import { methodWords } from '../messages/methods.ts';
import { screeningWords } from '../messages/screening.ts';
import { Said } from '../parts/said.tsx';
import { Address, Amount, Chip, DecisionChip, Outside, Time } from '../parts/text.tsx';
import { Facts } from './Facts.tsx';
import { PathPictureView } from './PathPictureView.tsx';
import { SourceLink } from './SourceLink.tsx';
import type { Verdict, VerdictReason } from './verdict-types.ts';

/** One rule that fired, with all that it stands on. */
export function ReasonView({
  reason,
  verdict,
  pathAgain = false,
}: {
  readonly reason: VerdictReason;
  readonly verdict: Verdict;
  /** Its path stands at a reason before. */
  readonly pathAgain?: boolean;
}): ReactNode {
  const words = useWords(screeningWords);
  const { chain } = verdict.request;
  return (
    <article className={`scr-reason ${reason.decision}`}>
      <header className="row-of">
        <DecisionChip decision={reason.decision} />
        <h3>
          <Said kind="rule">{reason.title}</Said>
        </h3>
        <span className="muted">
          {words.score} {reason.score}
        </span>
        {reason.listedAfterTransfer ? (
          <Chip tone="info" title={words.listedLaterWhy}>
            {words.listedLater}
          </Chip>
        ) : null}
      </header>
      <p className="scr-reason-text">
        <Said kind="reason">{reason.text}</Said>
      </p>
      <ReasonFacts reason={reason} verdict={verdict} />
      {reason.label === null ? null : <LabelFacts label={reason.label} chain={chain} />}
      {reason.path === null ? null : <PathPictureView path={reason.path} chain={chain} closed={pathAgain} />}
    </article>
  );
}

function ReasonFacts({ reason, verdict }: { readonly reason: VerdictReason; readonly verdict: Verdict }): ReactNode {
  const words = useWords(screeningWords);
  const labels = useWords(categoryWords);
  const methods: Readonly<Record<string, string>> = useWords(methodWords);
  const { chain, asset, symbol, decimals } = verdict.request;
  const unit =
    reason.asset !== null && reason.asset === asset && symbol !== null
      ? { symbol, decimals }
      : assetName(reason.asset ?? '');
  return (
    <Facts
      wrap
      rows={[
        [words.rule, <code key="rule">{words.ruleVersion(reason.rule, reason.ruleVersion)}</code>],
        [words.address, <Address key="address" chain={chain} address={reason.address} />],
        [words.category, reason.category === null ? null : (labels.categories[reason.category] ?? reason.category)],
        [words.entity, reason.entity === null ? null : <Outside key="entity">{reason.entity}</Outside>],
        [words.link, reason.link === null ? null : words.links[reason.link]],
        [words.ofThisTransfer, reason.amount === null ? null : <Amount key="amount" units={reason.amount} {...unit} />],
        [words.share, reason.share === null ? null : `${(reason.share * 100).toFixed(2)} %`],
        [words.hops, reason.hops],
        [words.method, reason.method === null ? null : (methods[reason.method] ?? reason.method)],
        [
          words.cumulative,
          reason.cumulative === null ? null : (
            <span key="sum">
              <Amount units={reason.cumulative.amount} {...unit} />{' '}
              {words.cumulativeText(reason.cumulative.days, reason.cumulative.transfers)} ({words.limit}{' '}
              <Amount units={reason.cumulative.limit} {...unit} />)
            </span>
          ),
        ],
      ]}
    />
  );
}

type Label = NonNullable<VerdictReason['label']>;

function LabelFacts({ label, chain }: { readonly label: Label; readonly chain: string }): ReactNode {
  const words = useWords(screeningWords);
  const labels = useWords(categoryWords);
  const then = label.atTransfer === null ? 'unknown' : label.atTransfer ? 'yes' : 'no';
  return (
    <section>
      <h4>{words.label}</h4>
      <p className="row-of">
        <Chip tone="plain">{labels.categories[label.category] ?? label.category}</Chip>
        <strong>
          <Outside>{label.label}</Outside>
        </strong>
        <span className="muted">{words.statuses[label.status]}</span>
      </p>
      <Facts
        wrap
        rows={[
          [words.source, <SourceLink key="source" text={`${label.source} · ${label.file}`} url={label.url} />],
          [
            words.confidence,
            <Outside key="confidence">{labels.confidences[label.confidence] ?? label.confidence}</Outside>,
          ],
          [
            words.programmes,
            label.programmes.length === 0 ? null : <Outside key="programmes">{label.programmes.join(', ')}</Outside>,
          ],
          [words.actor, label.actor === null ? null : <Outside key="actor">{label.actor}</Outside>],
          [words.listed, <Time key="listed" time={label.listed} />],
          [words.lastListed, label.lastListed === null ? null : <Time key="last" time={label.lastListed} />],
          [words.ended, label.ended === null ? null : <Time key="ended" time={label.ended} />],
          [words.atTransfer, words.atTransferWords[then]],
          [words.via, label.via === null ? null : <Address key="via" chain={chain} address={label.via} />],
          [words.saidOf, label.saidOf === null ? null : chainName(label.saidOf)],
        ]}
      />
      {label.caseLost ? <p className="muted">{words.caseLost}</p> : null}
    </section>
  );
}
