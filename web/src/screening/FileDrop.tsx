import { type ReactNode, useState } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { SCREEN_LIMITS, type Written } from '../format/screen-lines.ts';
import { screeningWords } from '../messages/screening.ts';
import { DropZone } from '../parts/drop-zone.tsx';
import { Outside } from '../parts/text.tsx';
import { FilePick } from './FilePick.tsx';

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

const MEGABYTES = SCREEN_LIMITS.fileBytes / 1024 / 1024;

/** Takes a file by drop or by choice, and says what was read of it. */
export function FileDrop({
  file,
  onFile,
  written,
  children,
}: {
  readonly file: TextFile | null;
  readonly onFile: (file: TextFile | null) => void;
  readonly written: Written;
  readonly children: ReactNode;
}): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  const [fault, setFault] = useState<string | null>(null);
  const take = (chosen: File | undefined): void => {
    setFault(null);
    if (chosen === undefined) return;
    if (chosen.size > SCREEN_LIMITS.fileBytes) setFault(words.tooLarge(visibleText(chosen.name), MEGABYTES));
    else
      chosen.text().then(
        (text) => onFile({ name: chosen.name, text }),
        (error: unknown) => setFault(String(error)),
      );
  };
  return (
    <DropZone className="scr-drop" onFiles={([first]) => take(first)}>
      {children}
      {file === null ? (
        <FileChoice onTake={take} />
      ) : (
        <p className="row-of scr-chosen-file">
          <strong>
            <Outside>{file.name}</Outside>
          </strong>
          <span>{words.lineCount(countText(written.lines.length, language))}</span>
          <button type="button" onClick={() => onFile(null)}>
            {words.takeAway}
          </button>
        </p>
      )}
      {written.ignored.length === 0 ? null : (
        <p className="muted">{words.ignored(written.ignored.map(visibleText).join(', '))}</p>
      )}
      {written.beyond === 0 ? null : <p className="fault">{words.beyond(countText(written.beyond, language))}</p>}
      {fault === null ? null : (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
    </DropZone>
  );
}

function FileChoice({ onTake }: { readonly onTake: (file: File | undefined) => void }): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  return (
    <p className="scr-file-choice">
      <FilePick label={words.chooseFile} accept=".csv,.txt,text/csv,text/plain" onFile={onTake} />
      <span className="muted">
        {words.drop} {words.limits(countText(SCREEN_LIMITS.lines, language), MEGABYTES)}
      </span>
    </p>
  );
}
