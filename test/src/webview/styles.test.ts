import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import themes from '../../vscode/panel/themes.json' with { type: 'json' };

// themes.json contains the variables that VS Code sets on document.documentElement.style in its four default themes, as
// far as the panel uses them. If a style sheet uses a new variable, copy its values from a running VS Code.
const folder = new URL('../../../src/webview/styles/', import.meta.url);
const sheets = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

test.each(sheets)('$name uses only colours that VS Code defines', ({ text }) => {
  expect(text.match(/#[\da-f]{3,8}\b|\brgba?\(|\bhsla?\(/giu) ?? []).toEqual([]);
  const known = new Set(Object.values(themes).flatMap(({ variables }) => Object.keys(variables)));
  const used = text.match(/--vscode-[\w-]+/gu) ?? [];
  expect(used.filter((variable) => !known.has(variable))).toEqual([]);
});
