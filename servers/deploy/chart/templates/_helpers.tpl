{{/* What all objects have in common. Called with (dict "root" $ "name" "jira"). */}}
{{- define "switchboard.labels" -}}
{{ include "switchboard.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "switchboard.selector" -}}
app.kubernetes.io/name: switchboard
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "switchboard.name" -}}
{{ printf "%s-%s" (.root.Release.Name | trunc 50 | trimSuffix "-") .name }}
{{- end }}

{{- define "switchboard.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{/* What every pod of ours may do: nothing but run. */}}
{{- define "switchboard.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "switchboard.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* One source of the volume of secrets: (dict "secret" "x" "key" "y" "path" "NAME"). */}}
{{- define "switchboard.secretSource" -}}
- secret:
    name: {{ .secret }}
    items: [{ key: {{ .key | quote }}, path: {{ .path }} }]
{{- end }}

{{- define "switchboard.peer" -}}
- to: [{ ipBlock: { cidr: {{ .cidr | quote }} } }]
  ports: [{ protocol: TCP, port: {{ .port }} }]
{{- end }}

{{- define "switchboard.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: {{ .Values.network.dns.namespace }} }
      podSelector:
        matchLabels: {{- toYaml .Values.network.dns.labels | nindent 10 }}
  ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
{{- end }}

{{/* Where runs go: what they read, the model, Jira and Slack. */}}
{{- define "switchboard.runsEgress" -}}
{{ include "switchboard.dnsEgress" . }}
{{ include "switchboard.peer" .Values.state.egress }}
{{- range concat .Values.runs.egress .Values.network.also }}
{{ include "switchboard.peer" . }}
{{- end }}
{{- if ne .Values.network.proxy.cidr "" }}
{{ include "switchboard.peer" .Values.network.proxy }}
{{- else }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16]
  ports: [{ protocol: TCP, port: 443 }]
{{- end }}
{{- end }}
