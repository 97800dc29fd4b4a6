import * as z from 'zod';
import { describeIssues, parseCheckedYaml } from '../../agent/yaml.ts';

const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/u, 'must be lower-case letters, digits and hyphens');
const reference = z
  .string()
  .regex(
    /^(?:env:\w+|file:.+|vault:.+|aws-sm:.+)$/u,
    'must refer to a secret: env:NAME, file:/path, vault:mount/path#key or aws-sm:name#key',
  );
const secretSchema = z
  .union([reference, z.array(reference).min(1).max(2)])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .describe('Where the secret is kept, or two such places while it is rotated.');
const valueSchema = z.union([z.string(), z.number(), z.boolean()]);

const runSchema = z.strictObject({
  runbook: z.string().min(1).describe('Name of a runbook.'),
  when: z
    .record(z.string(), z.union([valueSchema, z.array(valueSchema).min(1)]))
    .default({})
    .describe('Fields of the incident and the values that they must have: `labels.severity: [critical, page]`.'),
  parameters: z
    .record(z.string(), valueSchema)
    .default({})
    .describe('Of the runbook. `{{labels.service}}` stands for a field of the incident.'),
  incident: z
    .string()
    .min(1)
    .optional()
    .describe(
      'What is the same for the same incident, such as `{{workflow_run.id}}`. By default, what the sender says.',
    ),
  accept_grants: z.boolean().default(false).describe('Allow the writes that the runbook declares.'),
});

const hookSchema = z.strictObject({
  from: z.enum(['alertmanager', 'pagerduty', 'github', 'hmac']),
  proof: z
    .enum(['bearer', 'hmac'])
    .optional()
    .describe('Of Alertmanager: `bearer`, or `hmac` if a proxy signs for it.'),
  secret: secretSchema,
  runs: z.array(runSchema).min(1),
});

const commandSchema = z.strictObject({
  runbook: z.string().min(1).describe('Name of a runbook.'),
  people: z
    .array(z.string().regex(/^[UW][A-Z0-9]{4,}$/u, 'must be the id of a person in Slack, such as U0JANE001'))
    .min(1)
    .describe('Only these may start it.'),
  parameters: z
    .record(z.string(), valueSchema)
    .default({})
    .describe('Of the runbook. They cannot be changed in Slack.'),
  allow: z
    .array(z.string())
    .default([])
    .describe('Parameters that may be given in Slack: `/switchboard failed-orders threshold=10`.'),
  accept_grants: z.boolean().default(false).describe('Allow the writes that the runbook declares.'),
});

const limitSchema = z.strictObject({
  running: z.int().min(1).max(100).optional().describe('How many run at once, in all workers.'),
  per_hour: z.int().min(1).max(10_000).optional().describe('How many are accepted in an hour.'),
});

export const triggersSchema = z.strictObject({
  $schema: z.string().optional(),
  triggers: z.record(nameSchema, hookSchema).default({}).describe('Each receives webhooks at /hooks/<name>.'),
  slack: z
    .strictObject({
      team: z.string().regex(/^T[A-Z0-9]{4,}$/u, 'must be the id of a workspace, such as T0TEAM001'),
      commands: z.record(nameSchema, commandSchema),
    })
    .optional()
    .describe('What a Slack command can start: its first word is the name.'),
  limits: z.record(z.string(), limitSchema).default({}).describe('By name of the runbook.'),
  attempts: z.int().min(1).max(20).default(5).describe('How often a run is tried before it is given up.'),
});

export type Triggers = z.infer<typeof triggersSchema>;
export type Trigger = Triggers['triggers'][string];
export type TriggeredRun = Trigger['runs'][number];
export type SlackCommand = z.infer<typeof commandSchema>;

/** YAML or JSON. The message names file, line and field. */
export function parseTriggers(
  text: string,
  file: string,
): { readonly kind: 'valid'; readonly triggers: Triggers } | { readonly kind: 'invalid'; readonly message: string } {
  const checked = parseCheckedYaml(text, triggersSchema);
  if (checked.kind === 'invalid') return { kind: 'invalid', message: describeIssues(file, checked.issues) };
  const odd = Object.entries(checked.value.triggers).find(
    ([, { from, proof }]) => proof !== undefined && from !== 'alertmanager',
  );
  if (odd !== undefined)
    return {
      kind: 'invalid',
      message: `${file}: triggers.${odd[0]}.proof: only Alertmanager can be asked for another one`,
    };
  return { kind: 'valid', triggers: checked.value };
}
