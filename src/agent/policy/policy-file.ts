import * as z from 'zod';
import { parseCheckedYaml, type SourceIssue } from '../yaml.ts';
import { grantSchema, type Grant } from './grants.ts';
import { toolNames } from '../../../servers/contract/tool-facts.ts';

const foreignTool = /^[A-Za-z0-9-]+__[A-Za-z0-9_-]+$/;

/** The name of a tool in a file that people write: what editors complete, and what is refused. */
export const toolNameSchema = z
  .string()
  .min(1)
  .refine(isKnownTool, { error: unknownTool })
  .meta({ anyOf: [{ enum: [...toolNames] }, { pattern: foreignTool.source }] });

/** A grant as people write it: of a tool that is there. */
export const namedGrantSchema = grantSchema.safeExtend({ tool: toolNameSchema });

/** A policy file: YAML or JSON. Unknown keys, tools and requirements are errors: a typing mistake must not widen or narrow. */
export const policyFileSchema = z.strictObject({
  $schema: z.string().optional(),
  grants: z.array(namedGrantSchema),
});

export type PolicyFile =
  | { readonly kind: 'valid'; readonly grants: readonly Grant[] }
  | { readonly kind: 'invalid'; readonly issues: readonly SourceIssue[] };

/** `describeIssues` (checked-yaml.ts) puts the issues in words. */
export function parsePolicy(text: string): PolicyFile {
  const checked = parseCheckedYaml(text, policyFileSchema);
  return checked.kind === 'invalid' ? checked : { kind: 'valid', grants: checked.value.grants };
}

/** A tool of ours, or the full name of one of another server, which is not known before that server runs. */
function isKnownTool(name: string): boolean {
  return toolNames.includes(name) || foreignTool.test(name);
}

function unknownTool(issue: { readonly input?: unknown }): string {
  return `there is no tool '${String(issue.input)}'; ours are ${toolNames.join(', ')}; of other servers write server__tool`;
}
