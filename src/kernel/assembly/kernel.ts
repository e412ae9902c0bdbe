/** What kernel.wasm exports. Numbers that are pointers are addresses in its memory, which the caller lays out behind the chunk (see chunk.ts). */
export { adjoint, keptRows } from './adjoint';
export { balances } from './balances';
export { sink } from './chunk';
export {
  backward16,
  backward8,
  backwardAny,
  configureExposure,
  forward16,
  forward8,
  forwardAny,
  smallRows,
} from './exposure';
export { taint } from './taint';
export {
  compress,
  refusedUnions,
  unionGroups,
  unionGroupsGuarded,
  unionPairs,
  unionPairsGuarded,
} from './union-find';
