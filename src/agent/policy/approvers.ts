import * as z from 'zod';
import { factsOfWrite, toolNames } from '../../../servers/contract/tool-facts.ts';

const writes = toolNames.filter((name) => factsOfWrite(name) !== undefined);
const msOf: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(min: number, max: number) {
  return z
    .string()
    .regex(/^[1-9]\d{0,4}[mhd]$/u, { error: 'write it as minutes, hours or days: 15m, 4h, 2d' })
    .refine((text) => toMs(text) >= min && toMs(text) <= max, { error: 'too short or too long' });
}

function toMs(text: string): number {
  return Number(text.slice(0, -1)) * (msOf[text.slice(-1)] ?? 0);
}

const approverSchema = z.strictObject({
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{4,20}$/u, { error: 'a member id of Slack, such as U012AB3CD' })
    .describe('Member id in Slack: display names can be changed by anyone.'),
  name: z.string().trim().min(1).max(80).describe('How the card and the audit log name this person.'),
  email: z.email().optional().describe('Verified address in the identity provider, to answer from an editor as well.'),
});

/** Whom a run without a person at its desk asks about its writes. */
export const approvalRuleSchema = z.strictObject({
  tools: z
    .array(z.string().refine((name) => writes.includes(name), { error: 'not a write of a built-in server' }))
    .min(1)
    .optional()
    .meta({ items: { enum: writes } })
    .describe('Writes that this rule is for. Left out: all of them.'),
  post: z
    .string()
    .regex(/^[CGUW][A-Z0-9]{4,20}$/u, { error: 'the id of a channel or a person in Slack, such as C012AB3CD' })
    .describe('Where the request is posted: id of a channel, or of a person for a direct message.'),
  people: z.array(approverSchema).min(1).max(50).describe('Only these may answer.'),
  wait: duration(60_000, 24 * 3_600_000)
    .optional()
    .describe('How long the run waits before it ends: 10m if left out.'),
  expires: duration(60_000, 7 * 86_400_000)
    .optional()
    .describe('How long the request can be answered: 4h if left out.'),
});

export type ApprovalRule = z.infer<typeof approvalRuleSchema>;

/** The first rule for this tool, by plain name. */
export function findApprovalRule(rules: readonly ApprovalRule[], tool: string): ApprovalRule | undefined {
  return rules.find(({ tools }) => tools === undefined || tools.includes(tool));
}

export function timesOf({ wait = '10m', expires = '4h' }: ApprovalRule): { waitMs: number; expiresMs: number } {
  return { waitMs: toMs(wait), expiresMs: toMs(expires) };
}
