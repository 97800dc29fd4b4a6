import type { ConditionState, Forecast, PlanStep, RunEvent, Usage } from '../agent/events.ts';
import { describeArguments } from './approval/describe-call.ts';
import type { Screen } from './screen.ts';
import { cutToWidth, describeDuration, displayWidth, printableLine } from './text-layout.ts';

type RunFinished = Extract<RunEvent, { type: 'run-finished' }>;
type Proposed = Extract<RunEvent, { type: 'tool-call-proposed' }>;
type Finished = Extract<RunEvent, { type: 'tool-call-finished' }>;

interface Call {
  readonly title: string;
  readonly arguments: string;
  readonly startedAt: number;
  progress: string;
  evidence: string | undefined;
}

/** Called for an approval request after everything before it has been shown. */
export type OnApproval = (request: Extract<RunEvent, { type: 'approval-requested' }>) => Promise<void>;

/**
 * A run as text: the answer streams to stdout, everything else goes to stderr line by line. Resolves with the end of
 * the run when the events end.
 */
export async function renderText(
  events: AsyncIterable<RunEvent>,
  screen: Screen,
  onApproval: OnApproval,
): Promise<RunFinished | undefined> {
  const transcript = new Transcript(screen);
  let end: RunFinished | undefined;
  try {
    for await (const event of events) {
      transcript.show(event);
      if (event.type === 'approval-requested') {
        screen.setStatus(undefined);
        await onApproval(event);
      }
      if (event.type === 'run-finished') end = event;
    }
  } finally {
    screen.setStatus(undefined);
    screen.endAnswer();
  }
  return end;
}

