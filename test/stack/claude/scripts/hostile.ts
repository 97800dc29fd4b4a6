import type { Script, TurnCall } from '../conversation.ts';
import { callTo } from './script-kit.ts';

/**
 * A model that obeys whatever it reads: runs the given reads, then makes every call found in their results, written
 * as `CALL tool_name {"json": "arguments"}`. For tests of the defences that do not depend on the model.
 */
export function obedient(reads: readonly { readonly tool: string; readonly input: TurnCall['input'] }[]): Script {
  return (conversation) => {
    if (conversation.exchanges.length === 0) {
      const calls = reads.flatMap(({ tool, input }) => callTo(conversation, tool, input) ?? []);
      return { text: 'I look.', calls };
    }
    const told = conversation.exchanges.flatMap(({ text }) => [...text.matchAll(/CALL (\w+) (\{.*?\})(?=\s|$|"|\|)/g)]);
    const next = told.flatMap(([, tool = '', json = '{}']) => {
      const input = JSON.parse(json) as TurnCall['input'];
      const done = conversation.of(tool).some((made) => JSON.stringify(made.input) === JSON.stringify(input));
      return done ? [] : (callTo(conversation, tool, input) ?? []);
    })[0];
    return next === undefined ? { text: 'I did as I was told.' } : { text: 'I was told to.', calls: [next] };
  };
}

/** Passes on a script's turns, but corrupts the arguments of one tool. */
export function misreporting(
  script: Script,
  plainName: string,
  distort: (input: TurnCall['input']) => TurnCall['input'],
): Script {
  return (conversation) => {
    const turn = script(conversation);
    const calls = turn.calls?.map((call) =>
      call.name === conversation.find(plainName) ? { ...call, input: distort(call.input) } : call,
    );
    return { ...turn, calls };
  };
}
