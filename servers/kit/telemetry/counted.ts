import { outcomeOf, type CallAudit, type RecordedCall } from '../audit.ts';
import { ToolError } from '../errors.ts';
import type { ToolLimits } from '../rate-limit.ts';
import { noMetrics, type Metrics } from './metrics.ts';

/** Counts every call that is recorded: none is missing from the one and present in the other. */
export function countCalls(audit: CallAudit, metrics: Metrics): CallAudit {
  if (metrics === noMetrics) return audit;
  return {
    intend: (call) => {
      const { tool } = call;
      const started = performance.now();
      const seconds = (): number => (performance.now() - started) / 1000;
      const counted = (recorded: RecordedCall): RecordedCall => ({
        finish: (structured) => {
          const { outcome } = structured;
          const told = outcome === 'replayed' || outcome === 'preview' ? outcome : 'ok';
          metrics.toolCalled({ tool, outcome: told, code: undefined, seconds: seconds() });
          return recorded.finish(structured);
        },
        fail: (error) => {
          metrics.toolCalled({ tool, outcome: outcomeOf(error.code), code: error.code, seconds: seconds() });
          return recorded.fail(error);
        },
      });
      const recorded = audit.intend(call);
      return recorded instanceof Promise ? recorded.then(counted) : counted(recorded);
    },
    refuse: (call, error) => {
      metrics.toolCalled({ tool: call.tool, outcome: 'denied', code: error.code, seconds: undefined });
      audit.refuse(call, error);
    },
  };
}

export function countRefusals(limits: ToolLimits, metrics: Metrics): ToolLimits {
  return {
    take: async (tool, waiter) => {
      try {
        await limits.take(tool, waiter);
      } catch (error) {
        if (error instanceof ToolError && (error.code === 'rate_limited' || error.code === 'quota_exceeded'))
          metrics.quotaRefused(tool.name);
        throw error;
      }
    },
  };
}
