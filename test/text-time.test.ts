import { describe, expect, it } from 'vitest';
import { claimTokens } from '../src/agent/claims/tokens.ts';
import { checkClaims, collectKnown } from '../src/agent/claims/claims.ts';
import { csvLine } from '../src/agent/evidence/csv.ts';
import { renderValue } from '../src/agent/evidence/render.ts';
import { createEvidenceStore } from '../src/agent/evidence/store.ts';
import { valuesInTexts } from '../src/agent/claims/known-values.ts';
import { namedHosts } from '../src/agent/policy/link-hosts.ts';
import { expandPlaceholders } from '../src/agent/evidence/placeholders.ts';
import { plainDigits } from '../src/agent/claims/normalize-digits.ts';
import { fillText } from '../src/agent/runbook/binding.ts';
import { parseRunbook } from '../src/agent/runbook/runbook.ts';
import { findInvisible, showInvisible } from '../src/agent/untrusted-text.ts';
import { inertMarkdown } from '../src/sessions/inert-markdown.ts';
import { cutToWidth, displayWidth, printable, wrapText } from '../src/terminal/text-layout.ts';
import { showInvisible as showInPanel, showReordering } from '../src/webview/format/invisible.ts';
import { asNumber } from '../src/chat/order-rows.ts';
import { oneLine } from '../src/webview/format/value.ts';
import { nextBlocks } from '../src/webview/markdown/blocks.ts';
import { highlight } from '../src/webview/markdown/highlight.ts';
import { disguisedHost, fileTarget, linkTarget } from '../src/webview/markdown/targets.ts';
import { isCredentialFile } from '../src/workspace/credential-files.ts';
import { globToIgnore } from '../src/workspace/file-rules.ts';
import { splitLines } from '../src/workspace/files.ts';
import { parseIgnoreRules, splitRules } from '../src/workspace/ignore-rules.ts';
import { createRedactor, redactJson } from '../servers/contract/redact.ts';
import { markdownToAdf } from '../servers/jira/adf/from-markdown.ts';
import type { AdfDocument } from '../servers/jira/adf/document.ts';
import { adfToMarkdown } from '../servers/jira/adf/to-markdown.ts';
import { tellingWords } from '../servers/jira/issue/fingerprint.ts';
import { adfToWiki } from '../servers/jira/wiki/from-adf.ts';
import { wikiToMarkdown } from '../servers/jira/wiki/to-markdown.ts';
import { findInvisible as findInFile } from '../servers/kit/invisible.ts';
import { cleanText } from '../servers/kit/outgoing-text.ts';
import { findPersonalData } from '../servers/kit/personal-data.ts';
import { locate } from '../servers/postgres/connection/to-tool-error.ts';
import { toMarkdown } from '../servers/slack/format/markdown-out.ts';
import { toBlocks } from '../servers/slack/format/markdown-to-blocks.ts';
import { plainText } from '../servers/slack/format/blocks-to-text.ts';
import { readableText } from '../servers/slack/format/read-markup.ts';
import { cutText, toMessages } from '../servers/slack/format/split-messages.ts';

/**
 * What a stranger may write many times: whatever begins something and does not end it, separators, marks, numbers,
 * and the beginnings of what is looked for.
 */
const pieces = [
  ['a', '1', '-1', '1.', '1,', '$1', '1:', '1h', 'é', 'e\u0301', '\u0301', '\uFF11', '\uD800', '\u00A0', '\u200D'],
  ['\u202E', '\uFE0F', '\u{1F468}\u200D', '<', '>', '<a', '<@', '<!', '<a|', '&', '&lt;', '[', '](', '[a](', '![', '['],
  ['*', '**', '_', '__', '*a ', '~~', '`', '``', '```\n', '|', '| ', '|a', '||\n', '|-|\n', '\\', '\\|', '# ', '#a '],
  ['- ', '- a\n', '1. ', '  - a\n', '> ', '>a\n', '\n', '\r', '\t', ' ', '. ', '.', 'a.', 'a.b', 'a-', '-', '@', 'a@'],
  ['a@a.', '+1', '(', '{', '}', '{{', '{{E1', '{{a}}', '{"', '"', "'", '="', '/', '//', 'a/', 'http://', 'https://a'],
  ['mailto:', 'www.', ':', ':a:', ';', '=', '%', '%2', 'e', 'one ', 'twenty-', 'hundred and ', 'xoxb-', 'sk-ant-'],
  ['eyJa.', 'AKIA', '-----BEGIN ', 'DE12', '4111 ', '4111111111111111 ', 'h1. ', '{code}', '{code:', '{code:a}'],
  [
    '{noformat}',
    '{quote}',
    '{panel:a}',
    '{panel',
    'bq. ',
    '[a|',
    '[~',
    '!a',
    '\n\n',
    'a\n\n',
    '\n    ',
    '<b>',
    '<!--',
    '<!--\n',
    '<details>\n',
  ],
  ['[^1]:', '[a]: b\n', '\n---\n', '\n===\n', '/*', '`${', '/a', 'f(', '"a":', '"\\', 'r"', '$(', '@@ ', '&a ', '!!'],
].flat();

const noNames = new Map<string, string>();
const nothing = collectKnown({ evidence: [], texts: [] });
const redact = createRedactor(['a-secret-of-ours']);
const evil = linkTarget('https://evil.test/');
const languages = ['bash', 'diff', 'javascript', 'json', 'python', 'sql', 'typescript', 'yaml'];

type Run = (text: string) => unknown;

