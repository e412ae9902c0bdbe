import type { ReactNode } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { type Organisation, OrganisationForm, useOrganisation } from '../parts/organisation-form.tsx';
import { Answer, Empty } from '../parts/state.tsx';
import { Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';

export function OrganisationTab(): ReactNode {
  const words = useWords(settingsWords);
  const query = useOrganisation();
  return (
    <section className="panel">
      <h2>{words.tabs.organisation}</h2>
      <p className="muted">{words.organisationWhat}</p>
      <Answer query={query}>
        {(own) => (
          <>
            <Facts own={own} />
            <Change own={own} />
          </>
        )}
      </Answer>
    </section>
  );
}

function Facts({ own: { organisation, source, changed } }: { readonly own: Organisation }): ReactNode {
  const words = useWords(settingsWords);
  if (organisation === null) return <Empty>{words.organisationNone}</Empty>;
  return (
    <dl className="facts">
      <dt>{words.organisationName}</dt>
      <dd>
        <Outside>{organisation.name}</Outside>
      </dd>
      <dt>{words.organisationContact}</dt>
      <dd>
        {organisation.contact.split('\n').map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name.
          <div key={at}>
            <Outside>{line}</Outside>
          </div>
        ))}
      </dd>
      <dt>{words.organisationSource}</dt>
      <dd>
        {source === 'set' ? words.organisationSet : words.organisationGiven}
        {changed === null ? null : (
          <>
            {' '}
            (<Outside>{changed.by}</Outside>, <Time time={changed.at} />)
          </>
        )}
      </dd>
    </dl>
  );
}

function Change({ own }: { readonly own: Organisation }): ReactNode {
  const words = useWords(settingsWords);
  const may = useMay('keys');
  const toast = useToast();
  if (own.source === 'command line') return <p className="muted after">{words.organisationAbove}</p>;
  if (!may) return <p className="muted after">{words.organisationAsk}</p>;
  return (
    <div className="organisation-named">
      <h3>{own.organisation === null ? words.organisationNameIt : words.organisationChange}</h3>
      <OrganisationForm own={own} onDone={() => toast(words.organisationSaved)} />
    </div>
  );
}
