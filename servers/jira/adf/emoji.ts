/** Short names that people use in tickets. Any other `:name:` stays literal text. */
const emoji: ReadonlyMap<string, string> = new Map([
  ['+1', '👍'],
  ['-1', '👎'],
  ['alarm_clock', '⏰'],
  ['ambulance', '🚑'],
  ['bell', '🔔'],
  ['boom', '💥'],
  ['bug', '🐛'],
  ['bulb', '💡'],
  ['chart_with_downwards_trend', '📉'],
  ['chart_with_upwards_trend', '📈'],
  ['check_mark', '✔️'],
  ['clock', '🕒'],
  ['construction', '🚧'],
  ['credit_card', '💳'],
  ['eyes', '👀'],
  ['fire', '🔥'],
  ['heavy_check_mark', '✔️'],
  ['hourglass', '⌛'],
  ['information_source', 'ℹ️'],
  ['link', '🔗'],
  ['lock', '🔒'],
  ['mag', '🔍'],
  ['memo', '📝'],
  ['no_entry', '⛔'],
  ['package', '📦'],
  ['pushpin', '📌'],
  ['question', '❓'],
  ['red_circle', '🔴'],
  ['rocket', '🚀'],
  ['rotating_light', '🚨'],
  ['skull', '💀'],
  ['slightly_smiling_face', '🙂'],
  ['smile', '😄'],
  ['snail', '🐌'],
  ['tada', '🎉'],
  ['thinking', '🤔'],
  ['thumbsdown', '👎'],
  ['thumbsup', '👍'],
  ['warning', '⚠️'],
  ['white_check_mark', '✅'],
  ['wrench', '🔧'],
  ['x', '❌'],
]);

/** @param shortName as `:wave:` or `:wave::skin-tone-3:` */
export function findEmoji(shortName: string): string | undefined {
  const [, name = '', tone = '1'] = /^:([^:]+):(?::skin-tone-([2-6]):)?$/.exec(shortName) ?? [];
  const character = emoji.get(name);
  if (character === undefined || tone === '1') return character;
  return character + String.fromCodePoint(0x1f3fb + Number(tone) - 2);
}
