import { ToolError } from '../kit/errors.ts';

export function missingScope(scope = 'that this requires'): ToolError {
  return new ToolError('forbidden', `The Slack app lacks the scope ${scope}.`, {
    hint: 'Add it under "OAuth & Permissions" in the app settings and reinstall the app.',
  });
}
