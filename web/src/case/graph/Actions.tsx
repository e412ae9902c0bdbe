import type { ReactNode } from 'react';
import { useWords } from '../../app/settings.tsx';
import { SOME } from '../../graph/state.ts';
import { graphWords } from '../../messages/graph.ts';
import type { Commands } from './use-commands.ts';

/** What can be done with the chosen signs. */
export function Actions({
  title,
  commands,
}: {
  readonly title: string | null;
  readonly commands: Commands;
}): ReactNode {
  const words = useWords(graphWords);
  const { can } = commands;
  const button = (may: boolean, text: string, act: () => void): ReactNode =>
    may ? (
      <button type="button" onClick={act}>
        {text}
      </button>
    ) : null;
  return (
    <section className="graph-actions no-print" aria-label={words.actions}>
      <strong className={title === null ? 'muted' : undefined}>{title ?? words.nothingChosen}</strong>
      {button(can.openSome, words.openSome(SOME), () => commands.open(SOME))}
      {button(can.open, words.openRest, () => commands.open(Number.POSITIVE_INFINITY))}
      {button(can.close, words.close, commands.close)}
      {button(can.alone, words.alone, commands.alone)}
      {button(can.pin, words.pin, commands.pin)}
      {button(can.unpin, words.unpin, commands.unpin)}
      {button(can.note, words.note, commands.note)}
      {button(can.hide, words.hide, commands.hide)}
      {button(title !== null, words.clear, commands.clear)}
    </section>
  );
}
