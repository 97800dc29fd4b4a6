declare module 'markdown-it-emoji/lib/data/full.mjs' {
  /** Emoji characters by GitHub's names for them. */
  const names: Readonly<Record<string, string>>;
  export default names;
}
