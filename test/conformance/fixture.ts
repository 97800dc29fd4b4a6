// The server that the conformance suite calls: its fixtures, as far as the kit has what they need, served as our servers are.
import * as z from 'zod';
import { makeTool } from '../../servers/kit/define-tool.ts';
import { ToolError } from '../../servers/kit/errors.ts';
import { runServer } from '../../servers/kit/run-server.ts';

const nothing = z.strictObject({});
const said = z.object({ text: z.string() });
const answer = (text: string) => Promise.resolve({ structured: { text }, text });

const tools = [
  makeTool({
    risk: 'read',
    name: 'test_simple_text',
    title: 'Simple text',
    description: 'Answers with a fixed text.',
    input: nothing,
    output: said,
    run: () => answer('This is a simple text response for testing.'),
  }),
  makeTool({
    risk: 'read',
    name: 'test_error_handling',
    title: 'Error',
    description: 'Always fails.',
    input: nothing,
    output: said,
    run: () => Promise.reject(new ToolError('upstream_error', 'This tool intentionally returns an error for testing')),
  }),
  makeTool({
    risk: 'read',
    name: 'test_tool_with_progress',
    title: 'Progress',
    description: 'Reports progress three times.',
    input: nothing,
    output: said,
    run: (_input, { progress }) => {
      for (const done of [0, 50, 100]) progress(`${done} %`, done, 100);
      return answer('Done.');
    },
  }),
];

const template = /^test:\/\/template\/(?<id>[^/]+)\/data$/u;

void runServer({
  name: 'fixture',
  title: 'Conformance fixture',
  version: '0.1.0',
  instructions: 'Fixtures of the conformance suite.',
  tools,
  offers: {
    resources: {
      template: { uriTemplate: 'test://template/{id}/data', name: 'Data', description: 'Data by id.' },
      list: () => Promise.resolve({ resources: [{ uri: 'test://static-text', name: 'Static text' }] }),
      read: (uri) => {
        if (uri === 'test://static-text')
          return Promise.resolve({ mimeType: 'text/plain', text: 'This is the content of the static text resource.' });
        const id = template.exec(uri)?.groups?.['id'];
        if (id === undefined) return Promise.reject(new ToolError('not_found', `There is no resource ${uri}.`));
        const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
        return Promise.resolve({ mimeType: 'application/json', text });
      },
    },
    prompts: [
      {
        name: 'test_simple_prompt',
        title: 'Simple prompt',
        description: 'A fixed message.',
        arguments: [],
        write: () => Promise.resolve('This is a simple prompt for testing.'),
      },
      {
        name: 'test_prompt_with_arguments',
        title: 'Prompt with arguments',
        description: 'A message with both arguments.',
        arguments: ['arg1', 'arg2'].map((name) => ({ name, description: `Argument ${name}`, required: true })),
        write: ({ arg1, arg2 }) => Promise.resolve(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
      },
    ],
    complete: ({ value }) =>
      Promise.resolve({ values: ['paris', 'park', 'party'].filter((each) => each.startsWith(value)), total: 3 }),
  },
  configure: () =>
    Promise.resolve({
      secrets: [],
      connect: () => ({}),
      narrow: (connection) => connection,
      dispose: () => Promise.resolve(),
    }),
});
