/** Types of the agent that the webview needs. The webview can import chat but not the agent. */
export type { Preview } from '../../servers/contract/preview.ts';
export type { ApprovalRequest, OutgoingClaim } from '../agent/approval.ts';
export type { ConditionState, EvidenceView, Forecast, PlanStep, RunEnd } from '../agent/events.ts';
export type { Arguments, Image, JsonSchema, ToolFailure } from '../agent/tools.ts';
