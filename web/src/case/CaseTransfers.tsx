import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { caseWords } from '../messages/case.ts';
import { Fault, Loading } from '../parts/state.tsx';
import { Address, Amount, Outside, Time, Transaction } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { useWorth } from '../server/prices.ts';
import type { CaseScene, CaseTransfer } from './case-data.ts';

interface Wish {
  readonly chain: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
}

const PAGE = 25;

/** The movements of the evidence behind a place or an edge, page by page. */
export function CaseTransfers({ view, theft, method, wish }: CaseScene & { readonly wish: Wish }): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const [touched, setTouched] = useState(true);
  const query = useInfiniteQuery({
    queryKey: ['case', view.id, 'transfers', theft.id, wish, touched],
    queryFn: ({ pageParam, signal }) =>
      api.listCaseTransfers(
        {
          params: { id: view.id },
          query: {
            theft: theft.id,
            ...wish,
            touched: touched ? 'true' : 'false',
            limit: PAGE,
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 300_000,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  return (
    <section className="transfers" aria-label={words.transactions}>
      <div className="row-of spread">
        <h3>
          {words.transactions}{' '}
          {query.data === undefined ? null : <span className="count">{countText(total, language)}</span>}
        </h3>
        <label className="no-print">
          <input type="checkbox" checked={touched} onChange={(event) => setTouched(event.target.checked)} />{' '}
          {words.onlyTainted}
        </label>
      </div>
      {query.error === null ? null : <Fault error={query.error} />}
      {query.data === undefined && query.error === null ? <Loading /> : null}
      {query.data !== undefined && items.length === 0 ? <p className="muted">{words.noTransactions}</p> : null}
      <ol className="transfer-list">
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows may repeat, and pages are only added to
          <li key={index}>
            <OneTransfer item={item} theft={theft} method={method.name} about={wish.address ?? null} />
          </li>
        ))}
      </ol>
      {query.hasNextPage ? (
        <button
          type="button"
          className="no-print"
          disabled={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {words.moreOf(countText(total - items.length, language))}
        </button>
      ) : null}
    </section>
  );
}

function OneTransfer({
  item,
  theft,
  method,
  about,
}: {
  readonly item: CaseTransfer;
  readonly theft: CaseScene['theft'];
  readonly method: string;
  readonly about: string | null;
}): ReactNode {
  const words = useWords(caseWords);
  const tainted = item.tainted[method];
  const worth = useWorth(item.asset, item.time, item.amount, item.decimals);
  const [fromIt, toIt] = [isOf(item.from, about), isOf(item.to, about)];
  return (
    <>
      <p className="row-of spread">
        <Time time={item.time} />
        <Transaction chain={item.chain} tx={item.tx} />
      </p>
      <p className="row-of spread">
        <span className="ways">
          {fromIt ? (
            <span>{toIt ? words.toItself : words.paidOut}</span>
          ) : (
            <Payer chain={item.chain} from={item.from} />
          )}
          <span aria-hidden="true">→</span>
          {toIt ? (
            <span>{fromIt ? null : words.paidIn}</span>
          ) : item.to === null ? (
            words.outside
          ) : (
            <Address chain={item.chain} address={item.to} />
          )}
        </span>
        <Amount units={item.amount} decimals={item.decimals} symbol={item.symbol} usd={worth} />
      </p>
      <p className="tainted">
        {tainted === undefined || tainted === '0' ? (
          <span className="muted">
            {method === 'poison' && tainted !== undefined ? words.touchedByIt : words.nothingOfIt}
          </span>
        ) : (
          <>
            {words.ofIt} <Amount units={tainted} decimals={theft.decimals} symbol={theft.symbol} />
          </>
        )}{' '}
        <span className="muted" title={words.rowOfFile}>
          <Outside>{item.sourceFile}</Outside>:{item.sourceRow}
        </span>
      </p>
    </>
  );
}

/** Inputs of a UTXO transaction are joined by a bar. */
function Payer({ chain, from }: { readonly chain: string; readonly from: string | null }): ReactNode {
  const words = useWords(caseWords);
  if (from === null) return <span className="muted">{words.outside}</span>;
  const [first = '', ...others] = from.split('|');
  return (
    <span>
      <Address chain={chain} address={first} />
      {others.length === 0 ? null : <span className="muted">{words.andOthers(others.length)}</span>}
    </span>
  );
}

function isOf(joined: string | null, about: string | null): boolean {
  return about !== null && (joined ?? '').split('|').includes(about);
}