/** Some hundred bytes take a parser of Markdown as long as a simple search a megabyte: it gets less. */
const light: Readonly<Record<string, Run>> = {
  showInvisible,
  findInvisible,
  csvLine: (text) => csvLine([text]),
  'renderValue in Markdown': (text) => renderValue(text, 'markdown'),
  'renderValue in code': (text) => renderValue(text, 'code'),
  namedHosts: (text) => namedHosts([text], []),
  fillText: (text) => fillText(text, () => 'x'),
  parseRunbook: (text) => parseRunbook(`---\nname: x\ntitle: t\n---\n${text}`, 'x.md'),
  'parseRunbook, front matter': (text) => parseRunbook(`---\n${text.slice(0, 2000)}\n---\n${text}`, 'x.md'),
  expandPlaceholders: (text) => expandPlaceholders({ text }, createEvidenceStore()),
  inertMarkdown,
  splitLines,
  'rules of .gitignore': (text) => parseIgnoreRules(splitRules(text)).verdict('src/a.ts', false, { steps: 0 }),
  isCredentialFile,
  globToIgnore,
  'showInvisible in the panel': showInPanel,
  showReordering,
  oneLine,
  asNumber,
  linkTarget,
  'linkTarget of an address': (text) => linkTarget(`https://${text}`),
  fileTarget,
  disguisedHost: (text) => (evil === undefined ? undefined : disguisedHost(text, evil)),
  readableText: (text) => readableText(text, noNames),
  wikiToMarkdown,
  tellingWords,
  cleanText,
  'findInvisible in a file': findInFile,
  findPersonalData,
  redact,
  redactJson: (text) => redactJson(JSON.stringify(text), redact),
  locate: (text) => locate(text, text.length),
};

const heavy: Readonly<Record<string, Run>> = {
  plainDigits,
  claimTokens,
  checkClaims: (text) => checkClaims(text, nothing),
  valuesInTexts: (text) => valuesInTexts([{ label: 'prompt', text }]),
  printable,
  displayWidth,
  cutToWidth: (text) => cutToWidth(text, 50),
  wrapText: (text) => wrapText(text, 80),
  nextBlocks: (text) => nextBlocks([], text),
  ...Object.fromEntries(languages.map((name) => [`highlight ${name}`, (text: string) => highlight(text, name)])),
  toBlocks,
  'toBlocks and back': (text) => toMarkdown(toBlocks(text)),
  'plainText of blocks': (text) => plainText(toBlocks(text)),
  toMessages: (text) => toMessages(toBlocks(text)),
  cutText: (text) => cutText(text, 3000),
  markdownToAdf: (text) => markdownToAdf(text),
  'adfToMarkdown and back': (text) => adfToMarkdown(markdownToAdf(text)),
  adfToWiki: (text) => adfToWiki(markdownToAdf(text)),
  'text of Slack': (text) =>
    toMarkdown([{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }]),
  'adfToMarkdown of a text': (text) => adfToMarkdown(paragraph(text)),
  'adfToWiki of a text': (text) => adfToWiki(paragraph(text)),
};

function paragraph(text: string): AdfDocument {
  const marks = [{ type: 'strong' }];
  return { version: 1, type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text, marks }] }] };
}

/** A long row of white space between words. */
const spaces = [' ', '\t', '\n', ' \n', '\u00A0'];

function steepSpaces(run: Run, length: number): string[] {
  return spaces.filter((space) => growth(run, (size) => `a${repeated(space, size)}b`, length) >= maxRatio);
}

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

/** Of the processor, not of the clock: another process that is busy does not count. Milliseconds. */
function cost(run: Run, text: string): number {
  const before = process.cpuUsage();
  run(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const factor = 4;
/** Linear is 4 and quadratic 16. Times near the resolution and the collector of garbage say nothing. */
const maxRatio = 9;
const minMilliseconds = 40;
const attempts = 5;

/** The ratio of two sizes, the least of several measurements; 0 where the larger one takes next to nothing. */
function growth(run: Run, make: (length: number) => string, length: number): number {
  const [small, large] = [make(length), make(length * factor)];
  let [least, most] = [Infinity, Infinity];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    most = Math.min(most, cost(run, large));
    if (most < minMilliseconds) return 0;
    least = Math.min(least, cost(run, small));
    if (most / least < maxRatio) return most / least;
  }
  return most / least;
}

/** Each piece in a run of its own, one after the other. */
function mixed(length: number): string {
  return pieces
    .map((piece) => repeated(piece, Math.ceil(length / pieces.length)))
    .join('')
    .slice(0, length);
}

const kilobyte = 1024;

// On a machine with other work to do a function may wait long for its turn: that says nothing.
describe('time grows with the text, whatever is in it', { timeout: 300_000 }, () => {
  it.each(Object.entries(light))('%s', (_name, run) => {
    const steep = pieces.filter((piece) => growth(run, (length) => repeated(piece, length), 32 * kilobyte) >= maxRatio);
    expect(steep).toEqual([]);
    expect(steepSpaces(run, 16 * kilobyte)).toEqual([]);
    expect(growth(run, mixed, 64 * kilobyte)).toBeLessThan(maxRatio);
  });

  it.each(Object.entries(heavy))('%s', (_name, run) => {
    const steep = pieces.filter((piece) => growth(run, (length) => repeated(piece, length), 4 * kilobyte) >= maxRatio);
    expect(steep).toEqual([]);
    expect(steepSpaces(run, 16 * kilobyte)).toEqual([]);
    expect(growth(run, mixed, 64 * kilobyte)).toBeLessThan(maxRatio);
  });

  it('and what grows faster is seen', () => {
    const quadratic = (text: string): unknown => /(?:a+b)|(?:a*c)$/u.exec(text);
    expect(growth(quadratic, (length) => repeated('a', length), 3 * kilobyte)).toBeGreaterThanOrEqual(maxRatio);
  });
});
