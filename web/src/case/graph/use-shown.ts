import { useCallback, useMemo } from 'react';
import { shortAddress, visibleText } from '../../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../../app/settings.tsx';
import { amountText, ratio } from '../../format/amount.ts';
import { type Amounts, amountsOf, type Replay, replayOf } from '../../graph/amounts.ts';
import { indexOf } from '../../graph/choice.ts';
import { type Flow, type FlowAnswer, flowOf } from '../../graph/flow.ts';
import { type Fold, foldOf } from '../../graph/fold.ts';
import { type Layout, layoutOf } from '../../graph/layout.ts';
import { type Picture, pictureOf, type Shape } from '../../graph/picture.ts';
import { type Scene, sceneOf } from '../../graph/scene.ts';
import type { PictureState } from '../../graph/state.ts';
import { graphWords } from '../../messages/graph.ts';

export interface Money {
  readonly symbol: string;
  readonly decimals: number | null;
}

/** All that follows from the answer, what was done to the picture, and the moment. */
export interface Shown {
  readonly flow: Flow;
  readonly fold: Fold;
  readonly picture: Picture;
  readonly layout: Layout;
  readonly replay: Replay;
  readonly amounts: Amounts;
  readonly scene: Scene;
  readonly index: ReadonlyMap<string, number>;
  titleOf(shape: Shape): string;
  amountOf(units: bigint): string;
}

const PINNED = '◉';
const NOTED = '✎';

export function useShown(answer: FlowAnswer, state: PictureState, moment: number | null, money: Money): Shown {
  const flow = useMemo(() => flowOf(answer), [answer]);
  const index = useMemo(() => indexOf(flow), [flow]);
  const fold = useMemo(() => foldOf(flow, state.byEntity), [flow, state.byEntity]);
  const { opened, alone, hidden, dust, axis, pins, notes } = state;
  // Only these parts of the state say what is a shape: a pin or a note builds nothing anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the parts stand for the state
  const picture = useMemo(() => pictureOf(flow, fold, state), [flow, fold, opened, alone, hidden, dust]);
  const layout = useMemo(() => {
    const whole = amountsOf(flow, picture, replayOf(flow, null));
    const weights = whole.lines.map(({ units }) => 0.02 + Math.sqrt(ratio(units, flow.stolen)));
    return layoutOf({ picture, weights, axis, start: flow.start, end: flow.end, pins });
  }, [flow, picture, axis, pins]);
  const replay = useMemo(() => replayOf(flow, moment), [flow, moment]);
  const amounts = useMemo(() => amountsOf(flow, picture, replay), [flow, picture, replay]);
  const titleOf = useTitles(flow);
  const { symbol, decimals } = money;
  const { language } = useSettings();
  const amountOf = useCallback(
    (units: bigint): string => `${amountText(units, decimals, language).short} ${visibleText(symbol)}`,
    [decimals, language, symbol],
  );
  const scene = useMemo(() => {
    const noted = new Set(notes.map(({ place }) => place));
    const detail = (shape: Shape, at: number) => {
      const sums = amounts.shapes[at]!;
      const marks = [pins.has(shape.key) ? PINNED : '', noted.has(shape.key) ? NOTED : ''].join('');
      if (!flow.conserves) return { detail: marks, brief: marks };
      const amount = amountOf(shape.kind === 'theft' ? sums.out : sums.in);
      return { detail: `${amount} ${marks}`.trim(), brief: `${briefAmount(amount)} ${marks}`.trim() };
    };
    return sceneOf({ flow, picture, layout, amounts, title: titleOf, detail });
  }, [flow, picture, layout, amounts, titleOf, amountOf, pins, notes]);
  return { flow, fold, picture, layout, replay, amounts, scene, index, titleOf, amountOf };
}

/** What a shape is called; names from outside are made safe to look at. */
function useTitles(flow: Flow): (shape: Shape) => string {
  const words = useWords(graphWords);
  const shared = useMemo(() => sharedNames(flow), [flow]);
  return useCallback(
    (shape) => {
      const { form, kind, members, entity } = shape;
      if (form === 'entity') return words.entity(visibleText(entity ?? ''), members.length);
      if (form === 'group') return words.group(kind, members.length);
      const place = flow.places[members[0]!]!;
      const named = place.name !== null && place.name !== '';
      if (kind === 'theft' || kind === 'link' || place.address === '')
        return named ? visibleText(place.name!) : (words.kinds[kind] ?? visibleText(kind));
      if (!named) return shortAddress(place.address);
      return shared.has(place.name!)
        ? `${shortAddress(place.address)} ${visibleText(place.name!)}`
        : visibleText(place.name!);
    },
    [flow, shared, words],
  );
}

/** Names of more than one place: there the address goes with it. */
function sharedNames(flow: Flow): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(flow.places.flatMap(({ name }) => (name !== null && seen.size === seen.add(name).size ? [name] : [])));
}

/** Without unit and fraction: "~5,713" of "5,713.84 ETH". */
function briefAmount(text: string): string {
  const [whole, fraction] = text.split(' ')[0]!.split('.');
  if (fraction === undefined || whole === '0' || whole!.startsWith('<') || whole === '~0') return text.split(' ')[0]!;
  return whole!.startsWith('~') ? whole! : `~${whole}`;
}