class Transcript {
  readonly #screen: Screen;
  readonly #calls = new Map<string, Call>();
  readonly #links: { readonly label: string; readonly url: string }[] = [];
  #startedAt = performance.now();
  #waitingSince = performance.now();
  #plan: readonly PlanStep[] = [];
  #usage: Usage | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(event: RunEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#startedAt = performance.now();
        if (event.forecast !== undefined) this.#note(this.#paint('dim', describeForecast(event.forecast)));
        return this.#wait();
      case 'text-delta':
        return this.#screen.answer(event.text);
      case 'thinking-delta':
        return;
      case 'turn-restarted':
        return this.#note(
          this.#paint('yellow', '↻ The answer was interrupted. The text since the last call starts again.'),
        );
      case 'plan-changed':
        return this.#showPlan(event.steps);
      case 'condition-evaluated':
        return this.#showCondition(event.condition);
      case 'tool-call-proposed':
        return this.#propose(event);
      case 'approval-requested':
        return this.#screen.endAnswer();
      case 'approval-resolved':
        return this.#showApproval(event);
      case 'tool-call-started':
        return;
      case 'tool-call-progressed':
        return this.#progress(event.callId, event.message, event.done, event.total);
      case 'evidence-added':
        return this.#linkEvidence(event.callId, event.evidence.id);
      case 'tool-call-finished':
        return this.#finishCall(event);
      case 'usage-changed':
        this.#usage = event.usage;
        return this.#wait();
      case 'retry-scheduled':
        return this.#note(
          this.#paint(
            'yellow',
            `… ${printableLine(event.reason.replace(/\.$/, ''))}: retrying in ${describeDuration(event.delayMs)} (attempt ${event.attempt})`,
          ),
        );
      case 'context-compacted':
        return this.#note(this.#paint('dim', `… ${event.shortenedResults} old results were shortened to save space`));
      case 'run-finished':
        return this.#finish(event);
    }
  }

  #paint(...[look, text]: Parameters<Screen['paint']>): string {
    return this.#screen.paint(look, text);
  }

  #note(line: string): void {
    this.#screen.endAnswer();
    this.#screen.note(line);
  }

  #wait(): void {
    this.#waitingSince = performance.now();
    this.#screen.setStatus(() => this.#status());
  }

  #status(): string {
    const now = performance.now();
    const running = [...this.#calls.values()];
    const [call] = running;
    if (call === undefined) return `Thinking · ${describeDuration(now - this.#waitingSince)}`;
    const others = running.length > 1 ? ` · and ${running.length - 1} more` : '';
    const progress = call.progress === '' ? '' : ` · ${call.progress}`;
    return `${call.title}${progress}${others} · ${describeDuration(now - call.startedAt)}`;
  }

  #showPlan(steps: readonly PlanStep[]): void {
    const before = new Map(this.#plan.map((step) => [step.text, step.status]));
    const changed = steps.filter((step) => before.get(step.text) !== step.status);
    this.#plan = steps;
    if (changed.length === 0) return;
    this.#screen.endAnswer();
    this.#screen.note(...changed.map((step) => this.#describeStep(step)));
  }

  #describeStep({ status, text }: PlanStep): string {
    const line = printableLine(text);
    switch (status) {
      case 'pending':
        return this.#paint('dim', `☐ ${line}`);
      case 'running':
        return `▸ ${line}`;
      case 'done':
        return this.#paint('green', '☑') + ` ${line}`;
      case 'skipped':
        return this.#paint('dim', `☒ ${line} (skipped)`);
    }
  }

  #showCondition({ name, expression, explained, holds }: ConditionState): void {
    const verdict = holds ? this.#paint('green', 'is true') : this.#paint('yellow', 'is false');
    const detail = this.#paint('dim', `(${printableLine(expression)})`);
    this.#note(`◆ ${printableLine(name)}: ${printableLine(explained)} ${verdict} ${detail}`);
  }

  #propose({ callId, title, arguments: input }: Proposed): void {
    this.#screen.endAnswer();
    this.#calls.set(callId, {
      title: printableLine(title),
      arguments: describeArguments(input),
      startedAt: performance.now(),
      progress: '',
      evidence: undefined,
    });
    this.#wait();
  }

  #showApproval({ decision, by, reason }: Extract<RunEvent, { type: 'approval-resolved' }>): void {
    const mark = decision === 'allowed' ? this.#paint('green', '✓ allowed') : this.#paint('red', '✗ not allowed');
    this.#note(`${mark} by ${by}: ${printableLine(reason)}`);
    this.#wait();
  }

  #progress(callId: string, message: string, done: number | undefined, total: number | undefined): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    const share = done !== undefined && total !== undefined && total > 0 ? `${Math.round((100 * done) / total)} %` : '';
    call.progress = printableLine(message === '' ? share : message);
  }

  #linkEvidence(callId: string, id: string): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) call.evidence = id;
  }

  /** `✓ Query the database  SELECT count(*) …  12 rows · 84 ms · E1` */
  #finishCall(event: Finished): void {
    const call = this.#calls.get(event.callId);
    this.#calls.delete(event.callId);
    if (event.link !== undefined) this.#links.push(event.link);
    const title = call?.title ?? 'Call';
    const facts = [
      printableLine(event.summary),
      ...(event.durationMs > 0 ? [describeDuration(event.durationMs)] : []),
      ...(call?.evidence === undefined ? [] : [printableLine(call.evidence)]),
    ].join(' · ');
    const used = displayWidth(title) + 6;
    const shownFacts = cutToWidth(facts, Math.max(40, this.#screen.width - used));
    const room = this.#screen.width - used - displayWidth(shownFacts);
    const input = room >= 12 ? `${this.#paint('dim', cutToWidth(call?.arguments ?? '', room))}  ` : '';
    this.#note(`${this.#mark(event.outcome)} ${title}  ${input.trim() === '' ? '' : input}${shownFacts}`);
    if (event.failure?.hint !== undefined)
      this.#screen.note(this.#paint('dim', `  ${printableLine(event.failure.hint)}`));
    this.#wait();
  }

  #mark(outcome: Finished['outcome']): string {
    if (outcome === 'ok') return this.#paint('green', '✓');
    return outcome === 'failed' ? this.#paint('red', '✗') : this.#paint('yellow', '⊘');
  }

  #finish({ reason, message }: RunFinished): void {
    this.#screen.setStatus(undefined);
    this.#screen.endAnswer();
    const facts = [`${reason} in ${describeDuration(performance.now() - this.#startedAt)}`];
    if (this.#usage !== undefined) facts.push(...describeUsage(this.#usage));
    const good = reason === 'completed' || reason === 'inconclusive';
    this.#screen.note(this.#paint(good ? 'green' : 'red', good ? '●' : '✗') + ` ${facts.join(' · ')}`);
    if (!good || reason === 'inconclusive') this.#screen.note(`  ${printableLine(message)}`);
    this.#screen.note(...this.#links.map(({ label, url }) => `  ${printableLine(label)}  ${printableLine(url)}`));
  }
}

function describeForecast({ tokens, cost, runs }: Forecast): string {
  const median = runs === 1 ? 'as the last run' : `the median of ${runs} runs`;
  return `About ${[`${describeTokens(tokens)} tokens`, ...describeCost(cost)].join(' · ')}, ${median} of this runbook`;
}

function describeCost(cost: number | undefined): readonly string[] {
  return cost === undefined ? [] : [`$${cost.toFixed(cost < 1 ? 3 : 2)}`];
}

function describeUsage({ turns, toolCalls, inputTokens, outputTokens, cost }: Usage): readonly string[] {
  return [
    count(turns, 'turn'),
    count(toolCalls, 'call'),
    `${describeTokens(inputTokens + outputTokens)} tokens`,
    ...describeCost(cost),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function describeTokens(tokens: number): string {
  return tokens < 10_000 ? String(tokens) : `${Math.round(tokens / 1000)}k`;
}
