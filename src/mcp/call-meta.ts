import { metaKeys } from '../../servers/contract/meta.ts';
import type { CallOptions } from '../agent/tools.ts';

/** Only for our own servers. Third parties do not learn who runs what. */
export function callMeta(call: string, options: CallOptions): Record<string, unknown> {
  return {
    [metaKeys.call]: call,
    [metaKeys.run]: options.run,
    ...(options.preview === true && { [metaKeys.preview]: true }),
    ...(options.idempotencyKey !== undefined && { [metaKeys.idempotencyKey]: options.idempotencyKey }),
    ...(options.traceparent !== undefined && { [metaKeys.traceparent]: options.traceparent }),
    ...(options.approval !== undefined && { [metaKeys.approval]: options.approval }),
  };
}
