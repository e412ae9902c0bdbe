import type { ReactNode } from 'react';
import { shortAddress } from '../../../src/base/visible-text.ts';
import { Outside, SimulatedChip } from '../parts/text.tsx';
import type { Hit } from './hit-path.ts';

const IN_CODE: ReadonlySet<Hit['kind']> = new Set(['address', 'transaction']);

/** What a hit is, in one line: title, id where the title is not it, details. `whole`: an address with every character. */
export function HitText({ hit, whole = false }: { readonly hit: Hit; readonly whole?: boolean }): ReactNode {
  const { kind, id, title, detail, simulated } = hit;
  const withId = title !== id && kind !== 'entity' && kind !== 'label';
  return (
    <span className="hit">
      <span className="hit-title">
        {IN_CODE.has(kind) ? (
          <code title={id}>{whole ? <Outside>{title}</Outside> : shortAddress(title)}</code>
        ) : (
          <Outside>{title}</Outside>
        )}
        {withId ? (
          <code className="muted">
            {' '}
            <Outside>{id.length > 24 ? shortAddress(id) : id}</Outside>
          </code>
        ) : null}
      </span>{' '}
      {simulated ? <SimulatedChip /> : null}{' '}
      {kind === 'case' ? null : (
        <span className="hit-detail">
          <Outside>{detail}</Outside>
        </span>
      )}
    </span>
  );
}
