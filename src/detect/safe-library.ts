/**
 * Libraries that Safes delegatecall every day to do several calls at once. Source: safe-global/safe-deployments, src/assets
 * (v1.1.1, v1.3.0 canonical and eip155, v1.4.1: multi_send.json, multi_send_call_only.json). An address means the same on every chain
 * where it holds code, since all were deployed by a deterministic factory. MultiSend may itself delegatecall on: such inner calls
 * come as signals of their own where the source has traces. SignMessageLib and migrations are left out on purpose: they change rights.
 */
export const SAFE_LIBRARIES: ReadonlyMap<string, string> = new Map([
  ['0x8d29be29923b68abfdd21e541b9374737b49cdad', 'MultiSend 1.1.1'],
  ['0xa238cbeb142c10ef7ad8442c6d1f9e89e07e7761', 'MultiSend 1.3.0'],
  ['0x998739bfdaadde7c933b942a68053933098f9eda', 'MultiSend 1.3.0 (eip155)'],
  ['0x40a2accbd92bca938b02010e17a5b8929b49130d', 'MultiSendCallOnly 1.3.0'],
  ['0xa1dabef33b3b82c7814b6d82a79e50f4ac44102b', 'MultiSendCallOnly 1.3.0 (eip155)'],
  ['0x38869bf66a61cf6bdb996a6ae40d5853fd43b526', 'MultiSend 1.4.1'],
  ['0x9641d764fc13c8b624c04430c7356c1c7c8102e2', 'MultiSendCallOnly 1.4.1'],
]);
