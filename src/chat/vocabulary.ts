/** The core's words that the webview draws: it may import chat, never the agent. */
export type { ApprovalRequest } from '../agent/approval.ts';
export type { ConditionState, EvidenceView, Forecast, PlanStep, RunEnd } from '../agent/events.ts';
export type { Arguments, JsonSchema, Preview, ToolFailure } from '../agent/tools.ts';
