import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { requireAmount } from '../../../src/base/money.ts';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { holdsWords } from '../messages/holds.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/state.tsx';
import { Field } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api, codeOf } from '../server/api.ts';
import type { Hold } from './HoldDialog.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';

type Open = 'acknowledge' | 'refuse' | 'withdraw' | null;

/** What can be recorded of a notice in its state. */
export function HoldActions({ hold }: { readonly hold: Hold }): ReactNode {
  const words = useWords(holdsWords);
  const may = useMay('holds');
  const [open, setOpen] = useState<Open>(null);
  const change = useHoldChange(hold.id, () => setOpen(null));
  const { id, version, state } = hold;
  if (!may) return <p className="muted">{words.noScope}</p>;
  const params = { id };
  const isOut = state === 'sent' || state === 'expired';
  const mayWithdraw = state === 'draft' || state === 'sent' || state === 'acknowledged';
  const withReason = open === 'refuse' || open === 'withdraw' ? open : null;
  return (
    <div className="scr-actions no-print" role="group" aria-label={words.timeline}>
      <div className="row-of">
        {state === 'draft' ? (
          <button
            type="button"
            className="primary"
            disabled={hold.pending !== null || change.isPending}
            onClick={() => change.mutate(() => api.sendHold({ params, body: { version } }))}
          >
            {words.send}
          </button>
        ) : null}
        {isOut ? (
          <>
            <button type="button" className="primary" onClick={() => setOpen('acknowledge')}>
              {words.acknowledge}
            </button>
            <button type="button" onClick={() => setOpen('refuse')}>
              {words.refuse}
            </button>
          </>
        ) : null}
        {mayWithdraw ? (
          <button type="button" onClick={() => setOpen('withdraw')}>
            {words.withdraw}
          </button>
        ) : null}
        {state === 'draft' ? <span className="muted">{words.sendWhy}</span> : null}
      </div>
      {change.error === null || open !== null ? null : <Fault error={change.error} />}
      {open === 'acknowledge' ? <AcknowledgeDialog hold={hold} change={change} onClose={() => setOpen(null)} /> : null}
      {withReason === null ? null : (
        <ReasonDialog
          title={withReason === 'refuse' ? words.refuseTitle : words.withdrawTitle}
          submit={words.record}
          maxLength={8000}
          isPending={change.isPending}
          fault={change.error === null ? null : <Fault error={change.error} />}
          onClose={() => setOpen(null)}
          onSubmit={(reason) =>
            change.mutate(() =>
              withReason === 'refuse'
                ? api.refuseHold({ params, body: { reason, version } })
                : api.withdrawHold({ params, body: { reason, version } }),
            )
          }
        />
      )}
    </div>
  );
}

function useHoldChange(id: string, onDone: () => void) {
  const words = useWords(holdsWords);
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (act: () => Promise<Hold>) => act(),
    onSuccess: (now) => {
      client.setQueryData(['holds', id], now);
      void client.invalidateQueries({ queryKey: ['holds', 'list'] });
      void client.invalidateQueries({ queryKey: ['approvals'] });
      toast(now.pending === null ? words.done.changed : words.done.proposed);
      onDone();
    },
    onError: (error) => {
      if (codeOf(error) === 'E_STATE') void client.invalidateQueries({ queryKey: ['holds', id] });
    },
  });
}

function AcknowledgeDialog({
  hold,
  change,
  onClose,
}: {
  readonly hold: Hold;
  readonly change: ReturnType<typeof useHoldChange>;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(holdsWords);
  const [values, setValues] = useState({ by: '', amount: '', reference: '', at: '' });
  const { decimals, symbol } = hold.notice.what;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { by, amount, reference, at } = values;
    change.mutate(async () =>
      api.acknowledgeHold({
        params: { id: hold.id },
        body: {
          by: by.trim(),
          version: hold.version,
          ...(amount.trim() === '' ? {} : { amount: requireAmount(amount.trim(), decimals ?? 0, 'amount').toString() }),
          ...(reference.trim() === '' ? {} : { reference: reference.trim() }),
          ...(at === '' ? {} : { at: `${at}:00Z` }),
        },
      }),
    );
  };
  const line = (name: keyof typeof values, label: string, hint?: string, type = 'text'): ReactNode => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          type={type}
          value={values[name]}
          required={name === 'by'}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => setValues({ ...values, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Dialog title={words.acknowledgeTitle} onClose={onClose}>
      <form onSubmit={submit}>
        {line('by', words.ackBy)}
        {line('amount', words.ackAmount, decimals === null ? words.ackBaseHint : words.ackHint(symbol ?? ''))}
        {line('reference', words.ackReference)}
        {line('at', words.ackAt, words.ackAtHint, 'datetime-local')}
        {change.error === null ? null : <Fault error={change.error} />}
        <div className="row-of">
          <button type="submit" className="primary" disabled={change.isPending || values.by.trim() === ''}>
            {words.record}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
