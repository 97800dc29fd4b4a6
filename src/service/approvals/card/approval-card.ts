import type { Block, Inline, RichText } from '../../../../servers/slack/format/blocks.ts';
import { escapeMarkup } from '../../../../servers/slack/format/blocks-to-text.ts';
import type { ApprovalRequest } from '../../../agent/approval.ts';
import { showInvisible } from '../../../agent/untrusted-text.ts';
import { digestOf, type WaitingWrite } from '../waiting-write.ts';
import { actions, writeActionValue } from './action-value.ts';
import { flaggedText, section, shownText } from './shown-text.ts';

interface Button {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: { readonly type: 'plain_text'; readonly text: string };
  readonly style?: 'primary' | 'danger';
  readonly value?: string;
  readonly url?: string;
}

export type CardBlock =
  | Block
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly Button[] };

export interface Card {
  /** For notifications. */
  readonly text: string;
  readonly blocks: readonly CardBlock[];
}

/** Pages of the service. */
export interface Links {
  /** With all that is sent, however long, and a form to answer. */
  readonly question: (write: WaitingWrite) => string;
  readonly record: (write: WaitingWrite) => string;
}

/** What Slack shows of one message, with a margin (bolt-js#2509: about 13,200), and of a block. */
const limits = { characters: 9_000, blocks: 30, header: 150 } as const;

const stateWords = {
  waiting: 'Approve?',
  approved: 'Approved:',
  denied: 'Denied:',
  expired: 'Not answered:',
  withdrawn: 'Asked again:',
} as const;

