import type { ReactNode } from 'react';
import { CHAINS } from '../../../src/model/chain.ts';
import { useWords } from '../app/settings.tsx';
import type { ChainChoice } from '../format/screen-lines.ts';
import { screeningWords } from '../messages/screening.ts';
import { Field } from '../parts/text.tsx';

const EVM = CHAINS.filter(({ addressFormat }) => addressFormat === 'evm').map(({ name }) => name);
const OTHERS = CHAINS.filter(({ addressFormat }) => addressFormat !== 'evm').map(({ name }) => name);

/** Which chain is meant where the form of an address does not tell. */
export function ChainChoices({
  choice,
  onChoice,
}: {
  readonly choice: ChainChoice;
  readonly onChoice: (choice: ChainChoice) => void;
}): ReactNode {
  const words = useWords(screeningWords);
  const select = (
    label: string,
    names: readonly string[],
    value: string,
    change: (name: string) => void,
  ): ReactNode => (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={(event) => change(event.target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <fieldset className="scr-chain-choices">
      <legend>{words.whereSeveral}</legend>
      <div className="row-of">
        {select(words.evmChain, EVM, choice.evm, (evm) => onChoice({ ...choice, evm }))}
        {select(words.otherChain, OTHERS, choice.other, (other) => onChoice({ ...choice, other }))}
      </div>
    </fieldset>
  );
}
