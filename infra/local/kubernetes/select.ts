import type { KubeObject } from "./objects.ts";
import { storageOf } from "./resources.ts";
import { qualified, badRequest } from "./status.ts";

/** Which objects a list or watch asks for. Throws KubeError 400 for a selector that is not understood. */
export function selectorOf(
  resource: { readonly plural: string; readonly group: string },
  query: URLSearchParams,
): (object: KubeObject) => boolean {
  const labels = labelTerms(query.get("labelSelector") ?? "");
  const fields = fieldTerms(query.get("fieldSelector") ?? "", resource);
  return (object) => [...labels, ...fields].every((term) => term(object));
}

type Term = (object: KubeObject) => boolean;

/** Terms of a label selector: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`. */
function labelTerms(selector: string): readonly Term[] {
  const terms = selector.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return terms.map((text) => {
    const term = text.trim();
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    const value = (object: KubeObject, key: string): string | undefined => object.metadata.labels?.[key];
    if (set !== null) {
      const [, key = "", operator, list = ""] = set;
      const values = list.split(",").map((one) => one.trim());
      return (object) => values.includes(value(object, key) ?? "\0") === (operator === "in");
    }
    const equal = /^([^!=\s]+)\s*(!=|==|=)\s*(\S*)$/.exec(term);
    if (equal !== null) {
      const [, key = "", operator, wanted = ""] = equal;
      return (object) => (value(object, key) === wanted) === (operator !== "!=");
    }
    const exists = /^(!?)([^!=\s]+)$/.exec(term);
    if (exists === null) throw badRequest(`unable to parse requirement: ${term}`);
    const [, not, key = ""] = exists;
    return (object) => (value(object, key) === undefined) === (not === "!");
  });
}

function fieldTerms(
  selector: string,
  resource: { readonly plural: string; readonly group: string },
): readonly Term[] {
  return selector
    .split(",")
    .filter((term) => term !== "")
    .map((term) => {
      const [, field = "", operator, wanted = ""] = /^([^!=]+)(!=|==|=)(.*)$/.exec(term) ?? [];
      const read = fieldsOf(resource)[field];
      if (read === undefined)
        throw badRequest(
          resource.group === ""
            ? `field label not supported: ${field}`
            : `Unable to find "${qualified(resource)}" that match label selector "", field selector "${selector}": field label not supported: ${field}`,
        );
      return (object) => (read(object) === wanted) === (operator !== "!=");
    });
}

type Fields = Readonly<Record<string, (object: KubeObject) => string>>;

const everywhere: Fields = {
  "metadata.name": (object) => object.metadata.name,
  "metadata.namespace": (object) => object.metadata.namespace ?? "",
};

/** Fields that only one resource can be selected by. */
const special: Readonly<Record<string, Fields>> = {
  "/secrets": { type: (object) => String(object["type"]) },
};

const fieldsOf = (resource: { readonly plural: string; readonly group: string }): Fields => ({
  ...everywhere,
  ...special[storageOf(resource)],
});
