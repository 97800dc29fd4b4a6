import { commands, window, l10n } from 'vscode';

export interface WayOn {
  readonly label: string;
  readonly command: string;
  readonly argument?: string;
}

/** A failure with something that the user can do about it. */
export class Problem extends Error {
  readonly wayOn: WayOn;

  constructor(message: string, wayOn: WayOn) {
    super(message);
    this.wayOn = wayOn;
  }
}

/** Shows a failure with a button: what can be done about it, otherwise the log. */
export async function showProblem(error: unknown, log: { readonly show: () => void }): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const wayOn = wayOnOf(error);
  const choice = await window.showErrorMessage(`Switchboard: ${message}`, wayOn?.label ?? l10n.t('Show Log'));
  if (choice === undefined) return;
  if (wayOn === undefined) log.show();
  else await commands.executeCommand(wayOn.command, wayOn.argument);
}

/** By its fields: this module is in two bundles, each with a class of its own. */
function wayOnOf(error: unknown): WayOn | undefined {
  if (!(error instanceof Error) || !('wayOn' in error)) return undefined;
  const { wayOn } = error;
  return typeof wayOn === 'object' && wayOn !== null && 'label' in wayOn && 'command' in wayOn && isWayOn(wayOn)
    ? wayOn
    : undefined;
}

function isWayOn(fields: { readonly label: unknown; readonly command: unknown }): fields is WayOn {
  return typeof fields.label === 'string' && typeof fields.command === 'string';
}
