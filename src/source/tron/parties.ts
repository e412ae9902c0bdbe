import { addressOfHex, addressOfWord } from './address.ts';
import { FIELDS } from './contract.ts';
import type { InfoAnswer } from './schema.ts';
import type { TronTransaction } from './transaction.ts';

/** Addresses that a transaction or its record names: owner, receiver, contract, entries inside contracts, emitters and topics of logs. */
export function partiesOf(
  executed: readonly { readonly tx: TronTransaction; readonly info: InfoAnswer | null }[],
): (tx: string) => readonly string[] {
  const byId = new Map(executed.map((each) => [each.tx.id, each]));
  return (id) => {
    const found = byId.get(id);
    if (found === undefined) return [];
    const { tx, info } = found;
    const fields = FIELDS[tx.type] ?? {};
    const named = [fields.to_address, fields.contract_address].map((field) =>
      field === undefined ? null : addressOfHex(tx.value.hex(field)),
    );
    const recorded = [
      addressOfHex(info?.contract_address ?? ''),
      ...(info?.internal_transactions ?? []).flatMap((entry) => [
        addressOfHex(entry.caller_address),
        addressOfHex(entry.transferTo_address),
      ]),
      ...(info?.log ?? []).flatMap(({ address, topics }) => [
        addressOfHex(address.length === 40 ? `41${address}` : address),
        ...topics.slice(1).map((topic) => (/^0{24}/.test(topic) ? addressOfWord(topic) : null)),
      ]),
    ];
    return [...new Set([tx.owner, ...named, ...recorded])].filter((address) => address !== null);
  };
}
