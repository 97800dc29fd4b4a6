import type { Message } from '../model/model.ts';
import type { BoundRunbook } from '../runbook/runbook.ts';
import { isDigest } from './context-removal.ts';
import type { RunState } from './ports.ts';
import { withoutOthers, type Attachment } from './system-prompt.ts';

interface Given {
  readonly prompt: string;
  readonly runbook?: BoundRunbook | undefined;
  readonly attachments: readonly Attachment[];
  readonly history: readonly Message[];
}

/** All that a person gave the run. */
export function trustedTextsOf(request: Given): RunState['trustedTexts'] {
  const texts = [...saidBy(request, 'anyone')];
  for (const { label, text, from } of request.attachments) if (from !== 'others') texts.push({ label, text });
  for (const message of request.history) {
    if (message.role !== 'user') continue;
    for (const block of message.content)
      if (block.type === 'text' && !isDigest(block.text))
        texts.push({ label: 'an earlier prompt', text: withoutOthers(block.text) });
  }
  return texts;
}

/**
 * What the run was asked for. An alert may name the incident, so its figures need no evidence; but it may not say which
 * links can be trusted: that is for `a person`.
 */
export function saidBy(
  { prompt, runbook }: Pick<Given, 'prompt' | 'runbook'>,
  by: 'anyone' | 'a person',
): RunState['trustedTexts'] {
  if (runbook === undefined) return [{ label: 'the prompt', text: prompt }];
  const parameters = Object.entries(runbook.parameters).filter(
    ([name]) => by === 'anyone' || runbook.fromOthers?.includes(name) !== true,
  );
  return [
    { label: 'the prompt', text: prompt },
    { label: 'the runbook', text: runbook.runbook.instructions },
    ...parameters.map(([name, value]) => ({ label: `the parameter ${name}`, text: String(value) })),
  ];
}
