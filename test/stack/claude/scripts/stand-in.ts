import type { Script } from '../conversation.ts';

export const standInScript: Script = () => ({ text: 'I am a stand-in for Claude.' });
