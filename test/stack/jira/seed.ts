import type { FieldRule, LinkType, Named, Project, Status, Transition, User } from './model.ts';

export const priorities: readonly Named[] = ['Highest', 'High', 'Medium', 'Low', 'Lowest'].map((name, index) => ({
  id: String(index + 1),
  name,
}));

export const statuses: readonly Status[] = [
  { id: '10000', name: 'To Do', category: 'new' },
  { id: '10001', name: 'In Progress', category: 'indeterminate' },
  { id: '10002', name: 'Done', category: 'done' },
  { id: '10003', name: 'Closed', category: 'done' },
];

export const transitions: readonly Transition[] = [
  { id: '11', name: 'To Do', from: ['In Progress', 'Done'], to: 'To Do' },
  { id: '21', name: 'Start Progress', from: ['To Do'], to: 'In Progress' },
  {
    id: '31',
    name: 'Done',
    from: ['To Do', 'In Progress'],
    to: 'Done',
    fields: [
      {
        fieldId: 'resolution',
        name: 'Resolution',
        required: false,
        schema: { type: 'resolution', system: 'resolution' },
        allowedValues: [
          { id: '10000', name: 'Done' },
          { id: '10001', name: "Won't Do" },
        ],
      },
    ],
  },
  {
    id: '41',
    name: 'Close',
    only: 'OPS',
    from: ['To Do', 'In Progress'],
    to: 'Closed',
    fields: [
      {
        fieldId: 'resolution',
        name: 'Resolution',
        required: true,
        schema: { type: 'resolution', system: 'resolution' },
        allowedValues: [
          { id: '10000', name: 'Done' },
          { id: '10001', name: "Won't Do" },
        ],
      },
      { fieldId: 'assignee', name: 'Assignee', required: false, schema: { type: 'user', system: 'assignee' } },
      {
        fieldId: 'customfield_10021',
        name: 'Root cause',
        required: false,
        schema: { type: 'string', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:textarea' },
      },
    ],
  },
];

/** Sprints of the scrum board of OPS. */
export const sprints = [
  { id: 4, name: 'OPS Sprint 4', state: 'closed' },
  { id: 5, name: 'OPS Sprint 5, the long one', state: 'active' },
  { id: 6, name: 'OPS Sprint 6', state: 'future' },
  { id: 7, name: 'OPS Sprint 6', state: 'future' },
] as const;

/** Only the first has sprints. */
export const boards = [
  { id: 1, project: 'OPS', type: 'scrum' },
  { id: 2, project: 'OPS', type: 'kanban' },
] as const;

export const linkTypes: readonly LinkType[] = [
  { id: '10000', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10001', name: 'Cloners', inward: 'is cloned by', outward: 'clones' },
  { id: '10002', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
  { id: '10003', name: 'Relates', inward: 'relates to', outward: 'relates to' },
];

export const users: readonly User[] = [
  user('5b10a2844c20165700ede21a', 'bot', 'Switchboard Bot', 'bot@example.com'),
  user('5b10a2844c20165700ede21b', 'mara', 'Mara Novak', 'mara.novak@example.com'),
  user('5b10a2844c20165700ede21c', 'jordan', 'Jordan Lee', 'jordan.lee@example.com'),
  user('5b10a2844c20165700ede21d', 'jlee', 'Jordan Leeds', 'jordan.leeds@example.com'),
  { ...user('5b10a2844c20165700ede21e', 'gone', 'Gone Person', 'gone@example.com'), active: false },
];

function user(accountId: string, name: string, displayName: string, emailAddress: string): User {
  return { accountId, name, displayName, emailAddress, active: true };
}

const options = (prefix: string, ...values: readonly string[]) =>
  values.map((value, index) => ({ id: `${prefix}${index}`, value }));

const common: readonly FieldRule[] = [
  { fieldId: 'summary', name: 'Summary', required: true, schema: { type: 'string', system: 'summary' } },
  { fieldId: 'issuetype', name: 'Issue Type', required: true, schema: { type: 'issuetype', system: 'issuetype' } },
  { fieldId: 'project', name: 'Project', required: true, schema: { type: 'project', system: 'project' } },
  { fieldId: 'description', name: 'Description', required: false, schema: { type: 'string', system: 'description' } },
  { fieldId: 'environment', name: 'Environment', required: false, schema: { type: 'string', system: 'environment' } },
  {
    fieldId: 'priority',
    name: 'Priority',
    required: false,
    hasDefaultValue: true,
    schema: { type: 'priority', system: 'priority' },
    allowedValues: priorities.map((priority) => ({ ...priority })),
  },
  { fieldId: 'labels', name: 'Labels', required: false, schema: { type: 'array', items: 'string', system: 'labels' } },
  { fieldId: 'assignee', name: 'Assignee', required: false, schema: { type: 'user', system: 'assignee' } },
  { fieldId: 'parent', name: 'Parent', required: false, schema: { type: 'issuelink', system: 'parent' } },
  { fieldId: 'duedate', name: 'Due date', required: false, schema: { type: 'date', system: 'duedate' } },
  {
    fieldId: 'components',
    name: 'Components',
    required: false,
    schema: { type: 'array', items: 'component', system: 'components' },
    allowedValues: [
      { id: '10100', name: 'Checkout' },
      { id: '10101', name: 'Payments' },
      { id: '10102', name: 'Storefront' },
    ],
  },
  {
    fieldId: 'fixVersions',
    name: 'Fix versions',
    required: false,
    schema: { type: 'array', items: 'version', system: 'fixVersions' },
    allowedValues: [
      { id: '10200', name: '2026.11' },
      { id: '10201', name: '2026.12' },
    ],
  },
  {
    fieldId: 'customfield_10020',
    name: 'Story points',
    required: false,
    schema: { type: 'number', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:float' },
  },
  {
    fieldId: 'customfield_10021',
    name: 'Root cause',
    required: false,
    schema: { type: 'string', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:textarea' },
  },
  {
    fieldId: 'customfield_10022',
    name: 'Customer tier',
    required: false,
    schema: { type: 'option', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:select' },
    allowedValues: options('1030', 'Free', 'Pro', 'Enterprise'),
  },
  {
    fieldId: 'customfield_10023',
    name: 'Regions',
    required: false,
    schema: {
      type: 'array',
      items: 'option',
      custom: 'com.atlassian.jira.plugin.system.customfieldtypes:multiselect',
    },
    allowedValues: options('1031', 'EU', 'US', 'APAC'),
  },
  {
    fieldId: 'customfield_10024',
    name: 'Ticket reference',
    required: false,
    schema: { type: 'string', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:textfield' },
  },
];

const links: FieldRule = {
  fieldId: 'issuelinks',
  name: 'Linked Issues',
  required: false,
  schema: { type: 'array', items: 'issuelinks', system: 'issuelinks' },
};

const severity: FieldRule = {
  fieldId: 'customfield_10010',
  name: 'Severity',
  required: true,
  schema: { type: 'option', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:select' },
  allowedValues: options('1020', 'SEV1', 'SEV2', 'SEV3'),
};

const customType = (name: string) => `com.atlassian.jira.plugin.system.customfieldtypes:${name}`;

/** Fields of all other kinds. Two share a name, as happens when each team adds fields. */
const further: readonly FieldRule[] = [
  {
    fieldId: 'customfield_10030',
    name: 'Region',
    required: false,
    schema: { type: 'option-with-child', custom: customType('cascadingselect') },
    allowedValues: [
      {
        id: '10400',
        value: 'Europe',
        children: [
          { id: '10401', value: 'Berlin' },
          { id: '10402', value: 'Paris > Nord' },
        ],
      },
      { id: '10410', value: 'Asia' },
      { id: '10420', value: 'R&D/Labs', children: [{ id: '10421', value: 'Berlin' }] },
    ],
  },
  {
    fieldId: 'customfield_10031',
    name: 'Approver',
    required: false,
    schema: { type: 'user', custom: customType('userpicker') },
  },
  {
    fieldId: 'customfield_10032',
    name: 'Reviewers',
    required: false,
    schema: { type: 'array', items: 'user', custom: customType('multiuserpicker') },
  },
  {
    fieldId: 'customfield_10033',
    name: 'Go live',
    required: false,
    schema: { type: 'datetime', custom: customType('datetime') },
  },
  {
    fieldId: 'customfield_10034',
    name: 'Group',
    required: false,
    schema: { type: 'group', custom: customType('grouppicker') },
  },
  {
    fieldId: 'customfield_10035',
    name: 'Sprint',
    required: false,
    schema: { type: 'array', items: 'json', custom: 'com.pyxis.greenhopper.jira:gh-sprint' },
  },
  {
    fieldId: 'timetracking',
    name: 'Time tracking',
    required: false,
    schema: { type: 'timetracking', system: 'timetracking' },
  },
  {
    fieldId: 'versions',
    name: 'Affects versions',
    required: false,
    schema: { type: 'array', items: 'version', system: 'versions' },
    allowedValues: [
      { id: '10200', name: '2026.11' },
      { id: '10201', name: '2026.12' },
    ],
  },
  {
    fieldId: 'security',
    name: 'Security Level',
    required: false,
    schema: { type: 'securitylevel', system: 'security' },
    allowedValues: [{ id: '10500', name: 'Staff only' }],
  },
  {
    fieldId: 'customfield_10036',
    name: 'Impact',
    required: false,
    schema: { type: 'option', custom: customType('select') },
    allowedValues: options('1050', 'Critical', 'Low'),
  },
  {
    fieldId: 'customfield_10037',
    name: 'Impact',
    required: false,
    schema: { type: 'option', custom: customType('select') },
    allowedValues: options('1051', 'Wide', 'Low'),
  },
  {
    fieldId: 'customfield_10038',
    name: 'Tags',
    required: false,
    schema: { type: 'array', items: 'string', custom: customType('labels') },
  },
  {
    fieldId: 'customfield_10039',
    name: 'Runbook',
    required: false,
    schema: { type: 'string', custom: customType('url') },
  },
  {
    fieldId: 'customfield_10040',
    name: 'Epic Link',
    required: false,
    schema: { type: 'any', custom: 'com.pyxis.greenhopper.jira:gh-epic-link' },
  },
];

const types = [
  { id: '10001', name: 'Bug', subtask: false },
  { id: '10002', name: 'Task', subtask: false },
  { id: '10003', name: 'Story', subtask: false },
  { id: '10004', name: 'Sub-task', subtask: true },
];

/** ENG is open to all; OPS wants a severity; LEAN has a screen without labels and priority; HELP is a service project; VAULT cannot be seen. */
export const projects: readonly Project[] = [
  { id: '10000', key: 'ENG', name: 'Engineering', issueTypes: types, screen: { '*': common }, visible: true },
  {
    id: '10001',
    key: 'OPS',
    name: 'Operations',
    issueTypes: types,
    screen: { '*': common, Bug: [...common, severity, links], Story: [...common, ...further] },
    visible: true,
  },
  {
    id: '10002',
    key: 'LEAN',
    name: 'Lean team',
    issueTypes: [{ id: '10011', name: 'Task', subtask: false }],
    screen: { '*': common.filter((field) => !['labels', 'priority'].includes(field.fieldId)) },
    visible: true,
  },
  {
    id: '10004',
    key: 'HELP',
    name: 'Help desk',
    issueTypes: types,
    screen: { '*': common },
    visible: true,
    isService: true,
  },
  { id: '10003', key: 'VAULT', name: 'Vault', issueTypes: types, screen: { '*': common }, visible: false },
];
