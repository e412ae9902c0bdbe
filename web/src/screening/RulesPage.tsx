import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { rulesWords } from '../messages/rules.ts';
import { Said } from '../parts/said.tsx';
import { Answer } from '../parts/state.tsx';
import { Chip, Outside, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { RuleLoad } from './RuleLoad.tsx';
import { RuleSetView } from './RuleSetView.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

export type RuleEntry = Awaited<ReturnType<typeof api.listRules>>['items'][number];

export default function RulesPage(): ReactNode {
  const words = useWords(rulesWords);
  const may = useMay('rules');
  const [chosen, setChosen] = useState<string | null>(null);
  const sets = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => api.listRules({}, { signal }) });
  return (
    <>
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      <Answer query={sets}>
        {({ items }) => {
          const shown =
            items.find(({ hash }) => hash === chosen) ?? items.find(({ active }) => active !== null) ?? items[0];
          return (
            <>
              <SetList items={items} shown={shown?.hash ?? null} onChoose={setChosen} />
              {may ? <RuleLoad onKept={setChosen} /> : <p className="muted">{words.noScope}</p>}
              {shown === undefined ? null : <RuleSetView key={shown.hash} entry={shown} />}
            </>
          );
        }}
      </Answer>
    </>
  );
}

function SetList({
  items,
  shown,
  onChoose,
}: {
  readonly items: readonly RuleEntry[];
  readonly shown: string | null;
  readonly onChoose: (hash: string) => void;
}): ReactNode {
  const words = useWords(rulesWords);
  return (
    <section>
      <h2>{words.sets}</h2>
      <ul className="scr-rule-sets">
        {items.map((entry) => (
          <li key={entry.hash}>
            <button type="button" aria-pressed={entry.hash === shown} onClick={() => onChoose(entry.hash)}>
              <strong>
                <Said kind="rule">{entry.name}</Said>
              </strong>
              {entry.active === null ? null : <Chip tone="good">{words.decides}</Chip>}
              <span className="muted">
                {words.count(entry.rules)} · <code>{entry.hash.slice(0, 12)}</code> · {words.loaded}{' '}
                <Time time={entry.loadedAt} age /> · <Outside>{words.by(entry.loadedBy)}</Outside>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
