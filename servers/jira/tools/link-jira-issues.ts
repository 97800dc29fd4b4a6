import * as z from 'zod';
import { defineTool, type ToolContext } from '../../kit/define-tool.ts';
import { ToolError } from '../../kit/errors.ts';
import { issueKeySchema } from '../client/keys.ts';
import type { JiraApi } from '../client/jira-api.ts';
import { requireIssue, type JiraConnection } from '../connection.ts';
import { shortText } from './arguments.ts';
import { undoData, writeOutput, written } from './write-output.ts';

const input = z.strictObject({
  from_key: issueKeySchema,
  to_key: issueKeySchema,
  link_type: shortText.describe('from_key ... to_key: "blocks", "is blocked by", "relates to"'),
});

type Input = z.infer<typeof input>;
type Context = ToolContext<JiraConnection>;

/** "first relation second", with the type's outward description. */
interface Link {
  readonly type: string;
  readonly relation: string;
  readonly first: string;
  readonly second: string;
}

export default defineTool({
  name: 'link_jira_issues',
  title: 'Link Jira issues',
  description: 'Links two issues.',
  limit: '20/10m',
  input,
  output: writeOutput.extend({ undo: undoData }),
  preview: async (input, context: Context) => {
    const { api, link, summaries } = await compose(input, context);
    const exists = (await linkId(link, api, context.connection)) !== undefined;
    const sentence = `${link.first} ${link.relation} ${link.second}`;
    return {
      title: 'Link two issues',
      destination: { id: input.from_key, name: sentence },
      body: sentence,
      raw: JSON.stringify(link),
      fields: summaries,
      warnings: exists ? ['They are already linked this way.'] : [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    };
  },
  run: async (input, context) => {
    const { connection } = context;
    const { api, link } = await compose(input, context);
    await connection.paceWrites(link.first, context);
    const { existed } = await context.effect({
      name: 'link',
      result: z.object({ existed: z.boolean() }),
      send: async () => {
        if ((await linkId(link, api, connection)) !== undefined) return { existed: true };
        await api.link(link.type, link.first, link.second);
        return { existed: false };
      },
      find: async ({ signal }) => {
        const again = await connection.open({ signal, progress: context.progress });
        return (await linkId(link, again, connection)) === undefined ? undefined : { existed: false };
      },
      whereToLook: `Look at the links of ${connection.issueUrl(link.first)}.`,
    });
    const url = connection.issueUrl(input.from_key);
    const said = `${link.first} ${link.relation} ${link.second}`;
    const warnings = existed ? ['They were already linked this way.'] : [];
    const made = existed ? undefined : await linkId(link, api, connection);
    const more = made === undefined || made === '' ? {} : { undo: { link_id: made } };
    return written({ key: input.from_key, url, said, warnings, more });
  },
});

async function compose(input: Input, context: Context) {
  const { connection } = context;
  if (input.from_key === input.to_key)
    throw new ToolError('invalid_arguments', "'to_key' is the same issue as 'from_key'.");
  const api = await connection.open(context);
  const from = await requireIssue(input.from_key, ['summary'], api, connection);
  const to = await requireIssue(input.to_key, ['summary'], api, connection);
  const link = await findType(input.link_type, from.key, to.key, api);
  const summaries = [from, to].map(({ key, fields }) => ({ label: key, value: fields.summary }));
  return { api, link, summaries };
}

/** By name or by either description. The inward one reverses the link. */
async function findType(wanted: string, from: string, to: string, api: JiraApi): Promise<Link> {
  const types = await api.linkTypes();
  const same = (text: string) => text.toLowerCase() === wanted.toLowerCase();
  const forward = types.find(({ name, outward }) => same(name) || same(outward));
  if (forward !== undefined) return { type: forward.name, relation: forward.outward, first: from, second: to };
  const backward = types.find(({ inward }) => same(inward));
  if (backward !== undefined) return { type: backward.name, relation: backward.outward, first: to, second: from };
  throw new ToolError('invalid_arguments', `'link_type': there is no “${wanted}”.`, {
    hint: `Types: ${types.map(({ outward, inward }) => (outward === inward ? outward : `${outward} / ${inward}`)).join(', ')}.`,
  });
}

/** undefined if there is no such link; empty if Jira does not say its id. */
async function linkId(link: Link, api: JiraApi, connection: JiraConnection): Promise<string | undefined> {
  const { fields } = await requireIssue(link.first, ['issuelinks'], api, connection);
  const found = fields.issuelinks.find(({ type, outwardIssue, inwardIssue }) => {
    if (type.name !== link.type) return false;
    return outwardIssue?.key === link.second || (type.inward === type.outward && inwardIssue?.key === link.second);
  });
  return found === undefined ? undefined : (found.id ?? '');
}
