import * as z from 'zod';
import type { ToolOutcome, ToolSpec } from '../tools.ts';
import { createDelimiter, showInvisible, wrapUntrusted } from '../untrusted-text.ts';

export interface OutcomeSummary {
  /** One line. */
  readonly summary: string;
  readonly rows: number | undefined;
  readonly link: { readonly label: string; readonly url: string } | undefined;
}

const issueSchema = z.object({ issue_key: z.string(), issue_url: z.string() });
const messageSchema = z.object({ channel: z.string(), ts: z.string(), permalink: z.string() });
const replayedSchema = z.object({ outcome: z.literal('replayed') });
const tableSchema = z.object({ row_count: z.number(), truncated: z.boolean().optional() });
const longestLine = 160;

/** A one-line summary of a finished call. Links are made for http and https only. */
export function summarize(outcome: ToolOutcome): OutcomeSummary {
  if (outcome.kind === 'failure') return plain(outcome.failure.message);
  const { structured } = outcome;
  const replayed = replayedSchema.safeParse(structured).success ? ' (already done)' : '';
  const issue = issueSchema.safeParse(structured);
  if (issue.success) return linked(`${issue.data.issue_key}${replayed}`, issue.data.issue_key, issue.data.issue_url);
  const message = messageSchema.safeParse(structured);
  if (message.success) return linked(`posted${replayed}`, 'message', message.data.permalink);
  const table = tableSchema.safeParse(structured);
  if (table.success) {
    const rows = table.data.row_count;
    const more = table.data.truncated === true ? ' and more' : '';
    return { summary: `${rows} ${rows === 1 ? 'row' : 'rows'}${more}`, rows, link: undefined };
  }
  return plain(outcome.text);
}

function plain(text: string): OutcomeSummary {
  const [line = ''] = text.trim().split('\n', 1);
  const cut = line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line;
  return { summary: cut, rows: undefined, link: undefined };
}

function linked(summary: string, label: string, url: string): OutcomeSummary {
  const web = /^https?:\/\//i.test(url);
  return { summary, rows: undefined, link: web ? { label, url } : undefined };
}

/** Our servers write their own messages and quote others. A third party's text is data throughout. */
export function failureText({ trusted }: ToolSpec, text: string): string {
  if (trusted) return showInvisible(text);
  const left = text.length - longestFailure;
  const said = left > 0 ? `${text.slice(0, longestFailure)}\n[${left} more characters]` : text;
  return wrapUntrusted(said, createDelimiter());
}

/** Errors do not become evidence, so text cut here cannot be read later. */
const longestFailure = 12_000;
