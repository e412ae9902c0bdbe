import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { caseWords } from '../messages/case.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { type Tab, Tabs } from '../parts/tabs.tsx';
import { Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/case.css';
import '../styles/case-panes.css';
import { CaseEvidence } from './CaseEvidence.tsx';
import { CaseHeader } from './CaseHeader.tsx';
import { CaseMethods } from './CaseMethods.tsx';
import { CaseSankey } from './CaseSankey.tsx';
import { CaseServices } from './CaseServices.tsx';
import { type CaseView, flowQuery, viewQuery } from './case-data.ts';
import { FlowTab, graphPane, type PictureExports } from './FlowTab.tsx';
import { MethodBar } from './MethodBar.tsx';
import { CASE_TABS, type CaseTab, useCaseLink } from './useCaseLink.ts';

/** One traced case: its picture, its services, its methods, its evidence. */
export default function CasePage({ id }: { readonly id: string }): ReactNode {
  const client = useQueryClient();
  const view = useQuery(viewQuery(id));
  useEffect(() => {
    const search = new URLSearchParams(window.location.search);
    if ((search.get('tab') ?? 'flow') !== 'flow') return;
    graphPane.load().catch(() => {});
    readAhead(client, id, search.get('theft'), search.get('method')).catch(() => {});
  }, [client, id]);
  return (
    <>
      {view.data === undefined ? (
        <h1>
          <Outside>{id}</Outside>
        </h1>
      ) : null}
      <Answer query={view}>{(data) => <CaseOf view={data} />}</Answer>
    </>
  );
}

/** The flow is asked for beside the view of the case, which says which theft and method lead. What fails here is asked for again and then said. */
async function readAhead(client: QueryClient, id: string, theft: string | null, method: string | null): Promise<void> {
  if (client.getQueryData(viewQuery(id).queryKey) !== undefined) return;
  const query = { ...(theft === null ? {} : { theft }), ...(method === null ? {} : { method }) };
  const flow = await api.getCaseFlow({ params: { id }, query });
  const { queryKey } = flowQuery(id, flow.theft, flow.method);
  if (client.getQueryData(queryKey) === undefined) client.setQueryData(queryKey, flow);
}

function CaseOf({ view }: { readonly view: CaseView }): ReactNode {
  const words = useWords(caseWords);
  const link = useCaseLink();
  const [pictures, setPictures] = useState<PictureExports | null>(null);
  useTitle(view.title);
  const theft = view.thefts.find(({ id }) => id === link.theft) ?? view.thefts[0];
  const method = theft?.methods.find(({ name }) => name === link.method) ?? theft?.methods[0];
  if (theft === undefined || method === undefined) return <Empty>{words.noTheft}</Empty>;
  const scene = { view, theft, method };
  const select = (selection: typeof link.selection): void => link.change({ selection });
  const tabs: readonly Tab<CaseTab>[] = CASE_TABS.map((name) => ({ name, title: words.tabs[name] }));
  return (
    <div className="case">
      <CaseHeader {...scene} onTheft={(next) => link.change({ theft: next, selection: null })} pictures={pictures} />
      <MethodBar {...scene} onMethod={(next) => link.change({ method: next })} />
      <Tabs label={words.views} tabs={tabs} chosen={link.tab} onChoose={(tab) => link.change({ tab })}>
        {link.tab === 'flow' ? (
          <FlowTab {...scene} selection={link.selection} onSelect={select} onExports={setPictures} />
        ) : null}
        {link.tab === 'sankey' ? <CaseSankey {...scene} selection={link.selection} onSelect={select} /> : null}
        {link.tab === 'services' ? <CaseServices {...scene} /> : null}
        {link.tab === 'methods' ? <CaseMethods {...scene} onMethod={(next) => link.change({ method: next })} /> : null}
        {link.tab === 'evidence' ? <CaseEvidence {...scene} /> : null}
      </Tabs>
    </div>
  );
}

function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${visibleText(title)} – Haetae`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
