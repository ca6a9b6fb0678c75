/** What gives a value that is made when it is first asked for: what takes long, or what few need, isn't for the start. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
