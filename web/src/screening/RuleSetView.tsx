import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { rulesWords } from '../messages/rules.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Said, useSaid } from '../parts/said.tsx';
import { Answer, Empty, Fault } from '../parts/state.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { Chip, Copied, DecisionChip, Field, Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import { BackTestForm } from './BackTest.tsx';
import { Facts } from './Facts.tsx';
import { NumberedText } from './NumberedText.tsx';
import type { RuleEntry } from './RulesPage.tsx';
import { SourceLink } from './SourceLink.tsx';
import { useSubmissionKey } from './submission-key.ts';

type RuleSet = Awaited<ReturnType<typeof api.getRules>>;
type Rule = RuleSet['rules'][number];

/** One set: its rules, its text, what it would have made of the past, and the way to let it decide. */
export function RuleSetView({ entry }: { readonly entry: RuleEntry }): ReactNode {
  const words = useWords(rulesWords);
  const may = useMay('rules');
  const [tab, setTab] = useState<'rules' | 'text' | 'backtest'>('rules');
  const [asking, setAsking] = useState(false);
  const { hash } = entry;
  const set = useQuery({
    queryKey: ['rules', hash],
    queryFn: ({ signal }) => api.getRules({ params: { hash } }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section className="panel" aria-label={entry.name}>
      <div className="row-of spread">
        <h2>
          <Said kind="rule">{entry.name}</Said>
        </h2>
        {entry.active === null && may ? (
          <button type="button" className="no-print" onClick={() => setAsking(true)}>
            {words.activate}
          </button>
        ) : null}
      </div>
      <p className="row-of">
        <Copied value={hash} title={hash}>
          <code className="scr-digest">{hash}</code>
        </Copied>
        {entry.active === null ? null : (
          <span className="muted">
            {words.activated} <Time time={entry.active.at} /> · <Outside>{entry.active.by}</Outside>
          </span>
        )}
      </p>
      <Tabs
        label={entry.name}
        tabs={(['rules', 'text', 'backtest'] as const)
          .filter((name) => may || name !== 'backtest')
          .map((name) => ({ name, title: words.tabs[name] }))}
        chosen={tab}
        onChoose={setTab}
      >
        {tab === 'backtest' ? <BackTestForm of={{ hash }} /> : null}
        {tab === 'rules' ? <Answer query={set}>{({ rules }) => <RuleList rules={rules} />}</Answer> : null}
        {tab === 'text' ? <Answer query={set}>{({ text }) => <NumberedText text={text} fault={null} />}</Answer> : null}
      </Tabs>
      {asking ? <ActivateDialog hash={hash} name={entry.name} onClose={() => setAsking(false)} /> : null}
    </section>
  );
}

function RuleList({ rules }: { readonly rules: readonly Rule[] }): ReactNode {
  const words = useWords(rulesWords);
  const [find, setFind] = useState('');
  const said = useSaid('rule');
  const wanted = find.trim().toLowerCase();
  const found = rules.filter(({ id, title, reason, source, when }) =>
    `${id} ${title} ${reason} ${said(title)} ${said(reason)} ${source.title} ${JSON.stringify(when)}`
      .toLowerCase()
      .includes(wanted),
  );
  return (
    <>
      <div className="no-print">
        <Field label={words.find}>
          {(id) => <input id={id} type="search" value={find} onChange={(event) => setFind(event.target.value)} />}
        </Field>
      </div>
      {found.length === 0 ? <Empty>{words.noneFound}</Empty> : null}
      {found.map((rule) => (
        <article key={rule.id} className={`scr-reason ${rule.decision}`}>
          <header className="row-of">
            <DecisionChip decision={rule.decision} />
            <h3>
              <Said kind="rule">{rule.title}</Said>
            </h3>
            {rule.mode === 'test' ? <Chip tone="info">{words.mode.test}</Chip> : null}
            <span className="muted">
              <code>{rule.id}</code> · {words.version(rule.version)} · {words.score(rule.score)}
            </span>
          </header>
          <Facts
            rows={[
              [
                words.reason,
                <Said key="reason" kind="rule">
                  {rule.reason}
                </Said>,
              ],
              [words.source, <SourceLink key="source" text={rule.source.title} url={rule.source.url} />],
              [words.when, <Conditions key="when" when={rule.when} />],
            ]}
          />
        </article>
      ))}
    </>
  );
}

function Conditions({ when }: { readonly when: Rule['when'] }): ReactNode {
  return (
    <span className="scr-conditions">
      {Object.entries(when).map(([name, value]) => (
        <span key={name} className="scr-condition">
          <code>{name}</code> <Outside>{conditionText(value)}</Outside>
        </span>
      ))}
    </span>
  );
}

function conditionText(value: unknown): string {
  if (Array.isArray(value)) return value.map(conditionText).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${typeof inner === 'object' ? `(${conditionText(inner)})` : conditionText(inner)}`)
    .join(', ');
}

function ActivateDialog({
  hash,
  name,
  onClose,
}: {
  readonly hash: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(rulesWords);
  const client = useQueryClient();
  const toast = useToast();
  const key = useSubmissionKey();
  const activate = useMutation({
    mutationFn: () => api.activateRules({ params: { hash } }, { idempotencyKey: key.of(hash) }),
    onSuccess: ({ state }) => {
      key.answered();
      void client.invalidateQueries({ queryKey: ['rules'] });
      void client.invalidateQueries({ queryKey: ['approvals'] });
      if (state !== 'done') return;
      toast(words.activateDone);
      onClose();
    },
  });
  const approval = activate.data?.approval ?? null;
  return (
    <Dialog title={words.activateTitle} onClose={onClose}>
      <p>
        <strong>
          <Said kind="rule">{name}</Said>
        </strong>
      </p>
      <p>{words.activateWhy}</p>
      <p className="muted">{words.activateTwo}</p>
      {approval === null ? null : (
        <p className="scr-notice" role="status">
          {words.activatePending(approval)} <Link href="/approvals">{words.toApprovals}</Link>
        </p>
      )}
      {activate.error === null ? null : <Fault error={activate.error} />}
      <div className="row-of">
        <button
          type="button"
          className="primary"
          disabled={activate.isPending || approval !== null}
          onClick={() => activate.mutate()}
        >
          {words.confirm}
        </button>
        <button type="button" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </Dialog>
  );
}
