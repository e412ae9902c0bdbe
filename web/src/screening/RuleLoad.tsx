import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { HaetaeError } from '../../../src/base/errors.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { rulesWords } from '../messages/rules.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { Fault } from '../parts/state.tsx';
import { Chip, Field, Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { BackTestForm } from './BackTest.tsx';
import { FilePick } from './FilePick.tsx';
import { NumberedText, type TextFault } from './NumberedText.tsx';

const MAX_BYTES = 1_000_000;

/** Takes a file of rules, says what is wrong in which line, and keeps it. */
export function RuleLoad({ onKept }: { readonly onKept: (hash: string) => void }): ReactNode {
  const words = useWords(rulesWords);
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [tested, setTested] = useState<string | null>(null);
  const load = useMutation({
    mutationFn: (given: { readonly text: string; readonly dry: boolean }) =>
      api.loadRules({ body: { ...given, ...(name === null ? {} : { file: name.slice(0, 200) }) } }),
    onSuccess: ({ entry }) => {
      if (entry === null) return;
      void client.invalidateQueries({ queryKey: ['rules'], exact: true });
      onKept(entry.hash);
    },
  });
  const take = (next: string, file: string | null): void => {
    setText(next);
    setName(file);
    load.reset();
  };
  const { data, error, variables } = load;
  const fault = variables?.text === text ? faultOf(error) : null;
  return (
    <details className="panel no-print scr-rule-load">
      <summary>{words.load}</summary>
      <RuleText text={text} name={name} onText={take} />
      <div className="row-of">
        <button type="button" disabled={text === '' || load.isPending} onClick={() => load.mutate({ text, dry: true })}>
          {words.check}
        </button>
        <button
          type="button"
          className="primary"
          disabled={text === '' || load.isPending}
          onClick={() => load.mutate({ text, dry: false })}
        >
          {words.keep}
        </button>
        <button type="button" disabled={text === ''} onClick={() => setTested(text)}>
          {words.testText}
        </button>
        <span role="status">
          {data === undefined || error !== null ? null : (
            <Chip tone="good">
              <Outside>{data.entry === null ? words.checked(data.name, data.rules) : words.kept(data.name)}</Outside>
            </Chip>
          )}
        </span>
      </div>
      {error === null ? null : <Fault error={error} />}
      {fault === null ? null : (
        <p>
          <strong>{words.line(fault.line)}</strong>
          {fault.field === '' ? null : (
            <>
              {' · '}
              {words.field} <code>{visibleText(fault.field)}</code>
            </>
          )}
        </p>
      )}
      {fault === null ? null : <NumberedText text={text} fault={fault} />}
      {tested === null ? null : <BackTestForm key={tested} of={{ text: tested }} />}
    </details>
  );
}

function RuleText({
  text,
  name,
  onText,
}: {
  readonly text: string;
  readonly name: string | null;
  readonly onText: (text: string, name: string | null) => void;
}): ReactNode {
  const words = useWords(rulesWords);
  const [tooLarge, setTooLarge] = useState(false);
  const take = (file: File | undefined): void => {
    if (file === undefined) return;
    setTooLarge(file.size > MAX_BYTES);
    if (file.size <= MAX_BYTES) void file.text().then((read) => onText(read, file.name));
  };
  return (
    <DropZone className="scr-drop" onFiles={([first]) => take(first)}>
      <Field label={words.text} hint={words.textHint}>
        {(id, describedBy) => (
          <textarea
            id={id}
            aria-describedby={describedBy}
            className="scr-yaml"
            value={text}
            spellCheck={false}
            onChange={(event) => onText(event.target.value, name)}
          />
        )}
      </Field>
      <p className="row-of">
        <FilePick label={words.choose} accept=".yaml,.yml,.json" onFile={take} />
        {name === null ? null : <Outside>{name}</Outside>}
      </p>
      {tooLarge ? (
        <p className="fault" role="alert">
          {words.tooLarge}
        </p>
      ) : null}
    </DropZone>
  );
}

/** Where in the file a fault is; null where it says no line. */
function faultOf(error: unknown): (TextFault & { readonly field: string }) | null {
  if (!(error instanceof HaetaeError) || error.code !== 'E_RULES') return null;
  const line = Number(error.context.line);
  if (!Number.isInteger(line) || line < 1) return null;
  const remedy = error.remedy === undefined ? '' : ` – ${error.remedy}`;
  return { line, said: `${error.message}${remedy}`, field: String(error.context.field ?? '') };
}
