/** An SQL identifier. The only way a name of a column enters a statement here. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL text literal, for table functions whose arguments cannot be bound (names of columns, one file among several). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
