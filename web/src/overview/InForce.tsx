import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { overviewWords } from '../messages/overview.ts';
import { Said } from '../parts/said.tsx';
import { Chip, Copied, Time } from '../parts/text.tsx';
import type { Overview } from './OverviewPage.tsx';

/** By what verdicts are decided now, and what is written down of it. */
export function InForce({ overview }: { readonly overview: Overview }): ReactNode {
  const words = useWords(overviewWords);
  const mayAudit = useMay('audit');
  const { labels, rules, exposure, audit, prices } = overview;
  return (
    <section className="panel">
      <h2>{words.inForce}</h2>
      <dl className="facts">
        <dt>{words.labels}</dt>
        <dd>
          {words.labelsText(labels.entries, labels.lists)}
          {labels.newest === null ? null : (
            <>
              , {words.labelsNewest} <Time time={labels.newest} />
            </>
          )}{' '}
          <Hash hash={labels.hash} />
        </dd>
        <dt>{words.rules}</dt>
        <dd>
          {rules === null ? (
            <span className="muted">{words.noRules}</span>
          ) : (
            <>
              <Link href="/rules">
                <Said kind="rule">{rules.name}</Said>
              </Link>
              {rules.activatedAt === null ? null : (
                <>
                  , {words.rulesSince} <Time time={rules.activatedAt} />
                </>
              )}{' '}
              <Hash hash={rules.hash} />
            </>
          )}
        </dd>
        <dt>{words.exposure}</dt>
        <dd>
          <ExposureState exposure={exposure} />
        </dd>
        <dt>{words.prices}</dt>
        <dd>
          {prices.assets === 0 ? (
            <span className="muted">{words.noPrices}</span>
          ) : (
            <>
              {words.pricesText(prices.assets)}, {words.until} {prices.until}
            </>
          )}
        </dd>
        <dt>{words.audit}</dt>
        <dd>
          {mayAudit ? (
            <Link href="/audit">{words.entries(audit.entries)}</Link>
          ) : (
            <span>{words.entries(audit.entries)}</span>
          )}
        </dd>
      </dl>
    </section>
  );
}

function ExposureState({ exposure }: Pick<Overview, 'exposure'>): ReactNode {
  const words = useWords(overviewWords);
  if (exposure === null) return <span className="muted">{words.noExposure}</span>;
  return (
    <>
      {exposure.behind === 0 ? (
        <Chip tone="good">{words.upToDate}</Chip>
      ) : (
        <Chip tone="warn">{words.behind(exposure.behind)}</Chip>
      )}
      {exposure.until === null ? null : (
        <>
          {' '}
          {words.exposureUntil} <Time time={exposure.until} />
        </>
      )}
    </>
  );
}

function Hash({ hash }: { readonly hash: string }): ReactNode {
  const words = useWords(overviewWords);
  return (
    <span className="muted">
      <Copied value={hash} title={`${words.hash}: ${hash}`}>
        <code>{hash.slice(0, 10)}…</code>
      </Copied>
    </span>
  );
}
