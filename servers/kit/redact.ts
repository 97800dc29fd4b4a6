export { createRedactor, type Redact } from '../contract/redact.ts';
