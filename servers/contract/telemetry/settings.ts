export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables of OpenTelemetry that we heed, but for the name of the service. The headers may hold a secret. */
const names: readonly string[] = [
  'OTEL_SDK_DISABLED',
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
];

export function isTracingVariable(name: string): boolean {
  return names.includes(name);
}

/** Whether spans are sent at all: nobody is told anything unless an endpoint is set. */
export function isTraced(variables: Variables): boolean {
  return endpointOf(variables) !== undefined;
}

/** Where spans are sent: the address as given for traces, or the base of all signals with `/v1/traces`. */
export function endpointOf(variables: Variables): string | undefined {
  if (variables['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return undefined;
  if (variables['OTEL_TRACES_EXPORTER']?.trim() === 'none') return undefined;
  const traces = variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']?.trim() ?? '';
  if (traces !== '') return traces;
  const base = variables['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() ?? '';
  return base === '' ? undefined : `${base.replace(/\/+$/u, '')}/v1/traces`;
}

/** `api-key=secret,other=value`, as OpenTelemetry writes it. */
export function exporterHeaders(variables: Variables): Readonly<Record<string, string>> {
  const text = variables['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] ?? variables['OTEL_EXPORTER_OTLP_HEADERS'] ?? '';
  return Object.fromEntries(pairsOf(text));
}

/** Names and values separated by commas, the values percent-encoded. */
export function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    return name === '' ? [] : [[name, decodeOr(pair.slice(at + 1).trim())] as const];
  });
}

/** Values that must not appear in logs. */
export function tracingSecrets(variables: Variables): readonly string[] {
  const endpoint = endpointOf(variables) ?? '';
  const { username = '', password = '' } = URL.canParse(endpoint) ? new URL(endpoint) : {};
  const values = [...Object.values(exporterHeaders(variables)), decodeOr(username), decodeOr(password)];
  return values.flatMap((value) => [value, value.replace(/^\w+ +/u, '')]).filter((value) => value.length >= 8);
}

function decodeOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface TracingOptions {
  /** `switchboard-jira`, unless OTEL_SERVICE_NAME says otherwise. */
  readonly service: string;
  readonly version: string;
  readonly variables: Variables;
  /** Told of spans that were lost, at most once a minute. */
  readonly report: (message: string) => void;
}
