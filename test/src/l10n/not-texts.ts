/** What looks like a text and is none for a person, or is the same in every language: by file, `*` for all of it. */
export const notTexts: Readonly<Record<string, readonly string[] | '*'>> = {
  'src/webview/components/approval/approval-preview.ts': [
    // Compared with a warning of the host.
    'No evidence supports {}.',
    // Told to the model.
    '{} covers the same problem. Do not create another one. Add to {} instead.',
  ],
  'src/webview/components/approval/argument-list.ts': ['null'],
  // As Slack draws it in every language.
  'src/webview/components/approval/slack-message.ts': ['APP'],
  'src/webview/components/evidence-table.ts': ['null'],
  'src/webview/components/switchboard-chat.ts': ['Switchboard'],
  // Written by PostgreSQL.
  'src/webview/details/foreign-key.ts': [': FOREIGN KEY '],
  'src/webview/format/group-keys.ts': ['group by '],
  'src/webview/grid/cell-value.ts': ['UTC'],
  // A search in Jira's language.
  'src/webview/markdown/people-names.ts': ['assignee = "{}" ORDER BY updated DESC'],
  'src/webview/grid/grid-tab.ts': ['Markdown'],

  // For the model, the log or the session, which are in English. The panel shows them by `known`.
  'src/vscode/chat/conversation.ts': [
    'stopped by the user',
    'The window was closed or reloaded during this run. Writes that still needed your approval were not made.',
  ],
  'src/vscode/composer/code-mentions.ts': '*',
  'src/vscode/composer/prompt-files.ts': ['(shown above)', 'Image {}', 'Text of the terminal', 'File {} ({})'],
  'src/vscode/composer/system-mentions.ts': '*',
  'src/vscode/editor/editor-context.ts': '*',
  'src/vscode/engine/lm-model.ts': '*',
  'src/vscode/engine/mcp-config-file.ts': ['run "Enter Values for MCP Servers..."'],
  'src/vscode/grid/grid-panels.ts': '*',
  'src/vscode/runs/bug-from-selection.ts': '*',
  'src/vscode/surface/participant.ts': ["There is no runbook '{}'. There are: {}.", '{}, from line {}'],
  'src/vscode/texts.ts': ['the texts of the panel are in English: {}'],
  // They take the place of the names of variables within English messages of the servers.
  'src/vscode/connections/connection-definitions.ts': ['Claude', 'the setting switchboard.remote', 'the token'],
  // Modes of TLS.
  'src/vscode/connections/definitions/postgres.ts': ['prefer', 'require', 'verify-full', 'verify-ca', 'disable'],
  'src/vscode/connections/variable-labels.ts': '*',
  // Names, SQL, settings.
  'src/extension.ts': ['Switchboard'],
  'src/vscode/chat/status-item.ts': ['Switchboard', '$(loading~spin) Switchboard: {}{}', '$(error) Switchboard: {}'],
  'src/vscode/composer/choose-model.ts': ['Claude {}{} {}'],
  'src/vscode/composer/first-questions.ts': '*',
  'src/vscode/composer/recent-failures.ts': '*',
  'src/vscode/history/session-look.ts': ['Slack'],
  'src/vscode/connections/server-logs.ts': ['Switchboard: {}'],
  'src/vscode/engine/settings-problems.ts': ['Switchboard: {}'],
  'src/vscode/problem.ts': ['Switchboard: {}'],
  'src/vscode/runs/session-commands.ts': ['JSON', 'Markdown'],
  'src/vscode/surface/mcp-policy.ts': ['chat.mcp.enabled: false'],
  // Its callers give both forms as texts.
  'src/vscode/plural.ts': ['not a plain text: form'],
};
