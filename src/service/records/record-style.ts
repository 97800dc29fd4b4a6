/** Follows the reader's light or dark setting. */
export const style = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:1100px;margin:0 auto;padding:16px}
h1{font-size:22px;margin:0 0 4px}h2{font-size:17px;margin:24px 0 8px}
h1,h2,p,li,summary,.answer{overflow-wrap:anywhere}
header p,p{margin:2px 0}.outcome{font-weight:600}.warning{border-left:4px solid #c60;padding-left:8px}
ol{list-style:none;padding:0}ol>li{border-left:2px solid #8888;padding:4px 0 8px 12px}
time{display:block;font-size:12px;opacity:.75}
pre,.answer{white-space:pre-wrap;overflow-wrap:anywhere}pre{background:#8881;border-radius:4px;padding:8px;margin:4px 0}
.answer{border-radius:4px;padding:8px;border:1px solid #8886}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px}th,td{border:1px solid #8886;padding:3px 8px;text-align:left;vertical-align:top}`;
