import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { holdsWords } from '../messages/holds.ts';
import { OrganisationForm, useOrganisation } from './organisation-form.tsx';
import { Outside } from './text.tsx';

/** Who a notice will be from. Where nobody is named: the place to name them, or whom to ask. */
export function NoticeFrom(): ReactNode {
  const words = useWords(holdsWords);
  const mayName = useMay('keys');
  const own = useOrganisation();
  const [wasNamed, setWasNamed] = useState(false);
  if (own.data === undefined) return null;
  const { organisation } = own.data;
  if (organisation !== null) return <Named {...organisation} focused={wasNamed} />;
  return (
    <section className="notice-warn" aria-label={words.nobodyNamed}>
      <p>
        <span aria-hidden="true">▲ </span>
        <strong>{words.nobodyNamed}</strong> {mayName ? words.nameThem : words.askWhom}
      </p>
      {mayName ? <OrganisationForm own={own.data} onDone={() => setWasNamed(true)} /> : null}
    </section>
  );
}

/** `focused`: the form that was here had the focus. */
function Named({
  name,
  contact,
  focused,
}: {
  readonly name: string;
  readonly contact: string;
  readonly focused: boolean;
}): ReactNode {
  const words = useWords(holdsWords);
  const ref = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (focused) ref.current?.focus();
  }, [focused]);
  return (
    <p ref={ref} tabIndex={-1} role="status" className="notice-from">
      <span className="muted">{words.noticeFrom}</span>{' '}
      <strong>
        <Outside>{name}</Outside>
      </strong>{' '}
      <span className="muted">· {words.answersTo}</span> <Outside>{contact.replaceAll('\n', ', ')}</Outside>
    </p>
  );
}
