const statuses: Readonly<Record<string, number>> = {
  ValidationException: 400,
  ServiceQuotaExceededException: 402,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  ThrottlingException: 429,
  InternalServerException: 500,
};

/** An error of the API: its name, its HTTP status, and the members of its body. */
export class LatticeFault extends Error {
  override readonly name: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    name: string,
    message: string,
    body: Readonly<Record<string, unknown>> = {},
    retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = name;
    this.status = statuses[name] ?? 500;
    this.body = { message, ...body };
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export const conflict = (message: string, resourceId: string, resourceType: string): LatticeFault =>
  new LatticeFault("ConflictException", message, { resourceId, resourceType });

export const notFound = (resourceId: string, resourceType: string): LatticeFault =>
  new LatticeFault("ResourceNotFoundException", `${resourceType} ${resourceId} not found`, {
    resourceId,
    resourceType,
  });

export const invalid = (
  message: string,
  fields: readonly { readonly name: string; readonly message: string }[] = [],
  reason = "fieldValidationFailed",
): LatticeFault => new LatticeFault("ValidationException", message, { reason, fieldList: fields });
