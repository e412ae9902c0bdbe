import { type RefObject, useCallback, useEffect, useRef } from 'react';
import { visibleText } from '../../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../../app/settings.tsx';
import { timeText } from '../../format/time.ts';
import { KINDS } from '../../graph/signs.ts';
import { graphWords } from '../../messages/graph.ts';
import { useToast } from '../../parts/toast.tsx';
import { api } from '../../server/api.ts';
import { type Caption, fileName, savePng, saveSvg } from './export-picture.ts';
import type { FlowView } from './flow-view.ts';
import type { Shown } from './use-shown.ts';

/** Hands the picture to the reader as a file. */
export interface GraphExports {
  exportPng(): Promise<void>;
  exportSvg(): Promise<void>;
}

interface ExportsAsked {
  readonly caseId: string;
  readonly shown: Shown;
  readonly view: RefObject<FlowView | null>;
  readonly exports: ((actions: GraphExports | null) => void) | undefined;
}

export function useExports(asked: ExportsAsked): GraphExports {
  const words = useWords(graphWords);
  const { zone } = useSettings();
  const toast = useToast();
  const latest = useRef(asked);
  latest.current = asked;
  const captionOf = useCallback(async (): Promise<Caption> => {
    const { caseId, shown } = latest.current;
    const view = await api.getCaseView({ params: { id: caseId } });
    const { flow, replay, amountOf } = shown;
    const theft = view.thefts.find(({ id }) => id === flow.theft);
    const times = timeText(replay.moment ?? flow.end);
    const mark = view.simulated ? `${words.simulated} · ` : '';
    return [
      `${mark}${visibleText(words.caption(view.title, theft?.title ?? flow.theft, flow.method))}`,
      [
        amountOf(flow.stolen),
        words.captionMoment(zone === 'utc' ? times.utc : times.local),
        `${words.madeBy} ${view.version}`,
        view.digest,
      ].join(' · '),
    ];
  }, [words, zone]);
  const exportPng = useCallback(async () => {
    if (latest.current.view.current === null) {
      toast(words.noPng);
      return;
    }
    const caption = await captionOf();
    const { view, caseId, shown } = latest.current;
    if (view.current !== null) await savePng(view.current, caption, fileName(caseId, shown.flow.method));
  }, [captionOf, toast, words]);
  const exportSvg = useCallback(async () => {
    const caption = await captionOf();
    const { shown, caseId } = latest.current;
    const there = new Set(shown.picture.shapes.map(({ kind }) => kind));
    const legend = KINDS.filter((kind) => there.has(kind)).map((kind) => ({ kind, word: words.kinds[kind] ?? kind }));
    saveSvg(shown.scene, caption, legend, fileName(caseId, shown.flow.method));
  }, [captionOf, words]);
  const { exports } = asked;
  useEffect(() => {
    exports?.({ exportPng, exportSvg });
    return () => exports?.(null);
  }, [exports, exportPng, exportSvg]);
  return { exportPng, exportSvg };
}
