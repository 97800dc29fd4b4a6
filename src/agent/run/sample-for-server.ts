import type { Sample } from '../server-question.ts';
import type { RunPorts, RunState } from './ports.ts';

/**
 * Lets a third party's server ask the run's model: in a conversation of its own, with no tools and nothing of the
 * session in it, and counted in the run's budget like any turn.
 */
export function createSample({ emit }: RunState, { model, budget, signal, maxOutputTokens }: RunPorts): Sample {
  return async ({ system, messages, maxTokens }) => {
    const limit = budget.exhausted();
    if (limit !== undefined) return { kind: 'refused', reason: `The run reached its limit: ${limit}.` };
    const stream = model.stream({
      system,
      messages: messages.map(({ role, text }) => ({ role, content: [{ type: 'text', text }] })),
      tools: [],
      maxTokens: Math.min(maxTokens, maxOutputTokens),
      signal,
    });
    for await (const event of stream) {
      if (event.type === 'turn-failed') return { kind: 'refused', reason: event.failure.message };
      if (event.type !== 'turn-finished') continue;
      budget.addTurn(event.usage);
      emit({ type: 'usage-changed', usage: budget.usage() });
      if (event.stop === 'refusal') return { kind: 'refused', reason: 'The model refused.' };
      const text = event.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
      return { kind: 'text', text, model: model.id, cut: event.stop === 'max-tokens' };
    }
    return { kind: 'refused', reason: 'The model gave no answer.' };
  };
}
