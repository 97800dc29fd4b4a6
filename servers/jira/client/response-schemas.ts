// The parts of Jira's responses that we read. Everything else is ignored, and a missing part must not break a call.
import * as z from 'zod';

/** Jira writes "2026-11-22T09:20:10.349+0000"; we use ISO 8601 in UTC. */
const time = z.string().transform((text) => {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
});

/** Jira sends null for values hidden by privacy settings. */
const maybeText = z.string().optional().catch(undefined);

export const userSchema = z
  .object({
    accountId: maybeText,
    name: maybeText,
    displayName: z.string().catch('somebody'),
    emailAddress: maybeText,
    active: z.boolean().catch(true),
  })
  // Cloud identifies people by account id, Data Center by name. We call either the id.
  .transform(({ accountId, name, ...rest }) => ({ id: accountId ?? name ?? '', ...rest }));

const namedSchema = z.object({ id: z.coerce.string().optional().catch(undefined), name: z.string() });

const optionSchema = z.looseObject({
  id: z.coerce.string().optional(),
  name: z.string().optional(),
  value: z.string().optional(),
  children: z.array(z.looseObject({ id: z.coerce.string().optional(), value: z.string().optional() })).optional(),
});

export const fieldSchema = z
  .object({
    fieldId: z.string().optional(),
    key: z.string().optional(),
    name: z.string(),
    required: z.boolean().catch(false),
    hasDefaultValue: z.boolean().catch(false),
    schema: z
      .object({
        type: z.string(),
        items: z.string().optional(),
        system: z.string().optional(),
        custom: z.string().optional(),
      })
      .catch({ type: 'any' }),
    allowedValues: z.array(optionSchema).optional().catch(undefined),
  })
  .transform(({ fieldId, key, ...rest }) => ({ id: fieldId ?? key ?? '', ...rest }));

export const issueTypeSchema = z.object({ id: z.coerce.string(), name: z.string(), subtask: z.boolean().catch(false) });

/** Cloud names the list after its contents; Data Center calls it `values`. */
export const issueTypesPageSchema = z.object({
  issueTypes: z.array(issueTypeSchema).optional(),
  values: z.array(issueTypeSchema).optional(),
  total: z.number().optional(),
});

export const fieldsPageSchema = z.object({
  fields: z.array(fieldSchema).optional(),
  values: z.array(fieldSchema).optional(),
  total: z.number().optional(),
});

export const editMetaSchema = z.object({ fields: z.record(z.string(), fieldSchema).catch({}) });

export const createdIssueSchema = z.object({ id: z.coerce.string(), key: z.string() });

export const issueSchema = z.object({
  id: z.coerce.string().optional(),
  key: z.string(),
  fields: z.record(z.string(), z.unknown()).default({}),
  properties: z.record(z.string(), z.unknown()).catch({}),
  /** Field names by id, requested where custom fields are shown. */
  names: z.record(z.string(), z.string()).catch({}),
});

export const searchPageSchema = z.object({
  issues: z.array(issueSchema).default([]),
  nextPageToken: z.string().nullish(),
  startAt: z.number().optional(),
  total: z.number().optional(),
});

export const commentSchema = z.object({
  id: z.coerce.string(),
  author: userSchema.optional().catch(undefined),
  body: z.unknown().optional(),
  created: time.optional().catch(undefined),
  properties: z.array(z.object({ key: z.string(), value: z.unknown().optional() })).catch([]),
  /** In a service project: false for comments hidden from customers. */
  jsdPublic: z.boolean().optional().catch(undefined),
  visibility: z.object({ type: z.string(), value: z.string() }).nullish().catch(undefined),
});

export const commentsPageSchema = z.object({
  comments: z.array(commentSchema).default([]),
  total: z.number().catch(0),
});

export const createdCommentSchema = z.object({ id: z.coerce.string() });

