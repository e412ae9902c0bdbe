import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useWho, type Who } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Tabs } from '../parts/tabs.tsx';
import '../styles/search.css';
import { useLinkValues } from '../search/use-link-values.ts';
import { AboutTab } from './AboutTab.tsx';
import { CustomersTab } from './CustomersTab.tsx';
import { FilesTab } from './FilesTab.tsx';
import { KeysTab } from './KeysTab.tsx';
import { LabelsTab } from './LabelsTab.tsx';
import { OrganisationTab } from './OrganisationTab.tsx';
import { SessionsTab } from './SessionsTab.tsx';
import { WebhooksTab } from './WebhooksTab.tsx';

type Scope = Who['scopes'][number];

/** Each with the scope without which it is not there. */
const TABS = {
  labels: ['read', LabelsTab],
  files: ['cases', FilesTab],
  organisation: ['read', OrganisationTab],
  keys: ['keys', KeysTab],
  sessions: ['keys', SessionsTab],
  webhooks: ['webhooks', WebhooksTab],
  customers: ['read', CustomersTab],
  about: ['read', AboutTab],
} as const satisfies Readonly<Record<string, readonly [Scope, () => ReactNode]>>;
type TabName = keyof typeof TABS;

/** The chosen tab stands in the address. */
export default function SettingsPage(): ReactNode {
  const words = useWords(settingsWords);
  const { scopes } = useWho();
  const [, go] = useLocation();
  const wanted = useLinkValues().get('tab');
  const names = (Object.keys(TABS) as TabName[]).filter((name) => scopes.includes(TABS[name][0]));
  const chosen = names.find((name) => name === wanted) ?? names[0] ?? 'about';
  const Chosen = TABS[chosen][1];
  return (
    <>
      <h1>{words.settings}</h1>
      <Tabs
        label={words.sections}
        tabs={names.map((name) => ({ name, title: words.tabs[name] }))}
        chosen={chosen}
        onChoose={(name) => go(`/settings?tab=${name}`, { replace: true })}
      >
        <Chosen />
      </Tabs>
    </>
  );
}
