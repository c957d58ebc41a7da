import type { KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";
import { isObject, type Json } from "./schema.ts";
import type { Cause } from "./status.ts";

const texts = { type: "object", additionalProperties: { type: "string" } } as const;

/** What the API server does with Secrets beyond keeping them: plain text is encoded, and a certificate has both its parts. */
export const secret: Pick<Resource, "schema" | "complete" | "check"> = {
  schema: {
    type: "object",
    properties: { type: { type: "string", default: "Opaque" }, data: texts, stringData: texts },
    "x-kubernetes-preserve-unknown-fields": true,
  },
  complete: encoded,
  check: secretProblems,
};

/** `stringData` is a way to write, and never read back: it goes into `data`, over what is there. */
function encoded({ stringData, ...content }: Json): Json {
  if (!isObject(stringData)) return content;
  const data = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString("base64"),
  ]);
  return {
    ...content,
    data: { ...(isObject(content["data"]) ? content["data"] : {}), ...Object.fromEntries(data) },
  };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const keyName = /^[-._a-zA-Z0-9]+$/;

function secretProblems(content: Json, old: KubeObject | undefined): readonly Cause[] {
  const data = isObject(content["data"]) ? content["data"] : {};
  const bad = Object.entries(data).flatMap(([key, value]): readonly Cause[] => {
    const field = `data[${key}]`;
    if (!keyName.test(key))
      return [
        {
          reason: "FieldValueInvalid",
          message: `Invalid value: ${JSON.stringify(key)}: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
          field,
        },
      ];
    return base64.test(String(value))
      ? []
      : [{ reason: "FieldValueInvalid", message: "Invalid value: illegal base64 data", field }];
  });
  const needed = content["type"] === "kubernetes.io/tls" ? ["tls.crt", "tls.key"] : [];
  const missing = needed
    .filter((key) => data[key] === undefined)
    .map((key) => ({
      reason: "FieldValueRequired",
      message: "Required value",
      field: `data[${key}]`,
    }));
  const moved =
    old === undefined || old["type"] === content["type"]
      ? []
      : [
          {
            reason: "FieldValueInvalid",
            message: `Invalid value: ${JSON.stringify(content["type"])}: field is immutable`,
            field: "type",
          },
        ];
  return [...bad, ...missing, ...moved];
}
