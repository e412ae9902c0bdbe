import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { titleWithin } from '../format/title-within.ts';
import { caseWords } from '../messages/case.ts';
import { Amount, Copied, Field, Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { useWorth } from '../server/prices.ts';
import type { CaseScene } from './case-data.ts';
import { ExportMenu } from './ExportMenu.tsx';
import type { PictureExports } from './FlowTab.tsx';

/** What was stolen, when, from which data, and by which version this was worked out. */
export function CaseHeader({
  view,
  theft,
  method,
  onTheft,
  pictures,
}: CaseScene & {
  readonly onTheft: (id: string) => void;
  readonly pictures: PictureExports | null;
}): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const worth = useWorth(theft.asset, theft.time, theft.stolen, theft.decimals);
  return (
    <header className="case-head">
      <div className="row-of case-title">
        <h1>
          <Outside>{view.title}</Outside> {view.simulated ? <SimulatedChip /> : null}
        </h1>
        {view.thefts.length < 2 ? null : (
          <div className="theft-switch no-print">
            <Field label={words.theft}>
              {(id) => (
                <select id={id} value={theft.id} onChange={(event) => onTheft(event.target.value)}>
                  {view.thefts.map((each) => (
                    <option key={each.id} value={each.id}>
                      {visibleText(titleWithin(view.title, each.title))}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
        )}
        <ExportMenu view={view} theft={theft} method={method} pictures={pictures} />
      </div>
      <dl className="case-facts">
        <div className="lead">
          <dt>{words.stolen}</dt>
          <dd>
            <Amount units={theft.stolen} decimals={theft.decimals} symbol={theft.symbol} usd={worth} />
          </dd>
        </div>
        <div>
          <dt>{words.stolenAt}</dt>
          <dd>
            <Time time={theft.time} />
          </dd>
        </div>
        <div>
          <dt>{words.data}</dt>
          <dd>
            <Time time={view.dataFrom} /> – <Time time={view.dataUntil} />
          </dd>
        </div>
        <div>
          <dt>{words.used}</dt>
          <dd>{words.usedOf(countText(view.transfersUsed, language), countText(view.labelsUsed, language))}</dd>
        </div>
        <div>
          <dt>{words.tracedAt}</dt>
          <dd>
            <Time time={view.createdAt} /> · Haetae {view.version}
          </dd>
        </div>
        <div>
          <dt>{words.digest}</dt>
          <dd>
            <Copied value={view.digest} title={`${view.digest}\n${words.digestWhat}`}>
              <code>
                {view.digest.slice(0, 12)}…{view.digest.slice(-4)}
              </code>
            </Copied>
          </dd>
        </div>
      </dl>
    </header>
  );
}
