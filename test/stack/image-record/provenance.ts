import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';

export interface Digested {
  readonly name: string;
  readonly sha256: string;
}

export interface Built {
  readonly tag: string;
  /** Of the configuration of the image. */
  readonly imageId: string;
  readonly files: readonly Digested[];
  /** What it was made from: the lock file, Node, the list of packages. */
  readonly inputs: readonly Digested[];
  readonly repository: string;
  /** With `-dirty` where the working copy had changes. */
  readonly commit: string;
  readonly startedOn: Date;
  readonly finishedOn: Date;
}

const documentation =
  'https://github.com/switchboard-dev/switchboard/blob/main/servers/deploy/README.md#what-is-in-the-image';
const statementType = 'application/vnd.in-toto+json';

/** in-toto statement with a SLSA provenance: from what the image was made, and what came out. */
export function createStatement(built: Built): string {
  const { tag, imageId, files, inputs, repository, commit, startedOn, finishedOn } = built;
  const resource = ({ name, sha256 }: Digested) => ({ name, digest: { sha256 } });
  return `${JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [resource({ name: tag, sha256: imageId }), ...files.map(resource)],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: documentation,
        externalParameters: { tag },
        resolvedDependencies: [
          { uri: `git+${repository}`, digest: { gitCommit: commit.replace(/-dirty$/u, '') }, annotations: { commit } },
          ...inputs.map(resource),
        ],
      },
      runDetails: {
        builder: { id: documentation },
        metadata: { startedOn: startedOn.toISOString(), finishedOn: finishedOn.toISOString() },
      },
    },
  })}\n`;
}

/**
 * The statement in a DSSE envelope.
 * @param key a private key in PEM: Ed25519, ECDSA or RSA.
 */
export function signStatement(statement: string, key: string): string {
  const privateKey = createPrivateKey(key);
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const payload = Buffer.from(statement);
  const algorithm = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return `${JSON.stringify({
    payloadType: statementType,
    payload: payload.toString('base64'),
    signatures: [
      {
        keyid: createHash('sha256').update(publicKey).digest('hex'),
        sig: sign(algorithm, preAuthentication(statementType, payload), privateKey).toString('base64'),
      },
    ],
  })}\n`;
}

/** What a DSSE signature covers: the type and the payload, each with its length. */
export function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
