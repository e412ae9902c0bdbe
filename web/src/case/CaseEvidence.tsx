import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { bytesText } from '../format/bytes.ts';
import { chainOf } from '../format/new-case.ts';
import { caseWords } from '../messages/case.ts';
import { Said } from '../parts/said.tsx';
import { Answer } from '../parts/state.tsx';
import { Address, Copied, Outside, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { type CaseScene, type CaseView, downloadOf } from './case-data.ts';

/** What the case rests on, and how anybody checks it. */
export function CaseEvidence({ view, theft }: CaseScene): ReactNode {
  const words = useWords(caseWords);
  return (
    <div className="evidence">
      <section className="panel">
        <h2>{words.verifyTitle}</h2>
        <p>{words.verifyHow}</p>
        <p>
          <Copied value={`haetae verify ${view.id}.zip --expect ${view.digest}`} title={view.digest}>
            <code className="command">{`haetae verify ${view.id}.zip --expect ${view.digest}`}</code>
          </Copied>
        </p>
        <a className="button no-print" href={downloadOf(view.id, 'bundle')} download={`${view.id}.zip`}>
          {words.exports.bundle}
        </a>
      </section>
      <Files view={view} />
      <Signatures view={view} theft={theft} />
      <Sources view={view} theft={theft} />
      <Warnings view={view} />
    </div>
  );
}

function Files({ view }: { readonly view: CaseView }): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const files = useQuery({
    queryKey: ['case', view.id, 'files'],
    queryFn: ({ signal }) => api.listCaseFiles({ params: { id: view.id } }, { signal }),
  });
  return (
    <section className="panel">
      <h2>{words.files}</h2>
      <Answer query={files}>
        {(data) => (
          <table className="plain-table">
            <caption className="unseen">{words.files}</caption>
            <thead>
              <tr>
                <th scope="col">{words.file}</th>
                <th scope="col" className="right">
                  {words.size}
                </th>
                <th scope="col">{words.what}</th>
              </tr>
            </thead>
            <tbody>
              {data.files.map((file) => (
                <tr key={file.name}>
                  <td>
                    <a href={downloadOf(view.id, `files/${encodeURIComponent(file.name)}`)} download={file.name}>
                      <Outside>{file.name}</Outside>
                    </a>
                  </td>
                  <td className="right" title={`${file.bytes}`}>
                    {bytesText(file.bytes, language)}
                  </td>
                  <td className="muted">{words.filesWhat[file.name] ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
    </section>
  );
}

const MOST_ADDRESSES = 6;

function Signatures({ view, theft }: Pick<CaseScene, 'view' | 'theft'>): ReactNode {
  const words = useWords(caseWords);
  // A signature names no chain: it is one of those of the case, told by the form of the address.
  const seeds = theft.seeds.map(({ chain }) => chain);
  const chains = [...new Set([...seeds, ...Object.keys(view.assets).map((asset) => asset.split('/', 1)[0] ?? '')])];
  const chainFor = (address: string): string => chainOf([address], chains) ?? seeds[0] ?? '';
  return (
    <section className="panel">
      <h2>
        {words.signatures} <span className="count">{view.signatures.length}</span>
      </h2>
      {view.signatures.length === 0 ? <p className="muted">{words.noSignatures}</p> : null}
      <ul className="signatures">
        {view.signatures.map((signature) => (
          <li key={`${signature.id} ${signature.firstTime} ${signature.addresses[0] ?? ''}`}>
            <h3>
              {visibleText(signature.id)} <Said kind="signature">{signature.name}</Said>
            </h3>
            <p>
              <Said kind="signature">{signature.summary}</Said>
            </p>
            <dl className="facts">
              <dt>{words.when}</dt>
              <dd>
                <Time time={signature.firstTime} /> – <Time time={signature.lastTime} />
              </dd>
              <dt>{words.addresses}</dt>
              <dd className="row-of">
                {signature.addresses.slice(0, MOST_ADDRESSES).map((address) => (
                  <Address key={address} chain={chainFor(address)} address={address} />
                ))}
                {signature.addresses.length > MOST_ADDRESSES ? (
                  <span className="muted">{words.andOthers(signature.addresses.length - MOST_ADDRESSES)}</span>
                ) : null}
              </dd>
              {Object.entries(signature.evidence).map(([name, value]) => (
                <FigureOf key={name} kind="signature" name={name} value={value} />
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}

function FigureOf({
  kind,
  name,
  value,
}: {
  readonly kind: 'signature' | 'option';
  readonly name: string;
  readonly value: string;
}): ReactNode {
  return (
    <>
      <dt>
        <Said kind={kind}>{name}</Said>
      </dt>
      <dd>
        <Said kind={kind}>{value}</Said>
      </dd>
    </>
  );
}

function Sources({ view, theft }: Pick<CaseScene, 'view' | 'theft'>): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  return (
    <section className="panel">
      <h2>{words.sources}</h2>
      {theft.sources.length === 0 ? null : (
        <>
          <h3>{words.theftSources}</h3>
          <ul>
            {theft.sources.map((source) => (
              <li key={source}>
                <Outside>{source}</Outside>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{words.dataUsed}</h3>
      {view.sources.map((source, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: batches may be alike, and their order does not change
        <div key={index} className="source">
          <p>
            <Outside>{source.preset}</Outside> · <Outside>{source.chain}</Outside> ·{' '}
            {words.rows(countText(source.rowsKept, language), countText(source.rowsRead, language))}
          </p>
          <ul>
            {source.files.map((file) => (
              <li key={`${file.name} ${file.sha256}`}>
                <Outside>{file.name}</Outside>{' '}
                <Copied value={file.sha256} title={`SHA-256 ${file.sha256}`}>
                  <code className="sha">{file.sha256}</code>
                </Copied>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Warnings({ view }: { readonly view: CaseView }): ReactNode {
  const words = useWords(caseWords);
  return (
    <section className="panel">
      <h2>{words.warnings}</h2>
      {view.warnings.length === 0 ? <p className="muted">{words.noWarnings}</p> : null}
      <ul>
        {view.warnings.map((warning) => (
          <li key={warning}>
            <Said kind="warning">{warning}</Said>
          </li>
        ))}
      </ul>
      <h3>{words.options}</h3>
      <dl className="facts">
        {Object.entries(view.options).map(([name, value]) => (
          <FigureOf key={name} kind="option" name={name} value={value} />
        ))}
      </dl>
    </section>
  );
}
