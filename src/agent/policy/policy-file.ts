import * as z from 'zod';
import { parseCheckedYaml, type SourceIssue } from '../yaml.ts';
import { approvalRuleSchema, type ApprovalRule } from './approvers.ts';
import { grantSchema, type Grant } from './grants.ts';
import { toolNames } from '../../../servers/contract/tool-facts.ts';

const foreignTool = /^[A-Za-z0-9-]+__[A-Za-z0-9_-]+$/;

/** A tool name in a file that people write. Editors complete it; unknown names are rejected. */
export const toolNameSchema = z
  .string()
  .min(1)
  .refine(isKnownTool, { error: unknownTool })
  .meta({ anyOf: [{ enum: [...toolNames] }, { pattern: foreignTool.source }] });

/** A grant as people write it, for an existing tool. */
export const namedGrantSchema = grantSchema.safeExtend({ tool: toolNameSchema });

/** A policy file in YAML or JSON. Unknown keys, tools and requirements are errors: a typo must not change access. */
export const policyFileSchema = z.strictObject({
  $schema: z.string().optional(),
  grants: z.array(namedGrantSchema),
  approvals: z
    .array(approvalRuleSchema)
    .optional()
    .describe(
      'Whom to ask about writes that no grant covers, if no person is at the desk. The first rule for a tool counts.',
    ),
});

export type PolicyFile =
  | { readonly kind: 'valid'; readonly grants: readonly Grant[]; readonly approvals: readonly ApprovalRule[] }
  | { readonly kind: 'invalid'; readonly issues: readonly SourceIssue[] };

/** `describeIssues` puts the issues in words. */
export function parsePolicy(text: string): PolicyFile {
  const checked = parseCheckedYaml(text, policyFileSchema);
  if (checked.kind === 'invalid') return checked;
  const { grants, approvals = [] } = checked.value;
  return { kind: 'valid', grants, approvals };
}

/** One of our tools, or the full name of a third party's tool, which is unknown until that server runs. */
function isKnownTool(name: string): boolean {
  return toolNames.includes(name) || foreignTool.test(name);
}

function unknownTool(issue: { readonly input?: unknown }): string {
  return `unknown tool '${String(issue.input)}'; use one of ${toolNames.join(', ')}, or server__tool for another server`;
}
