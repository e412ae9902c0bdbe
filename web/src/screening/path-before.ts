interface WithPath {
  readonly path: { readonly steps: readonly unknown[] } | null;
}

/** The same path, payment by payment, stands at a reason before this one. */
export function hasPathBefore(reasons: readonly WithPath[], at: number): boolean {
  const path = JSON.stringify(reasons[at]?.path?.steps);
  return path !== undefined && reasons.slice(0, at).some((before) => JSON.stringify(before.path?.steps) === path);
}
