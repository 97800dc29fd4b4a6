import { ToolError } from '../kit/errors.ts';

export function missingScope(scope = 'that this needs'): ToolError {
  return new ToolError('forbidden', `The Slack app lacks the scope ${scope}.`, {
    hint: 'Add it under "OAuth & Permissions" of the app and install the app again.',
  });
}
