/** Looks like a chat; follows the reader's light or dark setting. */
export const style = `
:root { color-scheme: light dark; --back: #fff; --text: #1d1c1d; --soft: #616061; --line: #dddddd; --side: #3f0e40; --side-text: #e8dfe8;
  --code: #c01343; --code-back: #f6f6f6; --mention: #f8f0d6; --mention-text: #1264a3; --link: #1264a3; --posted: #f4f9ff; }
@media (prefers-color-scheme: dark) { :root { --back: #1a1d21; --text: #d1d2d3; --soft: #9a9b9e; --line: #35373b; --side: #19171d; --side-text: #d1d2d3;
  --code: #e8912d; --code-back: #232529; --mention: #4a3f1c; --mention-text: #8ec5ff; --link: #4aa3e0; --posted: #1d242d; } }
* { box-sizing: border-box; }
body { margin: 0; display: flex; min-height: 100vh; background: var(--back); color: var(--text); font: 15px/1.46 Lato, system-ui, sans-serif; }
nav { background: var(--side); color: var(--side-text); padding: 16px 12px; width: 220px; flex: none; }
nav ul { list-style: none; padding: 0; } nav li { padding: 3px 8px; border-radius: 6px; } nav li[aria-current] { background: #1164a3; }
nav a { color: inherit; text-decoration: none; }
.channel { flex: 1; min-width: 0; } header { border-bottom: 1px solid var(--line); padding: 12px 20px; }
header h1 { font-size: 18px; margin: 0; } header p { margin: 2px 0 0; color: var(--soft); font-size: 13px; }
main { padding: 12px 0 40px; } article { display: flex; gap: 10px; padding: 8px 20px; } article.posted { background: var(--posted); }
article:target { outline: 2px solid var(--link); outline-offset: -2px; }
.avatar { width: 36px; height: 36px; border-radius: 6px; flex: none; background: hsl(var(--hue) 45% 42%); color: #fff; display: grid; place-items: center; font-weight: 700; }
.message { min-width: 0; max-width: 900px; } .message p { margin: 0 0 4px; white-space: pre-wrap; overflow-wrap: anywhere; } .message .who { white-space: normal; } .who time, .count, .context, .empty { color: var(--soft); font-size: 12px; }
.app { background: var(--line); border-radius: 3px; font-size: 10px; padding: 1px 4px; } h2 { font-size: 18px; margin: 4px 0; overflow-wrap: anywhere; }
code { color: var(--code); background: var(--code-back); border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; font-size: 12px; }
pre { background: var(--code-back); border: 1px solid var(--line); border-radius: 4px; padding: 8px; overflow: auto; font-size: 12px; margin: 4px 0; }
blockquote { margin: 4px 0; padding-left: 12px; border-left: 4px solid var(--line); white-space: pre-wrap; }
.table { overflow-x: auto; margin: 6px 0; } table { border-collapse: collapse; font-size: 13px; } th, td { border: 1px solid var(--line); padding: 4px 10px; vertical-align: top; }
th { background: var(--code-back); } td p, th p { margin: 0 !important; } ul, ol { margin: 2px 0; padding-left: 26px; }
.mention { background: var(--mention); color: var(--mention-text); border-radius: 3px; padding: 0 2px; } a { color: var(--link); }
.unfurl, .file { border-left: 4px solid var(--line); padding: 4px 10px; margin: 6px 0; font-size: 13px; } .thread { margin-left: 46px; border-left: 2px solid var(--line); } .count { padding: 4px 20px; margin: 0; }
.reaction { border: 1px solid var(--line); border-radius: 12px; padding: 1px 8px; font-size: 12px; margin-right: 4px; } main > ul { padding-left: 40px; }
.button { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 4px 12px; font-weight: 700; } .primary { background: #007a5a; color: #fff; } .danger { background: #e01e5a; color: #fff; }
`;
