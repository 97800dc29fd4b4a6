/** The languages that Jira's {code} supports. For any other, Jira shows an error instead of the code. */
const known = new Set(
  `actionscript ada applescript bash c c# c++ cpp css erlang go groovy haskell html java javascript js json lua none objc
  perl php python r ruby scala sh sql swift visualbasic xml yaml`.split(/\s+/),
);

const alike: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bash: 'shell zsh ksh console shellsession terminal',
    'c#': 'cs csharp',
    cpp: 'cc cxx h hpp',
    go: 'golang',
    groovy: 'gradle',
    haskell: 'hs',
    html: 'htm xhtml vue svelte',
    javascript: 'ts typescript tsx jsx mjs cjs node',
    json: 'jsonc json5 jsonl',
    objc: 'objective-c objectivec',
    perl: 'pl',
    php: 'php5',
    python: 'py python3',
    ruby: 'rb',
    sql: 'psql postgres postgresql pgsql plpgsql mysql sqlite plsql tsql',
    visualbasic: 'vb vbnet',
    xml: 'svg xsd xsl pom',
    yaml: 'yml',
  }).flatMap(([language, names]) => names.split(' ').map((name) => [name, language] as const)),
);

/** Jira's name for the language after a fence, which may be followed by other info; undefined if there is none. */
export function wikiLanguage(info: string): string | undefined {
  const [name = ''] = info
    .trim()
    .toLowerCase()
    .split(/[\s{,:]/);
  return known.has(name) ? name : alike.get(name);
}
