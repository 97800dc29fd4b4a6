interface Command {
  readonly name: string;
  readonly image: string;
  /** Of the command line. */
  readonly words: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** A folder with files that it reads at /given. */
  readonly given: string;
}

/** A pod of the command line, kept as close as the chart keeps its own: nothing may be written but /tmp. */
export function commandPod({ name, image, words, variables, given }: Command): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      hostNetwork: true,
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532 },
      containers: [
        {
          name: 'switchboard',
          image,
          imagePullPolicy: 'Never',
          args: ['/app/cli.cjs', ...words],
          env: Object.entries({ SWITCHBOARD_STATE_DIR: '/tmp/state', ...variables }).map(([key, value]) => ({
            name: key,
            value,
          })),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'given', mountPath: '/given', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'given', hostPath: { path: given, type: 'Directory' } },
      ],
    },
  };
}
