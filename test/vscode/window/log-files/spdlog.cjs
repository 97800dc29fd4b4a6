/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call -- the modules of Node have no types in CommonJS */
// In the place of @vscode/spdlog, whose native part code-server's own install script would compile: VS Code's log files, and
// the output channels of extensions. Every line is in its file at once, so that nothing is lost where VS Code is killed.
'use strict';
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const off = levels.length;

/**
 * @param {string} _name
 * @param {string} path
 */
async function createLogger(_name, path) {
  mkdirSync(dirname(path), { recursive: true });
  let least = levels.indexOf('info');
  let plain = false;
  /** @type {(level: string, text: string) => void} */
  const write = (level, text) => {
    if (levels.indexOf(level) < least || least === off) return;
    appendFileSync(path, plain ? text : `${new Date().toISOString()} [${level}] ${text}\n`);
  };
  return {
    ...Object.fromEntries(levels.map((level) => [level, (/** @type {string} */ text) => write(level, text)])),
    getLevel: () => least,
    setLevel: (/** @type {number} */ level) => (least = level),
    clearFormatters: () => (plain = true),
    setPattern: () => (plain = false),
    flush: () => undefined,
    drop: () => undefined,
  };
}

exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
