import * as z from 'zod';
import { confine, labelOfAbsolute } from '../confine.ts';
import { clip, defineWorkspaceTool, table } from '../define-tool.ts';

const severities = ['error', 'warning', 'information', 'hint'] as const;
const longestMessage = 500;

export const getWorkspaceDiagnostics = defineWorkspaceTool({
  name: 'get_workspace_diagnostics',
  title: 'Look at problems',
  description: 'Lists the problems that the editor shows (compiler errors, lint), most severe first.',
  offered: (workspace) => workspace.editor !== undefined,
  input: z.strictObject({
    path: z.string().min(1).max(1000).optional().describe('Only problems in this file or folder.'),
    severity: z.enum(severities).default('warning').describe('Lowest severity to include.'),
    limit: z.int().min(1).max(500).default(100),
  }),
  run: async (input, workspace) => {
    const under = input.path === undefined ? undefined : (await confine(workspace, input.path)).label;
    const rows = (workspace.editor?.diagnostics() ?? [])
      .filter(({ severity }) => severities.indexOf(severity) <= severities.indexOf(input.severity))
      .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .flatMap((diagnostic) => {
        const label = labelOfAbsolute(workspace, diagnostic.path);
        if (label === undefined) return [];
        if (under !== undefined && under !== '.' && label !== under && !label.startsWith(`${under}/`)) return [];
        const origin = [diagnostic.source, diagnostic.code].filter((part) => part !== undefined).join(' ');
        return [[label, diagnostic.startLine, diagnostic.severity, origin, clip(diagnostic.message, longestMessage)]];
      });
    const shown = rows.slice(0, input.limit);
    const columns = [
      { name: 'path', type: 'text' },
      { name: 'line', type: 'integer' },
      { name: 'severity', type: 'text' },
      { name: 'source', type: 'text' },
      { name: 'message', type: 'text' },
    ] as const;
    const lines = shown.map(
      ([path, line, severity, origin, message]) => `${path}:${line}: ${severity} ${origin}: ${message}`,
    );
    return {
      text: [`${shown.length} of ${rows.length} problems`, ...lines].join('\n'),
      structured: table(columns, shown, rows.length > shown.length),
    };
  },
});
