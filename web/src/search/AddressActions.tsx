import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { newTracePath, paths } from '../format/paths.ts';
import { searchWords } from '../messages/search.ts';
import { freshId } from '../parts/browser.ts';
import { Fault } from '../parts/state.tsx';
import { api } from '../server/api.ts';
import { AddLabel } from './AddLabel.tsx';

/** What can be done about an address: screen it, say something of it, follow what came from it. */
export function AddressActions({ chain, address }: { readonly chain: string; readonly address: string }): ReactNode {
  const words = useWords(searchWords);
  const client = useQueryClient();
  const [, go] = useLocation();
  const [labelling, setLabelling] = useState(false);
  const mayScreen = useMay('screen');
  const mayLabel = useMay('labels');
  const mayTrace = useMay('cases');
  const screen = useMutation({
    mutationFn: () => api.screenAddress({ body: { chain, address } }, { idempotencyKey: freshId() }),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['address'] });
      go(paths.verdict(id));
    },
  });
  return (
    <>
      <div className="row-of actions no-print">
        {mayScreen ? (
          <button type="button" className="primary" disabled={screen.isPending} onClick={() => screen.mutate()}>
            {screen.isPending ? words.screening : words.screen}
          </button>
        ) : null}
        {mayLabel ? (
          <button type="button" onClick={() => setLabelling(true)}>
            {words.addLabel}
          </button>
        ) : null}
        {mayTrace ? (
          <Link href={newTracePath(chain, address)} className="button">
            {words.traceAddress}
          </Link>
        ) : null}
        {mayScreen || mayLabel || mayTrace ? null : <span className="muted">{words.readOnly}</span>}
      </div>
      {screen.error === null ? null : <Fault error={screen.error} />}
      {labelling ? <AddLabel chain={chain} address={address} onClose={() => setLabelling(false)} /> : null}
    </>
  );
}
