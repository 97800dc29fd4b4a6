import { l10n, type QuickPickItem, window } from 'vscode';
import * as z from 'zod';
import { compareRuns, type ComparedRun } from '../../sessions/history/compare-runs.ts';
import type { RunbookRun } from '../../sessions/history/session-facts.ts';
import type { Switchboard } from '../../switchboard.ts';
import { textLanguage } from '../plural.ts';

interface RunItem extends QuickPickItem {
  readonly run: SessionRun;
}

interface SessionRun extends RunbookRun {
  readonly session: string;
}

const readLimitMs = 60_000;

const nodeSchema = z.object({ kind: z.literal('session'), id: z.string() });

/** The session of an item of the history. */
export function sessionOf(node: unknown): string | undefined {
  return nodeSchema.safeParse(node).data?.id;
}

/**
 * Compares the last runs of two selected sessions, or that of one with another run that the person chooses.
 * @returns the name and text of a document. Undefined if the person chose nothing.
 */
export async function compareRunsOf(
  engine: Switchboard,
  selected: readonly string[],
  one: () => Promise<string | undefined>,
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  const { history } = engine;
  await history.read(await history.list(), AbortSignal.timeout(readLimitMs));
  const all = (await history.list()).flatMap((entry) =>
    (entry.facts?.runbooks ?? []).map((run): SessionRun => ({ ...run, session: entry.id })),
  );
  const lastOf = (session: string | undefined): SessionRun | undefined =>
    all.findLast((run) => run.session === session);
  const isPair = selected.length === 2;
  const first = lastOf(isPair ? selected[0] : await one());
  if (first === undefined) throw new Error(l10n.t('No runbook has been run in this session.'));
  const second = isPair ? lastOf(selected[1]) : await chooseOther(first, all);
  if (second === undefined) return undefined;
  if (second.name !== first.name) throw new Error(l10n.t('Only runs of the same runbook can be compared.'));
  const [before, now] = first.time < second.time ? [first, second] : [second, first];
  const text = compareRuns(await readRun(before, engine), await readRun(now, engine));
  if (text === undefined) throw new Error(l10n.t('One of the runs is no longer in its session.'));
  return { name: `${first.name}-${before.time.slice(0, 10)}-${now.time.slice(0, 10)}.md`, text };
}

async function chooseOther(first: SessionRun, all: readonly SessionRun[]): Promise<SessionRun | undefined> {
  const others = all
    .filter((run) => run.name === first.name && run.run !== first.run)
    .toSorted((a, b) => b.time.localeCompare(a.time));
  if (others.length === 0) throw new Error(l10n.t('There is no other run of {0} yet.', first.name));
  // The run before it is at the top.
  const [earlier, later] = [
    others.filter(({ time }) => time < first.time),
    others.filter(({ time }) => time >= first.time),
  ];
  const items = [...earlier, ...later].map((run): RunItem => ({ run, label: dateOf(run) }));
  const title = l10n.t('Compare the Run of {0} With...', dateOf(first));
  return (await window.showQuickPick(items, { title }))?.run;
}

function dateOf({ time }: SessionRun): string {
  return new Date(time).toLocaleString(textLanguage());
}

async function readRun({ session, run }: SessionRun, { sessions }: Switchboard): Promise<ComparedRun> {
  const [content, evidence] = await Promise.all([sessions.read(session), sessions.evidence(session)]);
  return { content, run, evidence: evidence.get };
}
