import { expect, it } from 'vitest';
import { shownImages } from '../../../src/agent/run/shown-images.ts';
import type { Image } from '../../../src/agent/tools.ts';
import type { CallView, ChatEvent, ChatState } from '../../../src/chat/chat-state.ts';
import { replay } from '../../../src/chat/reduce.ts';
import { runEventSchema } from '../../../src/sessions/event-schema.ts';

const image = (size: number): Image => ({ mediaType: 'image/png', data: 'A'.repeat(size) });

function finished(callId: string, images: readonly Image[]) {
  return { type: 'tool-call-finished', callId, outcome: 'ok', durationMs: 1, summary: '', images } as const;
}

function run(id: string, calls: Readonly<Record<string, readonly Image[]>>): readonly ChatEvent[] {
  const call = { tool: 'far__shot', server: 'far', title: 'Shot', risk: 'read', arguments: {} } as const;
  return [
    { type: 'run-started', session: 's', run: id, time: '', model: 'm', prompt: '' },
    ...Object.entries(calls).flatMap(([callId, images]): ChatEvent[] => [
      { type: 'tool-call-proposed', callId, ...call },
      finished(callId, images),
    ]),
  ];
}

function sizes({ runs }: ChatState): readonly number[] {
  const calls = runs.flatMap(({ items }) => items).filter((item): item is CallView => item.kind === 'call');
  return calls.map(({ images }) => images.reduce((size, { data }) => size + data.length, 0));
}

it('people are shown the first four images of a call, and none that is too large', () => {
  const images = [image(2_000_000), ...[1, 2, 3, 4, 5].map(image)];
  const shown = shownImages({ kind: 'result', text: '', structured: undefined, images });
  expect(shown.images?.map(({ data }) => data.length)).toEqual([1, 2, 3, 4]);
  const nothing = { kind: 'result', text: '', structured: undefined, images: [] } as const;
  expect(shownImages(nothing)).toEqual({});
});

it('the oldest calls lose their images when there are too many', () => {
  const events = [
    ...run('r1', { a: [image(2_500_000)], b: [image(2_500_000)] }),
    ...run('r2', { c: [image(10)], d: [image(2_500_000)] }),
  ];
  expect(sizes(replay(events))).toEqual([0, 2_500_000, 10, 2_500_000]);
});

it('images are in the recorded session', () => {
  const event = finished('a', [image(8)]);
  expect(runEventSchema.parse(JSON.parse(JSON.stringify(event)))).toMatchObject(event);
});
