import { type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { listedPrices, modelName, pricesAsOf } from '../../agent/prices.ts';
import { settingsSchema, type Settings } from '../../settings.ts';
import { readSettings, writeSetting } from '../engine/configuration.ts';

interface Choice extends QuickPickItem {
  readonly apply?: () => Promise<void>;
}

type Effort = Settings['effort'];

const efforts: Readonly<Record<Effort, string>> = {
  default: 'What the model does unless told otherwise',
  low: 'Fastest and cheapest',
  medium: 'Less thorough than usual',
  high: 'Thorough',
  xhigh: 'More thorough, and slower',
  max: 'As thorough as the model can be; costs most',
};

/** Lets the user choose the model, with its price, and how much effort it makes. */
export async function chooseModel(): Promise<void> {
  const { settings } = readSettings();
  const current = modelName(settings.model);
  const listed = listedPrices();
  const models = listed.map(({ model, input, output }): Choice => {
    const price = `$${input} in, $${output} out per million tokens`;
    return choice(titleOf(model), price, model === current, () => writeSetting('model', model));
  });
  const own = listed.some(({ model }) => model === current)
    ? []
    : [choice(settings.model, 'Price not known', true, () => writeSetting('model', settings.model))];
  const levels = settingsSchema.shape.effort.def.innerType.options.map((effort) =>
    choice(`Effort: ${effort}`, efforts[effort], effort === settings.effort, () => writeSetting('effort', effort)),
  );
  const items: Choice[] = [
    { label: `Model (prices as of ${pricesAsOf})`, kind: QuickPickItemKind.Separator },
    ...models,
    ...own,
    choice('Another model…', 'By its ID', false, askForModel),
    { label: 'Effort', kind: QuickPickItemKind.Separator },
    ...levels,
  ];
  const chosen = await window.showQuickPick(items, { title: 'Model and Effort', matchOnDescription: true });
  await chosen?.apply?.();
}

function choice(label: string, description: string, isCurrent: boolean, apply: () => Promise<void>): Choice {
  return { label: isCurrent ? `$(check) ${label}` : label, description, apply };
}

async function askForModel(): Promise<void> {
  const model = await window.showInputBox({
    title: 'Model',
    prompt: 'ID of the model, as its provider writes it',
    value: readSettings().settings.model,
    validateInput: (text) => (text.trim() === '' ? 'Enter an ID.' : undefined),
  });
  if (model !== undefined) await writeSetting('model', model.trim());
}

/** `Claude Sonnet 5.5` */
export function titleOf(model: string): string {
  const [, family = '', version = ''] = /^claude-([a-z]+)-([\d-]+)$/u.exec(modelName(model)) ?? [];
  if (family === '') return model;
  return `Claude ${family.charAt(0).toUpperCase()}${family.slice(1)} ${version.replaceAll('-', '.')}`;
}
