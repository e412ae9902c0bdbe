import type { ReactNode } from 'react';
import { formatAmount } from '../../../src/base/money.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, shareText } from '../format/amount.ts';
import { timeText } from '../format/time.ts';
import { caseWords } from '../messages/case.ts';
import { Address, Outside, SimulatedChip } from '../parts/text.tsx';
import { HoldDialog as DrawHold } from '../screening/HoldDialog.tsx';
import type { CaseScene, CaseService } from './case-data.ts';

type HoldProps = CaseScene & { readonly service: CaseService; readonly onClose: () => void };

/** A hold notice for a service that the loot reached: every field is filled in from the case and can be changed. */
export function HoldDialog(props: HoldProps): ReactNode {
  const words = useWords(caseWords);
  const { view, theft, service, onClose } = props;
  const method = methodFor(props);
  const filled = useFilled(props, method);
  const { chain, address, asset, decimals, symbol } = service;
  return (
    <DrawHold
      source={{ case: { id: view.id, theft: theft.id, method, chain, address, asset } }}
      what={{ address, amount: null, decimals, symbol, asset }}
      filled={filled}
      amountLeft={words.amountHint(words.methods[method] ?? method)}
      about={
        <p>
          {words.holdAbout} <Address chain={chain} address={address} name={service.name} /> <Outside>{chain}</Outside>{' '}
          {view.simulated ? <SimulatedChip /> : null}
        </p>
      }
      onClose={onClose}
    />
  );
}

/** Poison has no amounts, so no notice can rest on it; nor on a method that did not reach the service. */
function methodFor({ theft, method, service }: HoldProps): string {
  const reached = (name: string): boolean => BigInt(service.units[name] ?? 0) > 0n;
  if (method.conserves && reached(method.name)) return method.name;
  return theft.methods.find(({ name, conserves }) => conserves && reached(name))?.name ?? method.name;
}

function useFilled(props: HoldProps, method: string) {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const { view, theft, service } = props;
  const units = service.units[method] ?? '0';
  const time = (iso: string): string => timeText(iso).utc;
  return {
    name: service.name ?? '',
    amount: amountFor(props, method),
    statement: words.draftStatement({
      theft: visibleText(theft.title),
      stolen: `${amountText(theft.stolen, theft.decimals, language).exact} ${visibleText(theft.symbol)}`,
      stolenAt: time(theft.time),
      method: words.methods[method] ?? method,
      rule: words.rules[method] ?? '',
      reached: `${amountText(units, theft.decimals, language).exact} ${visibleText(theft.symbol)}`,
      share: shareText(units, theft.stolen),
      first: time(service.firstTime),
      last: time(service.lastTime),
      payments: service.transfers.length,
      address: visibleText(service.address),
      chain: service.chain,
      caseId: view.id,
      digest: view.digest,
      simulated: view.simulated,
    }),
    legalBasis: words.draftLegalBasis,
  };
}

/** What reached the service by this method, as the field takes it; empty where the case says it in another asset only: then the server fills it in. */
function amountFor({ theft, service }: HoldProps, method: string): string {
  const leads = theft.methods.find(({ name, conserves }) => conserves && BigInt(service.units[name] ?? 0) > 0n)?.name;
  const units = service.asset === theft.asset ? service.units[method] : leads === method ? service.amount : undefined;
  if (units === undefined) return '';
  return service.decimals === null ? units : formatAmount(BigInt(units), service.decimals);
}
