import { type ReactNode, useEffect } from 'react';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';
import { Fault } from '../parts/state.tsx';
import { HitText } from './HitText.tsx';
import { type Hit, type hitsByKind, KIND_SIGNS } from './hit-path.ts';

interface Props {
  readonly id: string;
  readonly shown: boolean;
  readonly groups: ReturnType<typeof hitsByKind>;
  readonly active: number;
  readonly busy: boolean;
  readonly error: unknown;
  readonly more: boolean;
  readonly onChoose: (hit: Hit) => void;
  readonly onAll: () => void;
}

/** The listbox under the search, and what a screen reader hears of it. */
export function SearchHits({ id, shown, groups, active, busy, error, more, onChoose, onAll }: Props): ReactNode {
  const words = useWords(searchWords);
  const count = groups.reduce((sum, [, hits]) => sum + hits.length, 0);
  useEffect(() => {
    if (active >= 0) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [active, id]);
  const said = !shown || error !== null ? '' : busy ? words.searching : words.found(count, more);
  return (
    // A press must not take the focus from the input: that would close the list before the click comes.
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are heard by the combobox
    <div className="search-hits" hidden={!shown} onMouseDown={(event) => event.preventDefault()}>
      <p className="search-said" role="status" aria-live="polite">
        {said}
      </p>
      {shown && error !== null ? <Fault error={error} /> : null}
      <div role="listbox" id={`${id}-hits`} aria-label={words.hits}>
        {shown ? <Options id={id} groups={groups} active={active} onChoose={onChoose} /> : null}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the combobox */}
        <div
          role="option"
          tabIndex={-1}
          id={`${id}-${count}`}
          aria-selected={active === count}
          className="all"
          onClick={onAll}
        >
          {words.allHits}
        </div>
      </div>
    </div>
  );
}

function Options({ id, groups, active, onChoose }: Pick<Props, 'id' | 'groups' | 'active' | 'onChoose'>): ReactNode {
  const words = useWords(searchWords);
  let next = 0;
  return groups.map(([kind, hits]) => (
    <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
      <div className="kind" id={`${id}-${kind}`} role="presentation">
        <span aria-hidden="true">{KIND_SIGNS[kind]}</span> {words.kinds[kind]}
      </div>
      {hits.map((hit) => {
        const at = next++;
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the combobox
          <div
            key={`${hit.chain}|${hit.id}`}
            role="option"
            tabIndex={-1}
            id={`${id}-${at}`}
            aria-selected={at === active}
            onClick={() => onChoose(hit)}
          >
            <HitText hit={hit} />
          </div>
        );
      })}
    </div>
  ));
}
