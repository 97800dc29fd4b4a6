import { type QuickPickItem, QuickPickItemKind, window, l10n } from 'vscode';
import { listedPrices, modelName, pricesAsOf } from '../../agent/prices.ts';
import { settingsSchema, type Settings } from '../../settings.ts';
import { readSettings, writeSetting } from '../engine/configuration.ts';

interface Choice extends QuickPickItem {
  readonly apply?: () => Promise<void>;
}

type Effort = Settings['effort'];

const efforts: Readonly<Record<Effort, string>> = {
  default: l10n.t('What the model does unless told otherwise'),
  low: l10n.t('Fastest and cheapest'),
  medium: l10n.t('Less thorough than usual'),
  high: l10n.t('Thorough'),
  xhigh: l10n.t('More thorough, and slower'),
  max: l10n.t('As thorough as the model can be; costs most'),
};

/** Lets the user choose the model, with its price, and how much effort it makes. */
export async function chooseModel(): Promise<void> {
  const { settings } = readSettings();
  const current = modelName(settings.model);
  const listed = listedPrices();
  const models = listed.map(({ model, input, output }): Choice => {
    const price = l10n.t('${0} in, ${1} out per million tokens', input, output);
    return choice(titleOf(model), price, model === current, () => writeSetting('model', model));
  });
  const own = listed.some(({ model }) => model === current)
    ? []
    : [choice(settings.model, l10n.t('Price not known'), true, () => writeSetting('model', settings.model))];
  const levels = settingsSchema.shape.effort.def.innerType.options.map((effort) =>
    choice(l10n.t('Effort: {0}', effort), efforts[effort], effort === settings.effort, () =>
      writeSetting('effort', effort),
    ),
  );
  const items: Choice[] = [
    { label: l10n.t('Model (prices as of {0})', pricesAsOf), kind: QuickPickItemKind.Separator },
    ...models,
    ...own,
    choice(l10n.t('Another model…'), l10n.t('By its ID'), false, askForModel),
    { label: l10n.t('Effort'), kind: QuickPickItemKind.Separator },
    ...levels,
  ];
  const chosen = await window.showQuickPick(items, { title: l10n.t('Model and Effort'), matchOnDescription: true });
  await chosen?.apply?.();
}

function choice(label: string, description: string, isCurrent: boolean, apply: () => Promise<void>): Choice {
  return { label: isCurrent ? `$(check) ${label}` : label, description, apply };
}

async function askForModel(): Promise<void> {
  const model = await window.showInputBox({
    title: l10n.t('Model'),
    prompt: l10n.t('ID of the model, as its provider writes it'),
    value: readSettings().settings.model,
    validateInput: (text) => (text.trim() === '' ? l10n.t('Enter an ID.') : undefined),
  });
  if (model !== undefined) await writeSetting('model', model.trim());
}

/** `Claude Sonnet 5.5` */
export function titleOf(model: string): string {
  const [, family = '', version = ''] = /^claude-([a-z]+)-([\d-]+)$/u.exec(modelName(model)) ?? [];
  if (family === '') return model;
  return `Claude ${family.charAt(0).toUpperCase()}${family.slice(1)} ${version.replaceAll('-', '.')}`;
}
