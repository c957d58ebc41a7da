/**
 * Event patterns (EventBridge user guide, "Comparison operators for use in event patterns"). An object of a pattern asks for
 * each of its fields; a list is a choice; a list in the event matches when one of its elements does.
 */

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether an event matches a pattern. Throws TypeError for a pattern that holds an operator that does not exist. */
export function matches(pattern: Json, event: Json): boolean {
  if (!isObject(pattern)) throw new TypeError(`not an event pattern: ${JSON.stringify(pattern)}`);
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === "$or") return list(wanted).some((branch) => matches(branch, event));
    const value = isObject(event) ? event[field] : undefined;
    const present = isObject(event) && Object.hasOwn(event, field);
    if (isObject(wanted))
      return present ? elements(value).some((one) => matches(wanted, one)) : matches(wanted, {});
    return list(wanted).some((choice) => choiceMatches(choice, value, present));
  });
}

function choiceMatches(choice: Json, value: Json, present: boolean): boolean {
  if (isObject(choice) && Object.hasOwn(choice, "exists")) return choice["exists"] === present;
  return present && elements(value).some((one) => valueMatches(choice, one));
}

const elements = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);

function list(value: Json): readonly Json[] {
  if (!Array.isArray(value))
    throw new TypeError(`a pattern's field holds a list or an object, not ${JSON.stringify(value)}`);
  return value;
}

function valueMatches(choice: Json, value: Json): boolean {
  if (!isObject(choice)) return choice === value;
  const [[operator, argument] = ["", undefined], ...others] = Object.entries(choice);
  if (others.length > 0)
    throw new TypeError(`a choice of a pattern has one operator: ${JSON.stringify(choice)}`);
  switch (operator) {
    case "prefix":
      return text(value, argument, (one, wanted) => one.startsWith(wanted));
    case "suffix":
      return text(value, argument, (one, wanted) => one.endsWith(wanted));
    case "equals-ignore-case":
      return typeof value === "string" && value.toLowerCase() === String(argument).toLowerCase();
    case "wildcard":
      return typeof value === "string" && elements(argument).some((one) => wildcard(String(one), value));
    case "anything-but":
      return !anythingBut(argument, value);
    case "numeric":
      return typeof value === "number" && numeric(list(argument), value);
    case "cidr":
      return typeof value === "string" && inCidr(String(argument), value);
    default:
      throw new TypeError(`there is no operator "${operator}" in event patterns`);
  }
}

/** A text operator, which may hold a list of texts or an object that ignores case. */
function text(value: Json, argument: Json, compare: (value: string, wanted: string) => boolean): boolean {
  if (typeof value !== "string") return false;
  if (isObject(argument))
    return elements(argument["equals-ignore-case"]).some((one) =>
      compare(value.toLowerCase(), String(one).toLowerCase()),
    );
  return elements(argument).some((one) => compare(value, String(one)));
}

function anythingBut(argument: Json, value: Json): boolean {
  if (!isObject(argument)) return elements(argument).some((one) => one === value);
  return Object.entries(argument).some(([operator, inner]) => {
    if (operator === "equals-ignore-case")
      return elements(inner).some((one) => valueMatches({ [operator]: one }, value));
    return valueMatches({ [operator]: inner }, value);
  });
}

function numeric(terms: readonly Json[], value: number): boolean {
  for (let index = 0; index < terms.length; index += 2) {
    const bound = Number(terms[index + 1]);
    const holds: Readonly<Record<string, boolean>> = {
      "<": value < bound,
      "<=": value <= bound,
      ">": value > bound,
      ">=": value >= bound,
      "=": value === bound,
    };
    const answer = holds[String(terms[index])];
    if (answer === undefined) throw new TypeError(`there is no numeric comparison "${String(terms[index])}"`);
    if (!answer) return false;
  }
  return true;
}

function wildcard(pattern: string, value: string): boolean {
  const parts = pattern
    .split(/(?<!\\)\*/)
    .map((part) => part.replaceAll("\\*", "*").replaceAll("\\\\", "\\"));
  const expression = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join(".*");
  return new RegExp(`^${expression}$`, "s").test(value);
}

function inCidr(cidr: string, address: string): boolean {
  const [base = "", bits = ""] = cidr.split("/");
  const [network, one] = [bitsOf(base), bitsOf(address)];
  return (
    network !== undefined &&
    one !== undefined &&
    network.length === one.length &&
    network.slice(0, Number(bits)) === one.slice(0, Number(bits))
  );
}

/** An IPv4 or IPv6 address as a text of bits, or undefined. */
function bitsOf(address: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(address))
    return address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  if (!address.includes(":")) return undefined;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...middle, ...right]
    .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, "0"))
    .join("");
}
