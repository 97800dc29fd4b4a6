declare module 'markdown-it-emoji/lib/data/full.mjs' {
  /** Characters by the names that GitHub gives them. */
  const names: Readonly<Record<string, string>>;
  export default names;
}
