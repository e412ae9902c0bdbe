import { type ReactNode, useState } from 'react';
import { useSearch } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { screeningWords } from '../messages/screening.ts';
import { Empty } from '../parts/state.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { AddressesForm } from './AddressesForm.tsx';
import { TransferForm } from './TransferForm.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

export default function ScreenPage(): ReactNode {
  const words = useWords(screeningWords);
  const may = useMay('screen');
  const search = useSearch();
  const [tab, setTab] = useState<'addresses' | 'transfer'>('addresses');
  return (
    <>
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      {may ? (
        <Tabs
          label={words.title}
          tabs={[
            { name: 'addresses', title: words.tabs.addresses },
            { name: 'transfer', title: words.tabs.transfer },
          ]}
          chosen={tab}
          onChoose={setTab}
        >
          <div hidden={tab !== 'addresses'}>
            <AddressesForm key={search} />
          </div>
          <div hidden={tab !== 'transfer'}>
            <TransferForm />
          </div>
        </Tabs>
      ) : (
        <Empty>{words.noScope}</Empty>
      )}
    </>
  );
}
