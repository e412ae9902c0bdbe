import { type ReactNode, useEffect, useRef } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { placed } from '../format/placed.ts';
import { rulesWords } from '../messages/rules.ts';

export interface TextFault {
  readonly line: number;
  readonly said: string;
}

/** Text with the numbers of its lines, and a fault at its line. */
export function NumberedText({ text, fault }: { readonly text: string; readonly fault: TextFault | null }): ReactNode {
  const words = useWords(rulesWords);
  const place = useRef<HTMLLIElement>(null);
  const line = fault?.line;
  useEffect(() => {
    if (line !== undefined) place.current?.scrollIntoView({ block: 'center' });
  }, [line]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach it
    <ol className="scr-numbered" tabIndex={0} aria-label={words.tabs.text}>
      {placed(text.split(/\r\n|\n|\r/)).map(({ item: row, at }) => {
        const isHere = fault?.line === at + 1;
        return (
          <li key={at} ref={isHere ? place : null} className={isHere ? 'at-fault' : undefined}>
            <code>{visibleText(row.replaceAll('\t', '    '))}</code>
            {isHere ? (
              <span className="scr-line-fault">
                ■ {words.faultIn}: {visibleText(fault.said)}
              </span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}
