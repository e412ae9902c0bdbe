import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { shareText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { servicesCsv } from '../format/services-csv.ts';
import { caseWords } from '../messages/case.ts';
import { download } from '../parts/download.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Address, Amount, Chip, Outside, Time, Transaction } from '../parts/text.tsx';
import { useWorth } from '../server/prices.ts';
import { type CaseScene, type CaseService, servicesQuery } from './case-data.ts';
import { HoldDialog } from './HoldDialog.tsx';
import { KindChip } from './KindChip.tsx';

/** Whom to call first: services that can be asked, then the other stops. */
export function CaseServices(scene: CaseScene): ReactNode {
  const words = useWords(caseWords);
  const { view, theft } = scene;
  const services = useQuery(servicesQuery(view.id, theft.id));
  return (
    <Answer query={services}>
      {({ items, methods }) => (
        <section>
          <div className="row-of spread">
            <h2>{words.servicesTitle}</h2>
            <button
              type="button"
              className="no-print"
              onClick={() => download(`${view.id}-services.csv`, servicesCsv(items, methods), 'text/csv')}
            >
              {words.servicesCsv}
            </button>
          </div>
          <p className="muted">{words.servicesNote}</p>
          {items.length === 0 ? (
            <Empty>{words.noServices}</Empty>
          ) : (
            <ServiceTable {...scene} items={items} methods={methods} />
          )}
        </section>
      )}
    </Answer>
  );
}

function ServiceTable({
  items,
  methods,
  ...scene
}: CaseScene & { readonly items: readonly CaseService[]; readonly methods: readonly string[] }): ReactNode {
  const words = useWords(caseWords);
  const [drawing, setDrawing] = useState<CaseService | null>(null);
  const name = scene.method.name;
  const sorted = useMemo(
    () =>
      items.toSorted(
        (a, b) => Number(b.recoverable) - Number(a.recoverable) || descending(unitsOf(a, name), unitsOf(b, name)),
      ),
    [items, name],
  );
  return (
    <div className="scroll">
      <table className="plain-table services">
        <caption className="unseen">{words.servicesTitle}</caption>
        <thead>
          <tr>
            <th scope="col">{words.service}</th>
            <th scope="col">{words.canBeAsked}</th>
            <th scope="col" className="right">
              {words.byMethod(words.methods[name] ?? name)}
            </th>
            <th scope="col" className="right">
              {words.overMethods}
            </th>
            <th scope="col">{words.firstLast}</th>
            <th scope="col">{words.holdNotice}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((service) => (
            <ServiceRow
              key={`${service.chain}|${service.address}|${service.asset}|${service.bucket}`}
              {...scene}
              service={service}
              methods={methods}
              onHold={() => setDrawing(service)}
            />
          ))}
        </tbody>
      </table>
      {drawing === null ? null : <HoldDialog {...scene} service={drawing} onClose={() => setDrawing(null)} />}
    </div>
  );
}

function unitsOf(service: CaseService, method: string): bigint {
  return BigInt(service.units[method] ?? 0);
}

function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

function ServiceRow({
  service,
  methods,
  view,
  theft,
  method,
  onHold,
}: CaseScene & {
  readonly service: CaseService;
  readonly methods: readonly string[];
  readonly onHold: () => void;
}): ReactNode {
  const words = useWords(caseWords);
  const mayHold = useMay('holds');
  const units = service.units[method.name];
  const worth = useWorth(theft.asset, theft.time, units ?? '0', theft.decimals);
  // A method that did not reach it says nothing.
  const all = methods.map((name) => unitsOf(service, name));
  const least = all.reduce((a, b) => (b < a ? b : a), all[0] ?? 0n);
  const most = all.reduce((a, b) => (b > a ? b : a), 0n);
  const amount = (value: bigint): ReactNode => <Amount units={value.toString()} decimals={theft.decimals} />;
  return (
    <tr>
      <th scope="row">
        {service.name === null ? <span className="muted">{words.noLabel}</span> : <Outside>{service.name}</Outside>}{' '}
        <KindChip kind={service.stop} />
        <div className="under">
          {words.categories[service.category] ?? visibleText(service.category)} · {visibleText(service.symbol)} ·{' '}
          <Address chain={service.chain} address={service.address} />
        </div>
        <Behind service={service} several={view.thefts.length > 1} />
      </th>
      <td>{service.recoverable ? <Chip tone="good">{words.askable}</Chip> : <Chip>{words.notAskable}</Chip>}</td>
      <td className="right">
        {units === undefined ? (
          <span className="muted">{words.notByMethod}</span>
        ) : (
          <Amount units={units} decimals={theft.decimals} symbol={theft.symbol} of={theft.stolen} usd={worth} />
        )}
      </td>
      <td className="right">
        <div className="range">
          {amount(least)} – {amount(most)}
        </div>
        <div className="under">
          {shareText(least, theft.stolen)} – {shareText(most, theft.stolen)}
        </div>
      </td>
      <td>
        <Time time={service.firstTime} />
        <br />
        <Time time={service.lastTime} />
      </td>
      <td>
        {service.recoverable ? (
          <button
            type="button"
            className="no-print"
            disabled={!mayHold}
            title={mayHold ? undefined : words.mayNotHold}
            onClick={onHold}
          >
            {words.drawHold}
          </button>
        ) : null}
        {service.holds.map((id) => (
          <div key={id} className="under">
            <Link href={paths.hold(id)}>{id}</Link>
          </div>
        ))}
      </td>
    </tr>
  );
}

/** What a row of the data carried is of all thefts of the case together. */
function Behind({ service, several }: { readonly service: CaseService; readonly several: boolean }): ReactNode {
  const words = useWords(caseWords);
  return (
    <details className="behind">
      <summary>{words.behindIt(service.transfers.length)}</summary>
      <ul>
        {service.transfers.map((transfer) => (
          <li key={`${transfer.sourceFile}:${transfer.sourceRow}`}>
            <Time time={transfer.time} /> <Transaction chain={service.chain} tx={transfer.tx} />{' '}
            <Amount units={transfer.amount} decimals={service.decimals} symbol={service.symbol} /> · {words.ofIt}{' '}
            <Amount units={transfer.tainted} decimals={service.decimals} symbol={service.symbol} />
          </li>
        ))}
      </ul>
      {several ? <p className="muted">{words.ofAnyTheft}</p> : null}
      {service.labelSource === null ? null : (
        <p className="muted">
          {words.labelSource} <Outside>{service.labelSource}</Outside>
        </p>
      )}
    </details>
  );
}
