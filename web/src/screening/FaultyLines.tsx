import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { chainName } from '../format/chain.ts';
import type { JudgedLine } from '../format/screen-lines.ts';
import { screeningWords } from '../messages/screening.ts';
import { Table } from '../parts/table.tsx';
import { Outside } from '../parts/text.tsx';

/** Lines that cannot be screened, each with what is wrong. */
export function FaultyLines({ lines }: { readonly lines: readonly JudgedLine[] }): ReactNode {
  const words = useWords(screeningWords);
  const { language } = useSettings();
  const faulty = lines.filter(({ fault }) => fault !== null);
  if (faulty.length === 0) return null;
  return (
    <section className="scr-faulty-lines">
      <h2>
        {words.faults} <span className="count">{countText(faulty.length, language)}</span>
      </h2>
      <Table
        label={words.faults}
        rows={faulty}
        keyOf={({ line, text }) => `${line} ${text}`}
        height={faulty.length > 6 ? '15rem' : 'auto'}
        columns={[
          { name: 'line', title: words.columns.line, width: '4rem', right: true, cell: ({ line }) => line },
          {
            name: 'address',
            title: words.columns.address,
            width: 'minmax(14rem, 1fr)',
            cell: ({ text }) => (
              <code>
                <Outside>{text}</Outside>
              </code>
            ),
          },
          {
            name: 'fault',
            title: words.lineFault,
            width: 'minmax(18rem, 2fr)',
            cell: (line) => <LineFaultText line={line} />,
          },
        ]}
      />
    </section>
  );
}

export function LineFaultText({ line }: { readonly line: JudgedLine }): ReactNode {
  const words = useWords(screeningWords);
  const said = lineFaultText(line, words);
  return said === null ? null : <span title={said}>{said}</span>;
}

/** null where it has none. */
export function lineFaultText({ fault, of }: JudgedLine, words: (typeof screeningWords)['en']): string | null {
  if (fault === null) return null;
  return words.lineFaults[fault]?.(of.map(chainName).map(visibleText).join(', ')) ?? fault;
}
