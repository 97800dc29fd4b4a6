import type { SecretName, SettingName, Settings } from '../../../settings.ts';
import type { Secrets } from '../../engine/secrets.ts';
import type { Answers, Question } from '../input-steps.ts';

export type Key = SettingName | SecretName;

/** What Set Up Connections asks for a system. Answers are keyed by the name of their setting or secret. */
export interface Definition {
  readonly isConnected: (settings: Settings, secrets: Secrets) => boolean;
  /** Describes what it is connected to, in a few words. */
  readonly describe: (settings: Settings) => string;
  /** The places named in the settings (projects, channels) that the test must find. */
  readonly places: (settings: Settings) => readonly string[];
  readonly questions: (settings: Settings, secrets: Secrets) => readonly Question<Key>[];
  /** Converts what was typed to what is stored. */
  readonly normalise?: (answers: Answers<Key>) => Answers<Key>;
  /** What Set Up Connections calls each environment variable that appears in messages. */
  readonly terms: Readonly<Record<string, string>>;
}
