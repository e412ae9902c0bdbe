import type { AssetId } from '../../model/asset.ts';
import type { AuthorityChange } from '../../model/authority.ts';

/** A signal without the place it was found in. */
export interface SignalFacts {
  readonly kind: AuthorityChange['kind'];
  readonly account: string;
  readonly grantee?: string | null;
  readonly asset?: AssetId;
  readonly amount?: bigint;
}
