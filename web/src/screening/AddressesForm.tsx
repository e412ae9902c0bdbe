import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { useSearch } from 'wouter';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { chainName } from '../format/chain.ts';
import { type ChainChoice, chainOf, type JudgedLine, type Written } from '../format/screen-lines.ts';
import { screeningWords } from '../messages/screening.ts';
import { Fault } from '../parts/state.tsx';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { BatchView } from './BatchView.tsx';
import { ChainChoices } from './ChainChoices.tsx';
import { FaultyLines } from './FaultyLines.tsx';
import { FileDrop } from './FileDrop.tsx';
import { MoreFields, type MoreValues, NO_MORE } from './MoreFields.tsx';
import { ScreenedOnce } from './ScreenedOnce.tsx';
import { useSubmissionKey } from './submission-key.ts';
import { useBatch } from './use-batch.ts';
import { NOTHING_WRITTEN, useJudged, useWritten } from './use-lines.ts';

/** One address, answered at once, or many, answered as a table. */
export function AddressesForm(): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  const start = useStart();
  const [text, setText] = useState(start.text);
  const [file, setFile] = useState<{ readonly name: string; readonly text: string } | null>(null);
  const [choice, setChoice] = useState<ChainChoice>(start.choice);
  const [more, setMore] = useState<MoreValues>(NO_MORE);
  const [dry, setDry] = useState(false);
  const source = useDeferredValue(file?.text ?? text);
  const written = useWritten(source, file?.name ?? 'pasted');
  const lines = written.data ?? NOTHING_WRITTEN;
  const judged = useJudged(lines.lines, choice);
  const good = useMemo(() => judged.lines.filter(({ fault }) => fault === null), [judged.lines]);
  const single = useSingle();
  const batch = useBatch();
  const isReady = judged.isDone && source === (file?.text ?? text) && good.length > 0;
  const submit = (): void => {
    if (!isReady || single.isPending || batch.isRunning) return;
    const [only] = good;
    if (judged.lines.length === 1 && only !== undefined) {
      batch.clear();
      single.mutate({ line: only, more, dry });
    } else {
      single.reset();
      batch.start(judged.lines, dry);
    }
  };
  return (
    <>
      <form
        className="panel no-print"
        aria-label={words.addresses}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Input text={text} onText={setText} file={file} onFile={setFile} written={lines} />
        <ChainChoices choice={choice} onChoice={setChoice} />
        <MoreFields values={more} onChange={setMore} many={judged.lines.length > 1} />
        <label className="scr-check">
          <input type="checkbox" checked={dry} onChange={(event) => setDry(event.target.checked)} /> {words.dry}
        </label>
        <div className="row-of">
          <button type="submit" className="primary" disabled={!isReady || single.isPending || batch.isRunning}>
            {single.isPending
              ? words.screening
              : good.length > 1 || judged.lines.length > 1
                ? words.screenMany(countText(good.length, language))
                : words.screen}
          </button>
          <ReadState judged={judged} good={good.length} all={lines.lines.length} />
        </div>
        {written.error === null ? null : <Fault error={written.error} />}
        {batch.isBegun ? null : <FaultyLines lines={judged.lines} />}
      </form>
      <ScreenedOnce screen={single} onAgain={submit} />
      {batch.isBegun ? <BatchView batch={batch} /> : null}
    </>
  );
}

function Input({
  text,
  onText,
  file,
  onFile,
  written,
}: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly file: { readonly name: string; readonly text: string } | null;
  readonly onFile: (file: { readonly name: string; readonly text: string } | null) => void;
  readonly written: Written;
}): ReactNode {
  const words = useWords(screeningWords);
  return (
    <FileDrop file={file} onFile={onFile} written={written}>
      {file === null ? (
        <Field label={words.addresses} hint={words.addressesHint}>
          {(id, describedBy) => (
            <textarea
              id={id}
              aria-describedby={describedBy}
              className="scr-addresses"
              value={text}
              onChange={(event) => onText(event.target.value)}
              spellCheck={false}
              autoComplete="off"
            />
          )}
        </Field>
      ) : null}
    </FileDrop>
  );
}

function ReadState({
  judged,
  good,
  all,
}: {
  readonly judged: { readonly lines: readonly JudgedLine[]; readonly isDone: boolean };
  readonly good: number;
  readonly all: number;
}): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  const count = (value: number): string => countText(value, language);
  const said =
    all === 0
      ? words.nothingYet
      : !judged.isDone
        ? words.reading(count(judged.lines.length), count(all))
        : good === 0
          ? words.onlyBad
          : words.read(count(good), count(all - good));
  return (
    <span className="muted" role="status">
      {said}
    </span>
  );
}

interface SingleRequest {
  readonly line: JudgedLine;
  readonly more: MoreValues;
  readonly dry: boolean;
}

function useSingle() {
  const key = useSubmissionKey();
  return useMutation({
    mutationFn: async ({ line, more, dry }: SingleRequest) => {
      const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value.trim() !== ''));
      const body = { chain: line.on!, address: line.address, ...given };
      if (dry) return { verdict: await api.screenAddress({ body, query: { dry: '1' } }), dry };
      return { verdict: await api.screenAddress({ body }, { idempotencyKey: key.of(body) }), dry };
    },
    onSuccess: () => key.answered(),
  });
}

/** From ?chain=&address= */
function useStart(): { readonly text: string; readonly choice: ChainChoice } {
  const search = useSearch();
  return useMemo(() => {
    const query = new URLSearchParams(search);
    const address = query.get('address') ?? '';
    const chain = chainOf(query.get('chain') ?? '');
    const named = chain === null ? null : chainName(chain.id);
    const choice = {
      evm: named !== null && chain?.addressFormat === 'evm' ? named : 'ethereum',
      other: named !== null && chain?.addressFormat !== 'evm' ? named : 'bitcoin',
    };
    return { text: address === '' || named === null ? address : `${address} ${named}`, choice };
  }, [search]);
}
