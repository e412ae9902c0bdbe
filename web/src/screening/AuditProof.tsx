import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { signedHeadSchema } from '../../../src/access/signed-head.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { auditWords } from '../messages/audit.ts';
import { download } from '../parts/download.ts';
import { useSaid } from '../parts/said.tsx';
import { Fault, Loading } from '../parts/state.tsx';
import { Chip, Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { FilePick } from './FilePick.tsx';

type Head = Awaited<ReturnType<typeof api.signAuditHead>>;

/** Whether the log is whole, alone or against a head that was kept elsewhere, and a head to keep. */
export function AuditProof(): ReactNode {
  const words = useWords(auditWords);
  const [refused, setRefused] = useState(false);
  const verify = useMutation({
    mutationFn: (head: Head | null) => api.verifyAudit({ body: head === null ? {} : { head } }),
  });
  const sign = useMutation({
    mutationFn: () => api.signAuditHead(),
    onSuccess: (head) =>
      download(`haetae-audit-head-${head.seq}.json`, `${JSON.stringify(head)}\n`, 'application/json'),
  });
  const against = async (file: File): Promise<void> => {
    const head = await readHead(file);
    setRefused(head === null);
    if (head !== null) verify.mutate(head);
  };
  return (
    <section className="panel no-print" aria-label={words.verify}>
      <div className="row-of">
        <button type="button" className="primary" disabled={verify.isPending} onClick={() => verify.mutate(null)}>
          {words.verify}
        </button>
        <FilePick label={`${words.against} …`} accept=".json" onFile={(file) => void against(file)} />
        <button type="button" disabled={sign.isPending} onClick={() => sign.mutate()}>
          {words.headFile}
        </button>
      </div>
      <p className="muted">
        {words.verifyWhy} {words.headWhy}
      </p>
      {verify.isPending ? <Loading what={words.verifying} /> : null}
      <Outcome result={verify.data} />
      {refused ? (
        <p className="fault" role="alert">
          {words.notAHead}
        </p>
      ) : null}
      {verify.error === null ? null : <Fault error={verify.error} />}
      {sign.error === null ? null : <Fault error={sign.error} />}
    </section>
  );
}

function Outcome({ result }: { readonly result: Awaited<ReturnType<typeof api.verifyAudit>> | undefined }): ReactNode {
  const words = useWords(auditWords);
  const { language } = useSettings();
  const said = useSaid('audit');
  if (result === undefined) return <div role="status" />;
  const { ok, entries, verdicts, firstFault } = result;
  return (
    <div role="status">
      <Chip tone={ok ? 'good' : 'bad'}>
        {ok ? words.whole(countText(entries, language), countText(verdicts, language)) : words.broken}
      </Chip>
      {firstFault === null ? null : (
        <p className="fault">
          <Outside>{words.fault(countText(firstFault.seq, language), said(firstFault.what))}</Outside>
        </p>
      )}
    </div>
  );
}

const MAX_BYTES = 10_000;

async function readHead(file: File): Promise<Head | null> {
  if (file.size > MAX_BYTES) return null;
  try {
    return signedHeadSchema.parse(JSON.parse(await file.text()));
  } catch {
    return null;
  }
}
