/** Types of the agent that the webview needs. The webview can import chat but not the agent. */
export type { ApprovalRequest } from '../agent/approval.ts';
export type { ConditionState, EvidenceView, Forecast, PlanStep, RunEnd } from '../agent/events.ts';
export type { Arguments, JsonSchema, Preview, ToolFailure } from '../agent/tools.ts';
