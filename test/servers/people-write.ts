/** What people write, and what a reader must see of it, marks of Markdown gone and all others there. */
export const peopleWrite: readonly (readonly [markdown: string, seen: string])[] = [
  // Arithmetic, globs, code, SQL.
  ['2*3*4 = 24', '2*3*4 = 24'],
  ['a*b*c and 2**3**4', 'a*b*c and 2**3**4'],
  ['def f(*args, **kwargs): g(*args, **kwargs)', 'def f(*args, **kwargs): g(*args, **kwargs)'],
  ['src/**/*.ts and test/**/*.ts', 'src/**/*.ts and test/**/*.ts'],
  ['**/node_modules/** and **/dist/**', '**/node_modules/** and **/dist/**'],
  ['*.log, *.txt and *.{js,ts}', '*.log, *.txt and *.{js,ts}'],
  ['SELECT count(*), sum(a*b), avg(c*d) FROM t', 'SELECT count(*), sum(a*b), avg(c*d) FROM t'],
  ["WHERE x = '*' OR y = '*'", "WHERE x = '*' OR y = '*'"],
  ['/* one */ x /* two */', '/* one */ x /* two */'],
  ['.*foo.* and [*] and (x)*(y)', '.*foo.* and [*] and (x)*(y)'],
  ['*/5 * * * * and 0 */2 * * *', '*/5 * * * * and 0 */2 * * *'],
  ['__init__.py, __name__ == "__main__", obj.__dict__', '__init__.py, __name__ == "__main__", obj.__dict__'],
  ['-*- coding: utf-8 -*-', '-*- coding: utf-8 -*-'],
  // Emphasis that is meant.
  ['**bold**, *it* and (**b**) **12**ms', 'bold, it and (b) 12ms'],
  ['**/checkout** fails, **Done.**', '/checkout fails, Done.'],
  ['un**believ**able', 'unbelievable'],
  ['**「重要」**です。これは**強調（注意）**です。', '「重要」です。これは強調（注意）です。'],
  ['중요**한국어**입니다 **“인용”**입니다', '중요한국어입니다 “인용”입니다'],
  ['请看**这里**。**“注意”**！', '请看这里。“注意”！'],
  // HTML.
  ['line1<br>line2<br/>line3<BR />line4', 'line1\nline2\nline3\nline4'],
  ['before <!-- nobody sees this --> after', 'before  after'],
  ['<b>bold</b> and <em>it</em> and <script>', 'bold and it and <script>'],
  ['<a href="https://example.com/q?a=1&amp;b=2" target="_blank">label</a> <kbd>Ctrl</kbd>', 'label Ctrl'],
  ['<code>a &lt; b*c*</code> <u>under</u> <ins>new</ins>', 'a < b*c* under new'],
  ['<img width="3" src="https://example.com/i.png" alt="a picture"/>', 'a picture'],
  ['<a href="javascript:x()">no</a>', '<a href="javascript:x()">no</a>'],
  // Links.
  ['<https://example.com/x|>', 'https://example.com/x'],
  ['[log4j.properties](https://g.example/a) [event.target](https://g.example/a)', 'log4j.properties event.target'],
  ['[com.example.OrderService](https://g.example/a)', 'com.example.OrderService'],
  ['See <https://example.com/doc|the document> now', 'See the document now'],
  ['a|https://example.com/x|b', 'a|https://example.com/x|b'],
  ['[src/orders/repository.ts:31](https://github.com/a/b)', 'src/orders/repository.ts:31'],
  ['[Node.js](https://nodejs.org/) [README.md](https://github.com/a/b)', 'Node.js README.md'],
  ['[main.rs](https://g.example/a) [setup.py](https://g.example/a)', 'main.rs setup.py'],
  ['[pkg/mod.go](https://g.example/a) [deploy.sh](https://g.example/a)', 'pkg/mod.go deploy.sh'],
  ['[package.json](https://g.example/a) [pandas.DataFrame](https://g.example/a)', 'package.json pandas.DataFrame'],
  ['[github.com](https://www.github.com/a)', 'github.com'],
  ['see https://github.com/a/b/blob/main/README.md', 'see https://github.com/a/b/blob/main/README.md'],
  ['https://ci.example.com/job/1/console.txt', 'https://ci.example.com/job/1/console.txt'],
];

/** Labels that name another host than the link's. */
export const misleadingLabels: readonly string[] = [
  'paypal.com',
  'www.paypal.com/login',
  'see https://paypal.com/x',
  'paypal.соm',
  'Log in at PAYPAL.COM now',
  'https://github.com',
];
