import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { safeLink } from '../format/outside-link.ts';
import { paths } from '../format/paths.ts';
import { caseWords } from '../messages/case.ts';
import { categoryWords } from '../messages/categories.ts';
import { later, useLoaded } from '../parts/later.ts';
import { Answer, Loading } from '../parts/state.tsx';
import { Address, Amount, Chip, Outside, Time } from '../parts/text.tsx';
import { CaseTransfers } from './CaseTransfers.tsx';
import { type CasePlace, type CaseScene, placeQuery, servicesQuery } from './case-data.ts';
import { HoldDialog } from './HoldDialog.tsx';
import { KindChip } from './KindChip.tsx';
import type { PlaceRef, Selection } from './selection.ts';

const chart = later(() => import('./PlaceChart.tsx'));

export function PlacePanel({
  place,
  onSelect,
  ...scene
}: CaseScene & { readonly place: PlaceRef; readonly onSelect: (selection: Selection | null) => void }): ReactNode {
  const { view, theft } = scene;
  const query = useQuery(placeQuery(view.id, theft.id, place.chain, place.address));
  return <Answer query={query}>{(data) => <PlaceFound {...scene} place={data} />}</Answer>;
}

function PlaceFound({ place, ...scene }: CaseScene & { readonly place: CasePlace }): ReactNode {
  const words = useWords(caseWords);
  const loaded = useLoaded(chart);
  const name = place.labels[0]?.label ?? null;
  return (
    <>
      <p className="place-name">
        {name === null ? <span className="muted">{words.noLabel}</span> : <Outside>{name}</Outside>}
      </p>
      <p>
        <Address chain={place.chain} address={place.address} whole />
      </p>
      <p className="row-of">
        <KindChip kind={place.kind} />
        {place.hops === null ? null : <Chip>{words.hops(place.hops)}</Chip>}
        {place.edgeOfData ? (
          <Chip tone="warn" title={words.edgeOfDataWhy}>
            {words.edgeOfData}
          </Chip>
        ) : null}
      </p>
      <PlaceActions {...scene} place={place} />
      <SaysByMethod {...scene} place={place} />
      <h3>{words.throughTime}</h3>
      {place.series.length === 0 ? (
        <p className="muted">{words.noSeries}</p>
      ) : loaded === null ? (
        <Loading />
      ) : (
        <loaded.PlaceChart {...scene} place={place} />
      )}
      <h3>{words.labels}</h3>
      <Labels labels={place.labels} />
      <CaseTransfers {...scene} wish={{ chain: place.chain, address: place.address }} />
    </>
  );
}

function PlaceActions({ place, ...scene }: CaseScene & { readonly place: CasePlace }): ReactNode {
  const words = useWords(caseWords);
  const mayHold = useMay('holds');
  const [drawing, setDrawing] = useState(false);
  const { view, theft } = scene;
  const services = useQuery({ ...servicesQuery(view.id, theft.id), enabled: place.kind === 'service' });
  const service = services.data?.items.find(
    ({ chain, address, recoverable }) => recoverable && chain === place.chain && address === place.address,
  );
  const screening = `/screening?${new URLSearchParams({ chain: place.chain, address: place.address })}`;
  return (
    <div className="row-of no-print place-actions">
      <Link className="button" href={screening}>
        {words.screenThis}
      </Link>
      <Link className="button" href={paths.address(place.chain, place.address)}>
        {words.addressPage}
      </Link>
      {place.entity === null ? null : (
        <Link className="button" href={paths.entity(place.chain, place.address)} title={visibleText(place.entity)}>
          {words.entity}
        </Link>
      )}
      {service === undefined ? null : (
        <button
          type="button"
          className="primary"
          disabled={!mayHold}
          title={mayHold ? undefined : words.mayNotHold}
          onClick={() => setDrawing(true)}
        >
          {words.holdNotice}
        </button>
      )}
      {drawing && service !== undefined ? (
        <HoldDialog {...scene} service={service} onClose={() => setDrawing(false)} />
      ) : null}
    </div>
  );
}

function SaysByMethod({ theft, method, place }: CaseScene & { readonly place: CasePlace }): ReactNode {
  const words = useWords(caseWords);
  if (place.methods.length === 0) return <p className="muted">{words.noMethodReaches}</p>;
  const amount = (units: string): ReactNode => <Amount units={units} decimals={theft.decimals} />;
  return (
    <>
      <h3>{words.eachMethodSays}</h3>
      <div className="scroll">
        <table className="plain-table says">
          <caption className="unseen">{words.eachMethodSays}</caption>
          <thead>
            <tr>
              <th scope="col">{words.method}</th>
              <th scope="col" className="right">
                {words.in}
              </th>
              <th scope="col" className="right">
                {words.out}
              </th>
              <th scope="col" className="right">
                {words.held}
              </th>
            </tr>
          </thead>
          <tbody>
            {place.methods.map((row) => (
              <tr key={row.method} aria-current={row.method === method.name ? 'true' : undefined}>
                <th scope="row" title={words.rules[row.method]}>
                  {row.method === method.name ? <span aria-hidden="true">▸ </span> : null}
                  {words.methodsShort[row.method] ?? row.method}
                </th>
                {row.method === 'poison' ? (
                  <td colSpan={3} className="muted">
                    {words.reaches}
                  </td>
                ) : (
                  <>
                    <td className="right">{amount(row.in)}</td>
                    <td className="right">{amount(row.out)}</td>
                    <td className="right">{amount(row.held)}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted">{words.inSourceUnits(theft.symbol)}</p>
    </>
  );
}

function Labels({ labels }: { readonly labels: CasePlace['labels'] }): ReactNode {
  const words = useWords(caseWords);
  const { confidences } = useWords(categoryWords);
  if (labels.length === 0) return <p className="muted">{words.noLabels}</p>;
  return (
    <ul className="labels">
      {labels.map((label, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: labels may repeat, and their order does not change
        <li key={index}>
          <p>
            <strong>
              <Outside>{label.label}</Outside>
            </strong>{' '}
            <Chip>{words.categories[label.category] ?? visibleText(label.category)}</Chip>
            {label.actor === null ? null : (
              <>
                {' '}
                <Link href={paths.namedEntity(label.actor)}>
                  <Outside>{label.actor}</Outside>
                </Link>
              </>
            )}
          </p>
          <p className="muted">
            {words.labelSource} <Outside>{label.source}</Outside> · {words.confidence}{' '}
            <Outside>{confidences[label.confidence] ?? label.confidence}</Outside>
            {label.from === null ? null : (
              <>
                {' '}
                · {words.since} <Time time={label.from} />
              </>
            )}
            {label.until === null ? null : (
              <>
                {' '}
                · {words.until} <Time time={label.until} />
              </>
            )}
          </p>
          {label.url === null ? null : <SourceLink url={label.url} />}
        </li>
      ))}
    </ul>
  );
}

/** The address as text, and a way there only where it is one of the web. */
function SourceLink({ url }: { readonly url: string }): ReactNode {
  const words = useWords(caseWords);
  const safe = safeLink(url);
  return (
    <p className="source-link">
      <Outside>{url}</Outside>{' '}
      {safe === null ? null : (
        <a href={safe} target="_blank" rel="noreferrer noopener" aria-label={words.openSource(visibleText(url))}>
          {words.openOutside}
        </a>
      )}
    </p>
  );
}
