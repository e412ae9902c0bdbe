import { useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { servicesCsv } from '../format/services-csv.ts';
import { caseWords } from '../messages/case.ts';
import { download } from '../parts/download.ts';
import { useFaultLine } from '../parts/state.tsx';
import { useToast } from '../parts/toast.tsx';
import { type CaseScene, downloadOf, servicesQuery } from './case-data.ts';
import type { PictureExports } from './FlowTab.tsx';

/** Everything that can be taken out of a case. */
export function ExportMenu({
  view,
  theft,
  pictures,
}: CaseScene & { readonly pictures: PictureExports | null }): ReactNode {
  const words = useWords(caseWords);
  const client = useQueryClient();
  const toast = useToast();
  const faultLine = useFaultLine();
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: MouseEvent): void => {
      if (!ref.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('mousedown', outside);
    ref.current?.querySelector<HTMLElement>('li a, li button')?.focus();
    return () => document.removeEventListener('mousedown', outside);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
      ref.current?.querySelector<HTMLElement>('button')?.focus();
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (!open || step === 0) return;
    event.preventDefault();
    const all = [...(ref.current?.querySelectorAll<HTMLElement>('li a, li button:not(:disabled)') ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  const services = (): void => {
    setOpen(false);
    client
      .fetchQuery(servicesQuery(view.id, theft.id))
      .then(({ items, methods }) => download(`${view.id}-services.csv`, servicesCsv(items, methods), 'text/csv'))
      .catch((error: unknown) => toast(faultLine(error)));
  };
  const links = [
    ['bundle', 'bundle', `${view.id}.zip`],
    ['report', 'report', `${view.id}.html`],
    ['touched', 'files/touched.csv', `${view.id}-touched.csv`],
    ['results', 'files/results.json', `${view.id}-results.json`],
  ] as const;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the menu within
    <div className="export-menu no-print" ref={ref} onKeyDown={onKey}>
      <button type="button" aria-expanded={open} aria-haspopup="true" onClick={() => setOpen(!open)}>
        {words.export} <span aria-hidden="true">▾</span>
      </button>
      {open ? (
        <ul className="panel">
          {links.map(([name, path, file]) => (
            <li key={name}>
              <a href={downloadOf(view.id, path)} download={file} onClick={() => setOpen(false)}>
                {words.exports[name]}
              </a>
            </li>
          ))}
          <li>
            <button type="button" onClick={services}>
              {words.exports.services}
            </button>
          </li>
          {(['png', 'svg'] as const).map((name) => (
            <li key={name}>
              <button
                type="button"
                disabled={pictures === null}
                title={pictures === null ? words.onFlowTab : undefined}
                onClick={() => {
                  setOpen(false);
                  void (name === 'png' ? pictures?.exportPng() : pictures?.exportSvg());
                }}
              >
                {words.exports[name]}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
