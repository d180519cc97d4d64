{{- define "vaguemestre.labels" -}}
app.kubernetes.io/name: vaguemestre
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "vaguemestre.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "vaguemestre.container" -}}
image: {{ required "image: which image?" .Values.image }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "vaguemestre.env" -}}
- {name: CREDENTIALS_DIRECTORY, value: /run/credentials}
- {name: VAGUEMESTRE_KAFKA, value: {{ required "kafka.servers: which servers?" .Values.kafka.servers | quote }}}
- {name: VAGUEMESTRE_KAFKA_TLS, value: "true"}
{{- if .Values.kafka.authority }}
- {name: VAGUEMESTRE_KAFKA_CA, value: /etc/vaguemestre/kafka/ca.pem}
{{- end }}
- {name: VAGUEMESTRE_PREFIX, value: {{ .Values.kafka.prefix | quote }}}
- {name: VAGUEMESTRE_HTTP_HOST, value: 0.0.0.0}
- {name: VAGUEMESTRE_HTTP_PORT, value: "9000"}
- {name: VAGUEMESTRE_HEALTH_HOST, value: 0.0.0.0}
- {name: VAGUEMESTRE_HEALTH_PORT, value: "9001"}
{{- end }}
