import type { AssetId } from '../../model/asset.ts';
import type { AuthoritySignal } from '../chain-source.ts';

/** A signal without the place it was found in. */
export interface SignalFacts {
  readonly kind: AuthoritySignal['kind'];
  readonly account: string;
  readonly grantee?: string | null;
  readonly asset?: AssetId;
  readonly amount?: bigint;
}
