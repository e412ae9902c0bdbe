import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { shortAddress } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { selectionKey } from '../format/case-link.ts';
import { caseWords } from '../messages/case.ts';
import { Address, Amount, Outside } from '../parts/text.tsx';
import { CaseTransfers } from './CaseTransfers.tsx';
import { type CaseFlow, type CaseScene, flowQuery } from './case-data.ts';
import { PlacePanel } from './PlacePanel.tsx';
import { type PlaceRef, placeKey, type Selection } from './selection.ts';

/** What is known of what is pointed at. */
export function SidePanel({
  selection,
  onSelect,
  ...scene
}: CaseScene & {
  readonly selection: Selection;
  readonly onSelect: (selection: Selection | null) => void;
}): ReactNode {
  const words = useWords(caseWords);
  const ref = useRef<HTMLElement>(null);
  const key = selectionKey(selection);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another selection starts at the top
  useEffect(() => {
    if (ref.current !== null) ref.current.scrollTop = 0;
  }, [key]);
  return (
    <aside className="side panel" aria-label={words.sidePanel} ref={ref} key={key}>
      <div className="row-of spread side-head">
        <h2>{words.selections[selection.kind]}</h2>
        <button type="button" className="plain no-print" onClick={() => onSelect(null)}>
          {words.closeSide}
        </button>
      </div>
      {selection.kind === 'place' ? <PlaceOf {...scene} place={selection.place} onSelect={onSelect} /> : null}
      {selection.kind === 'edge' ? (
        <EdgeOf {...scene} from={selection.from} to={selection.to} onSelect={onSelect} />
      ) : null}
      {selection.kind === 'group' ? (
        <GroupOf {...scene} title={selection.title} places={selection.places} onSelect={onSelect} />
      ) : null}
    </aside>
  );
}

/** The theft itself and the documented links stand in the picture only. */
function isOnChain({ chain, address }: PlaceRef): boolean {
  return chain !== '' && address !== '';
}

type Select = { readonly onSelect: (selection: Selection | null) => void };

function PlaceOf({ place, onSelect, ...scene }: CaseScene & Select & { readonly place: PlaceRef }): ReactNode {
  const words = useWords(caseWords);
  if (!isOnChain(place)) return <p>{place.address === 'link' ? words.linkNode : words.theftNode}</p>;
  return <PlacePanel {...scene} place={place} onSelect={onSelect} />;
}

function EdgeOf({
  from,
  to,
  onSelect,
  ...scene
}: CaseScene & Select & { readonly from: PlaceRef; readonly to: PlaceRef }): ReactNode {
  const words = useWords(caseWords);
  const { view, theft, method } = scene;
  const flow = useQuery(flowQuery(view.id, theft.id, method.name));
  const found = flow.data === undefined ? null : edgeOf(flow.data, from, to);
  const shown = isOnChain(from) && isOnChain(to);
  return (
    <>
      <dl className="facts">
        <dt>{words.from}</dt>
        <dd>
          <PlaceLink place={from} flow={flow.data} onSelect={onSelect} />
        </dd>
        <dt>{words.to}</dt>
        <dd>
          <PlaceLink place={to} flow={flow.data} onSelect={onSelect} />
        </dd>
        <dt>{words.byMethod(words.methods[method.name] ?? method.name)}</dt>
        <dd>
          {found === null ? (
            <span className="muted">{flow.isPending ? words.loading : words.notByMethod}</span>
          ) : (
            <Amount units={found.units} decimals={theft.decimals} symbol={theft.symbol} of={theft.stolen} />
          )}
        </dd>
      </dl>
      {found?.transfers === 0 ? <p className="muted">{words.noRow}</p> : null}
      {shown ? <CaseTransfers {...scene} wish={{ chain: from.chain, from: from.address, to: to.address }} /> : null}
    </>
  );
}

function edgeOf(flow: CaseFlow, from: PlaceRef, to: PlaceRef): CaseFlow['edges'][number] | null {
  const index = (place: PlaceRef): number => flow.nodes.findIndex((node) => placeKey(node) === placeKey(place));
  const [a, b] = [index(from), index(to)];
  return flow.edges.find((edge) => edge.from === a && edge.to === b) ?? null;
}

function PlaceLink({
  place,
  flow,
  onSelect,
}: Select & { readonly place: PlaceRef; readonly flow: CaseFlow | undefined }): ReactNode {
  const words = useWords(caseWords);
  const node = flow?.nodes.find((each) => placeKey(each) === placeKey(place));
  if (!isOnChain(place)) return place.address === 'link' ? words.linkBar : words.theftBar;
  return (
    <span className="row-of">
      <Address chain={place.chain} address={place.address} name={node?.name ?? null} />
      <button
        type="button"
        className="small no-print"
        aria-label={`${words.pointAt} ${shortAddress(place.address)}`}
        onClick={() => onSelect({ kind: 'place', place })}
      >
        {words.pointAt}
      </button>
    </span>
  );
}

const MOST_MEMBERS = 300;

function GroupOf({
  title,
  places,
  onSelect,
  ...scene
}: CaseScene & Select & { readonly title: string; readonly places: readonly PlaceRef[] }): ReactNode {
  const words = useWords(caseWords);
  const { view, theft, method } = scene;
  const flow = useQuery(flowQuery(view.id, theft.id, method.name));
  const known = new Map(flow.data?.nodes.map((node) => [placeKey(node), node]));
  const sum = (part: 'in' | 'out' | 'held'): string =>
    places.reduce((total, place) => total + BigInt(known.get(placeKey(place))?.[part] ?? 0), 0n).toString();
  const unit = { decimals: theft.decimals, symbol: theft.symbol };
  return (
    <>
      <p className="group-title">
        <Outside>{title}</Outside> <span className="muted">{words.members(places.length)}</span>
      </p>
      <dl className="facts">
        <dt>{words.heldSum}</dt>
        <dd>
          <Amount units={sum('held')} {...unit} of={theft.stolen} />
        </dd>
      </dl>
      <div className="scroll">
        <table className="plain-table">
          <caption className="unseen">{words.membersOf}</caption>
          <thead>
            <tr>
              <th scope="col">{words.place}</th>
              <th scope="col" className="right">
                {words.in}
              </th>
              <th scope="col" className="right">
                {words.held}
              </th>
            </tr>
          </thead>
          <tbody>
            {places.slice(0, MOST_MEMBERS).map((place) => {
              const node = known.get(placeKey(place));
              return (
                <tr key={placeKey(place)}>
                  <td>
                    <PlaceLink place={place} flow={flow.data} onSelect={onSelect} />
                  </td>
                  <td className="right">{node === undefined ? '–' : <Amount units={node.in} {...bare(theft)} />}</td>
                  <td className="right">{node === undefined ? '–' : <Amount units={node.held} {...bare(theft)} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {places.length > MOST_MEMBERS ? <p className="muted">{words.moreMembers(places.length - MOST_MEMBERS)}</p> : null}
      <p className="muted">{words.groupNote(theft.symbol)}</p>
    </>
  );
}

function bare({ decimals }: CaseScene['theft']): { readonly decimals: number | null } {
  return { decimals };
}
