/** One part of an object that was refused, and why (metav1.StatusCause). */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The object that a refusal is about: by this kubectl names it. */
interface About {
  readonly name: string;
  readonly group: string;
  readonly kind: string;
}

/** A refusal of the API server. Its `status` is the body of the answer (metav1.Status), in the real server's words. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly code: number;
  readonly reason: string;
  readonly causes: readonly Cause[];
  readonly about: About | undefined;

  constructor(code: number, reason: string, message: string, causes: readonly Cause[] = [], about?: About) {
    super(message);
    this.about = about;
    this.code = code;
    this.reason = reason;
    this.causes = causes;
  }

  get status(): Readonly<Record<string, unknown>> {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.causes.length === 0 && this.about === undefined
        ? {}
        : { details: { ...this.about, ...(this.causes.length === 0 ? {} : { causes: this.causes }) } }),
      code: this.code,
    };
  }
}

/** How the server names a resource in messages: `gateways.gateway.networking.k8s.io`. */
export const qualified = (resource: { readonly plural: string; readonly group: string }): string =>
  resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;

type Named = { readonly plural: string; readonly group: string };

export const notFound = (resource: Named, name: string): KubeError =>
  new KubeError(404, "NotFound", `${qualified(resource)} "${name}" not found`, [], {
    name,
    group: resource.group,
    kind: resource.plural,
  });

export const alreadyExists = (resource: Named, name: string): KubeError =>
  new KubeError(409, "AlreadyExists", `${qualified(resource)} "${name}" already exists`);

export const conflict = (resource: Named, name: string): KubeError =>
  new KubeError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  );

export const expired = (asked: string, oldest: number): KubeError =>
  new KubeError(410, "Expired", `too old resource version: ${asked} (${oldest})`);

export const badRequest = (message: string): KubeError => new KubeError(400, "BadRequest", message);

export const unsupportedMediaType = (accepted: readonly string[]): KubeError =>
  new KubeError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

/**
 * What `kubectl create KIND NAME` is told of the kinds that every API server has: it sends them as protobuf whatever a server takes, and
 * does not try again in JSON (seen of 1.32). What it reads from files it sends as JSON.
 */
export const noProtobuf = (): KubeError =>
  new KubeError(
    415,
    "UnsupportedMediaType",
    `${unsupportedMediaType(["application/json", "application/yaml"]).message}. This local API server does not read protobuf, which kubectl create sends of built-in kinds: add --dry-run=client -o yaml to the command and pipe it to kubectl apply -f -, or apply a file`,
  );

/** An object that its schema or rules refuse. */
export function invalid(
  { kind, group }: { readonly kind: string; readonly group: string },
  name: string,
  causes: readonly Cause[],
): KubeError {
  const what = group === "" ? kind : `${kind}.${group}`;
  const said = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const list = said.length === 1 ? (said[0] ?? "") : `[${said.join(", ")}]`;
  return new KubeError(422, "Invalid", `${what} "${name}" is invalid: ${list}`, causes, {
    name,
    group,
    kind,
  });
}
