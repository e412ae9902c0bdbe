import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { bytesText } from '../format/bytes.ts';
import { chainOf, FILE_KINDS, type FileKind, fileKindOf, formOf, targetsOf } from '../format/new-case.ts';
import { casesWords } from '../messages/cases.ts';
import { methodWords } from '../messages/methods.ts';
import { freshId } from '../parts/browser.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { Answer, Fault } from '../parts/state.tsx';
import { Field, Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import type { JobOptions } from './case-data.ts';
import { type ChosenFile, noTrace, type TraceWish } from './new-case-wish.ts';
import { headOf } from './upload.ts';
import { useStart } from './useStart.ts';

/** Addresses or transactions pasted, files dropped: what is known of a theft becomes a case. */
export function NewCase({
  text,
  chain,
  onStarted,
}: {
  /** What stands in the field at first, as a link of another page gave it. */
  readonly text: string;
  readonly chain: string | null;
  readonly onStarted: () => void;
}): ReactNode {
  const options = useQuery({
    queryKey: ['job-options'],
    queryFn: ({ signal }) => api.getJobOptions({}, { signal }),
    staleTime: 60_000,
  });
  return (
    <Answer query={options}>
      {(data) => <NewCaseForm options={data} first={{ text, chain: knownChain(data, chain) }} onStarted={onStarted} />}
    </Answer>
  );
}

function knownChain({ chains }: JobOptions, chain: string | null): string | null {
  return chains.find(({ id }) => id === chain)?.id ?? null;
}

function NewCaseForm({
  options,
  first,
  onStarted,
}: {
  readonly options: JobOptions;
  readonly first: Pick<TraceWish, 'text' | 'chain'>;
  readonly onStarted: () => void;
}): ReactNode {
  const words = useWords(casesWords);
  const [wish, setWish] = useState<TraceWish>({ ...noTrace, ...first });
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const targets = targetsOf(wish.text);
  const chain =
    wish.chain ??
    chainOf(
      targets,
      options.chains.map(({ id }) => id),
    );
  const start = useStart();
  const change = (part: Partial<TraceWish>): void => setWish((now) => ({ ...now, ...part }));
  const add = (added: readonly File[]): void => {
    Promise.all(
      added.map(async (file) => ({ id: freshId(), file, kind: fileKindOf(file.name, await headOf(file)) })),
    ).then(
      (more) =>
        setFiles((now) => [...now, ...more.map((each) => ({ ...each, preset: '', chain: '', complete: false }))]),
      () => {},
    );
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.run({ files, targets, chain, wish }, onStarted);
  };
  const nothing = files.length === 0 && targets.length === 0;
  return (
    <form className="panel new-case" onSubmit={submit}>
      <h2>{words.newCase}</h2>
      <div className="two">
        <Targets wish={wish} targets={targets} chain={chain} options={options} onChange={change} />
        <Files files={files} options={options} onAdd={add} onFiles={setFiles} />
      </div>
      <More wish={wish} chain={chain} options={options} onChange={change} />
      {start.stage === null ? null : <Stage {...start.stage} onCancel={start.cancel} />}
      {start.error === null ? null : <Fault error={start.error} />}
      <div className="row-of">
        <button
          type="submit"
          className="primary"
          disabled={nothing || start.stage !== null || (targets.length > 0 && chain === null)}
        >
          {files.length > 0 && targets.length > 0
            ? words.importThenTrace
            : targets.length > 0 || hasTheft(files)
              ? words.trace
              : words.import}
        </button>
        <span className="muted">{start.stage === null ? words.longWork : words.stay}</span>
      </div>
    </form>
  );
}

function hasTheft(files: readonly ChosenFile[]): boolean {
  return files.some(({ kind }) => kind === 'trace-file');
}

interface WishProps {
  readonly wish: TraceWish;
  readonly chain: string | null;
  readonly options: JobOptions;
  readonly onChange: (part: Partial<TraceWish>) => void;
}

function Targets({
  wish,
  targets,
  chain,
  options,
  onChange,
}: WishProps & { readonly targets: readonly string[] }): ReactNode {
  const words = useWords(casesWords);
  const forms = targets.map(formOf);
  const count = (form: string): number => forms.filter((each) => each === form).length;
  return (
    <div>
      <Field label={words.paste} hint={words.pasteHint}>
        {(id, hint) => (
          <textarea
            id={id}
            aria-describedby={hint}
            rows={6}
            spellCheck={false}
            className="mono"
            value={wish.text}
            onChange={(event) => onChange({ text: event.target.value })}
          />
        )}
      </Field>
      <p aria-live="polite" className="muted">
        {targets.length === 0 ? '' : words.found(count('transaction'), count('address'), count('unknown'))}
      </p>
      <Field label={words.chain} hint={wish.chain === null && chain !== null ? words.chainGuessed : words.chainHint}>
        {(id, hint) => (
          <select
            id={id}
            aria-describedby={hint}
            value={chain ?? ''}
            onChange={(event) => onChange({ chain: event.target.value === '' ? null : event.target.value })}
          >
            <option value="">{words.chooseChain}</option>
            {options.chains.map((each) => (
              <option key={each.id} value={each.id}>
                {visibleText(each.name)} ({visibleText(each.symbol)})
                {each.simulated ? ` – ${words.simulatedChain}` : ''}
              </option>
            ))}
          </select>
        )}
      </Field>
      {count('address') === 0 ? null : (
        <Field label={words.since} hint={words.sinceHint}>
          {(id, hint) => (
            <input
              id={id}
              aria-describedby={hint}
              placeholder="2022-03-23T13:29:09Z"
              maxLength={40}
              value={wish.since}
              onChange={(event) => onChange({ since: event.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function Files({
  files,
  options,
  onAdd,
  onFiles,
}: {
  readonly files: readonly ChosenFile[];
  readonly options: JobOptions;
  readonly onAdd: (files: readonly File[]) => void;
  readonly onFiles: (files: readonly ChosenFile[]) => void;
}): ReactNode {
  const words = useWords(casesWords);
  const input = useRef<HTMLInputElement>(null);
  const change = (id: string, part: Partial<ChosenFile>): void =>
    onFiles(files.map((each) => (each.id === id ? { ...each, ...part } : each)));
  return (
    <div>
      <DropZone className="drop" onFiles={onAdd}>
        <p>{words.drop}</p>
        <button type="button" onClick={() => input.current?.click()}>
          {words.chooseFile}
        </button>
        <input
          ref={input}
          type="file"
          multiple
          className="unseen"
          tabIndex={-1}
          aria-label={words.chooseFile}
          onChange={(event) => {
            onAdd([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </DropZone>
      <ul className="chosen-files">
        {files.map((file) => (
          <li key={file.id}>
            <OneFile
              file={file}
              options={options}
              onChange={(part) => change(file.id, part)}
              onRemove={() => onFiles(files.filter((each) => each.id !== file.id))}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function OneFile({
  file,
  options,
  onChange,
  onRemove,
}: {
  readonly file: ChosenFile;
  readonly options: JobOptions;
  readonly onChange: (part: Partial<ChosenFile>) => void;
  readonly onRemove: () => void;
}): ReactNode {
  const words = useWords(casesWords);
  const { language } = useSettings();
  return (
    <>
      <div className="row-of spread">
        <strong>
          <Outside>{file.file.name}</Outside> <span className="muted">{bytesText(file.file.size, language)}</span>
        </strong>
        <button
          type="button"
          className="plain"
          onClick={onRemove}
          aria-label={words.removeFile(visibleText(file.file.name))}
        >
          <span aria-hidden="true">×</span>
        </button>
      </div>
      <div className="row-of">
        <Field label={words.fileKind}>
          {(id) => (
            <select id={id} value={file.kind} onChange={(event) => onChange({ kind: event.target.value as FileKind })}>
              {FILE_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {words.fileKinds[kind]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {file.kind === 'import-transfers' ? (
          <TransferOptions file={file} options={options} onChange={onChange} />
        ) : null}
        {file.kind === 'import-prices' ? (
          <Field label={words.priceAsset} hint={words.priceAssetHint}>
            {(id, hint) => (
              <input
                id={id}
                aria-describedby={hint}
                maxLength={200}
                value={file.chain}
                onChange={(event) => onChange({ chain: event.target.value })}
              />
            )}
          </Field>
        ) : null}
      </div>
    </>
  );
}

function TransferOptions({
  file,
  options,
  onChange,
}: {
  readonly file: ChosenFile;
  readonly options: JobOptions;
  readonly onChange: (part: Partial<ChosenFile>) => void;
}): ReactNode {
  const words = useWords(casesWords);
  return (
    <>
      <Field label={words.preset}>
        {(id) => (
          <select id={id} value={file.preset} onChange={(event) => onChange({ preset: event.target.value })}>
            <option value="">{words.byColumns}</option>
            {options.presets.map((preset) => (
              <option key={preset.id} value={preset.id} title={visibleText(preset.title)}>
                {visibleText(preset.id)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.chain}>
        {(id) => (
          <select id={id} value={file.chain} onChange={(event) => onChange({ chain: event.target.value })}>
            <option value="">{words.asPreset}</option>
            {options.chains.map((each) => (
              <option key={each.id} value={each.id}>
                {visibleText(each.name)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <label className="check" title={words.completeHint}>
        <input
          type="checkbox"
          checked={file.complete}
          onChange={(event) => onChange({ complete: event.target.checked })}
        />{' '}
        {words.complete}
      </label>
    </>
  );
}

function More({ wish, chain, options, onChange }: WishProps): ReactNode {
  const words = useWords(casesWords);
  const names = useWords(methodWords);
  // A theft file names its chain itself.
  const source = options.sources.find((each) => chain === null || each.chain === chain);
  const text = (name: 'title' | 'thieves' | 'until' | 'maxHops' | 'minAmount', hint?: string): ReactNode => (
    <Field label={words.fields[name]} {...(hint === undefined ? {} : { hint })}>
      {(id, described) => (
        <input
          id={id}
          aria-describedby={described}
          maxLength={name === 'thieves' ? 20_000 : 200}
          {...(name === 'maxHops' ? { inputMode: 'numeric' as const, pattern: '[0-9]*' } : {})}
          value={wish[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="more">
      <summary>{words.moreOptions}</summary>
      <div className="three">
        {text('title')}
        {text('thieves', words.thievesHint)}
        {text('until', words.untilHint)}
        {text('maxHops')}
        {text('minAmount', words.minAmountHint)}
        <div className="field">
          <label className="check">
            <input
              type="checkbox"
              checked={wish.live && source !== undefined}
              disabled={source === undefined}
              onChange={(event) => onChange({ live: event.target.checked })}
            />{' '}
            {words.live}
          </label>
          <p className="hint">{source === undefined ? words.noSource : words.liveFrom(visibleText(source.name))}</p>
        </div>
      </div>
      <fieldset>
        <legend>{words.methods}</legend>
        <div className="row-of">
          {options.methods.map((method) => (
            <label key={method} className="check">
              <input
                type="checkbox"
                checked={!wish.without.includes(method)}
                onChange={(event) =>
                  onChange({
                    without: event.target.checked
                      ? wish.without.filter((each) => each !== method)
                      : [...wish.without, method],
                  })
                }
              />{' '}
              {names[method] ?? method}
            </label>
          ))}
        </div>
      </fieldset>
    </details>
  );
}

function Stage({
  what,
  name,
  done,
  total,
  onCancel,
}: {
  readonly what: 'upload' | 'import' | 'start';
  readonly name: string;
  readonly done: number;
  readonly total: number | null;
  readonly onCancel: () => void;
}): ReactNode {
  const words = useWords(casesWords);
  const { language } = useSettings();
  const label = `${words.stages[what]} ${visibleText(name)}`;
  return (
    <div className="progress" role="status" aria-live="polite">
      {total === null ? <progress aria-label={label} /> : <progress aria-label={label} value={done} max={total} />}
      <span>{label}</span>{' '}
      {total === null ? null : (
        <span className="muted">
          {bytesText(done, language)} / {bytesText(total, language)}
        </span>
      )}
      <button type="button" onClick={onCancel}>
        {words.cancel}
      </button>
    </div>
  );
}