const transitionSchema = z.object({
  id: z.coerce.string(),
  name: z.string(),
  to: namedSchema
    .extend({ statusCategory: z.object({ key: z.string() }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  fields: z.record(z.string(), fieldSchema).catch({}),
});

export const transitionsSchema = z.object({ transitions: z.array(transitionSchema).default([]) });

export const linkTypesSchema = z.object({
  issueLinkTypes: z
    .array(z.object({ id: z.coerce.string(), name: z.string(), inward: z.string(), outward: z.string() }))
    .default([]),
});

const linkedIssueSchema = z.object({
  key: z.string(),
  fields: z
    .object({ summary: z.string().catch(''), status: namedSchema.optional().catch(undefined) })
    .catch({ summary: '', status: undefined }),
});

export const issueLinksSchema = z
  .array(
    z.object({
      id: z.coerce.string().optional(),
      type: z.object({ name: z.string(), inward: z.string(), outward: z.string() }),
      inwardIssue: linkedIssueSchema.optional(),
      outwardIssue: linkedIssueSchema.optional(),
    }),
  )
  .catch([]);

export const attachmentSchema = z.object({
  id: z.coerce.string(),
  filename: z.string(),
  size: z.number().catch(0),
  mimeType: z.string().catch(''),
  created: time.optional().catch(undefined),
  author: userSchema.optional().catch(undefined),
});

export const projectSchema = z.object({
  id: z.coerce.string().optional(),
  key: z.string(),
  name: z.string(),
  projectTypeKey: maybeText,
});

export const projectsPageSchema = z.object({
  values: z.array(projectSchema).default([]),
  isLast: z.boolean().optional(),
});

export const permissionsSchema = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean().catch(false) })).catch({}),
});

export const watchersSchema = z.object({ watchers: z.array(userSchema).catch([]) });

export const boardsSchema = z.object({ values: z.array(z.object({ id: z.number() })).default([]) });

export const sprintsSchema = z.object({
  values: z.array(z.object({ id: z.number(), name: z.string(), state: z.string().catch('') })).default([]),
});

const statusCategory = z.object({ key: z.string() }).optional().catch(undefined);
const named = namedSchema.nullish().catch(undefined);

/** The system fields of an issue that are shown. */
export const systemFieldsSchema = z.object({
  summary: z.string().catch(''),
  description: z.unknown().optional(),
  status: namedSchema.extend({ statusCategory }).nullish().catch(undefined),
  issuetype: named,
  priority: named,
  resolution: named,
  labels: z.array(z.string()).catch([]),
  components: z.array(namedSchema).catch([]),
  fixVersions: z.array(namedSchema).catch([]),
  assignee: userSchema.nullish().catch(undefined),
  reporter: userSchema.nullish().catch(undefined),
  creator: userSchema.nullish().catch(undefined),
  created: time.catch(''),
  updated: time.catch(''),
  project: projectSchema.optional().catch(undefined),
  parent: linkedIssueSchema.nullish().catch(undefined),
  issuelinks: issueLinksSchema,
  duedate: maybeText,
  environment: z.unknown().optional(),
  subtasks: z.array(linkedIssueSchema).catch([]),
  versions: z.array(namedSchema).catch([]),
  timetracking: z
    .object({ originalEstimate: maybeText, remainingEstimate: maybeText, timeSpent: maybeText })
    .optional()
    .catch(undefined),
  security: named,
  watches: z.object({ watchCount: z.number() }).optional().catch(undefined),
  attachment: z.array(attachmentSchema).catch([]),
});

export type User = z.infer<typeof userSchema>;
export type Field = z.infer<typeof fieldSchema>;
export type Option = z.infer<typeof optionSchema>;
export type IssueType = z.infer<typeof issueTypeSchema>;
export type Issue = z.infer<typeof issueSchema>;
export type Comment = z.infer<typeof commentSchema>;
export type Transition = z.infer<typeof transitionSchema>;
export type LinkType = z.infer<typeof linkTypesSchema>['issueLinkTypes'][number];
export type Attachment = z.infer<typeof attachmentSchema>;
export type Project = z.infer<typeof projectSchema>;
export type Sprint = z.infer<typeof sprintsSchema>['values'][number];
export type SystemFields = z.infer<typeof systemFieldsSchema>;