/** A waiting write as a message: everything that the card in the editor shows. Without text that Slack would interpret. */
export function approvalCard(write: WaitingWrite, links: Links | undefined): Card {
  const { request, state } = write;
  const { preview, tool } = request;
  const title = showInvisible(preview?.title ?? tool.title);
  const head = `${stateWords[state]} ${title}`;
  const body = bodyOf(write);
  const shown = body === undefined ? shortened(write) : write;
  return {
    text: escapeMarkup(`${head} → ${preview?.destination.name ?? tool.server}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(head, limits.header) } },
      where(write),
      ...fields(shown),
      ...(body === undefined
        ? [section([bold('It is too long for a message in Slack. Open it to read and approve it.')])]
        : [{ type: 'divider' as const }, ...body, { type: 'divider' as const }]),
      notes(shown),
      ...(state === 'waiting' ? [who(write), buttons(write, links, body !== undefined)] : [outcome(write)]),
    ],
  };
}

/** undefined if Slack could not show all of the card. */
function bodyOf({ request }: WaitingWrite): readonly Block[] | undefined {
  const { preview } = request;
  if (preview === undefined || lengthOf(request) > limits.characters) return undefined;
  const { body, parts = [body] } = preview;
  const blocks = parts.flatMap((part) => shownText(part, flaggedIn(request)));
  const isTooMuch = blocks.length > limits.blocks || blocks.filter(({ type }) => type === 'table').length > 1;
  return isTooMuch ? undefined : blocks;
}

/** Of everything that differs from card to card. */
function lengthOf({ preview, warnings, reasons, claims = [] }: ApprovalRequest): number {
  const { title = '', body = '', parts = [body], fields: set = [], duplicates = [] } = preview ?? {};
  const texts = [
    title,
    ...parts,
    ...set.flatMap(({ label, value }) => [label, value]),
    ...duplicates.flatMap(({ id, title: same, reason }) => [id, same, reason]),
    ...(preview?.mentions ?? []),
    ...(preview?.linkHosts ?? []),
    ...claims.flatMap(({ text, supportedBy = '' }) => [text, supportedBy]),
    ...warnings,
    ...reasons,
  ];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Of what cannot be approved here, enough to recognize it. */
function shortened(write: WaitingWrite): WaitingWrite {
  const { preview, warnings, reasons, claims = [] } = write.request;
  const few = (texts: readonly string[]): readonly string[] => texts.slice(0, 10).map((text) => cut(text, 200));
  const request = {
    ...write.request,
    warnings: few(warnings),
    reasons: few(reasons),
    claims: claims.slice(0, 10).map(({ text, supportedBy }) => ({ text: cut(text, 50), supportedBy })),
    preview: preview && {
      ...preview,
      fields: preview.fields
        .slice(0, 10)
        .map(({ label, value }) => ({ label: cut(label, 50), value: cut(value, 200) })),
      duplicates: [],
      mentions: few(preview.mentions),
      linkHosts: few(preview.linkHosts),
    },
  };
  return { ...write, request };
}

/** Figures without evidence. */
function flaggedIn({ claims = [] }: ApprovalRequest): readonly string[] {
  return claims.flatMap(({ text, supportedBy }) => (supportedBy === undefined ? [text] : []));
}

function where({ request, title }: WaitingWrite): RichText {
  const { destination } = request.preview ?? {};
  const id = destination === undefined || destination.id === destination.name ? '' : ` (${destination.id})`;
  const audience = destination?.audience === undefined ? '' : ` · ${destination.audience}`;
  const destructive: readonly Inline[] =
    request.tool.risk === 'destructive' ? [bold('\nIt replaces or deletes existing data.')] : [];
  const { title: name = '' } = request.preview ?? {};
  return section([
    // A header is cut.
    ...(name.length > limits.header - 20 ? [bold(`${name}\n`)] : []),
    plain('To '),
    bold(destination?.name ?? request.tool.server),
    plain(`${id}${audience}\nFor the run: ${cut(title, 200)}`),
    ...destructive,
  ]);
}

function fields({ request }: WaitingWrite): readonly RichText[] {
  const set = (request.preview?.fields ?? []).filter(({ value }) => value !== '');
  if (set.length === 0) return [];
  const elements = set.map(({ label, value }) => ({
    type: 'rich_text_section' as const,
    elements: [bold(`${label}: `), ...flaggedText(value, flaggedIn(request))],
  }));
  return [{ type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', indent: 0, elements }] }];
}

/** Warnings, what to compare, what supports the figures, and why somebody is asked. */
function notes({ request, digest }: WaitingWrite): RichText {
  const { preview, warnings, reasons, claims = [], undo } = request;
  const supported = claims.flatMap(({ text, supportedBy }) =>
    supportedBy === undefined ? [] : [`${text} (${supportedBy})`],
  );
  const list = (label: string, items: readonly string[] = []): readonly Inline[] =>
    items.length === 0 ? [] : [plain(`${label} ${items.join(', ')}\n`)];
  return section([
    ...warnings.map((warning) => bold(`⚠ ${warning}\n`)),
    ...(preview?.duplicates ?? []).map(({ id, title, reason }) => bold(`⚠ Looks like ${id} ${title} (${reason})\n`)),
    ...list('Notifies', preview?.mentions),
    ...list('Links to', preview?.linkHosts),
    ...list('Supported by evidence:', supported),
    ...reasons.map((reason) => plain(`Asked because: ${reason}\n`)),
    plain(undo === undefined ? 'It cannot be undone from here.\n' : `Undoing it ${undo}.\n`),
    plain(`Hash of what is shown: ${digest.slice(0, 16)}`),
  ]);
}

function who({ people, expires }: WaitingWrite): RichText {
  const names = people.map(({ name }) => name).join(', ');
  return section([plain(`${names} can answer until ${minute(expires)}. The first answer counts.`)]);
}

function outcome({ state, answer }: WaitingWrite): RichText {
  if (answer !== undefined) {
    const verb = state === 'approved' ? 'Approved' : 'Denied. Nothing is sent.';
    const by = state === 'approved' ? ` by ${answer.who}` : ` By ${answer.who}`;
    return section([bold(`${verb}${by}, ${answer.from}, ${minute(answer.time)}.`)]);
  }
  return section([
    bold(state === 'expired' ? 'Nobody answered in time. Nothing was sent.' : 'The run has asked again.'),
  ]);
}

function buttons(write: WaitingWrite, links: Links | undefined, isWhole: boolean): CardBlock {
  const { id, nonce = '', request } = write;
  // Of what this message shows, which is what is stored now.
  const value = writeActionValue({ id, nonce, digest: digestOf(request) });
  const approve: Button = { ...button(actions.approve, 'Approve'), style: 'primary', value };
  const pages: readonly Button[] =
    links === undefined
      ? []
      : [
          { ...button(actions.open, 'Open'), url: links.question(write) },
          { ...button(actions.record, 'Record of the run'), url: links.record(write) },
        ];
  return {
    type: 'actions',
    block_id: `switchboard_${id}`,
    elements: [...(isWhole ? [approve] : []), { ...button(actions.deny, 'Deny'), style: 'danger', value }, ...pages],
  };
}

function button(action: string, text: string): Button {
  return { type: 'button', action_id: action, text: { type: 'plain_text', text } };
}

function plain(text: string): Inline {
  return { type: 'text', text: showInvisible(text) };
}

function bold(text: string): Inline {
  return { type: 'text', text: showInvisible(text), style: { bold: true } };
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

/** `2026-11-30 14:05 UTC` */
export function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
