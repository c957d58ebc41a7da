type Json = Readonly<Record<string, unknown>>;

/**
 * What breaks a rule and what does not, by the rule's message: two changes (JSON merge patches) of the kind's valid spec that
 * lie as near to each other as can be, and the messages of other rules that the first one cannot help breaking too.
 */
export type Rules = Readonly<Record<string, readonly [broken: Json, whole: Json, ...others: string[]]>>;

/** The rules of a kind, each with what shows that it holds. */
export interface KindRules {
  readonly plural: string;
  readonly kind: string;
  readonly spec: Json;
  readonly onCreate: Rules;
  /** Transition rules: the change is made to an object that is there. */
  readonly onUpdate?: Rules;
  /** Changes of the status. */
  readonly onStatus?: Rules;
  /** The schema says the same by an enum, and refuses first: these are tried without it. */
  readonly behindEnums?: Rules;
}

/** The rules on the parents of every route. */
export const parentRules: Rules = {
  "sectionName must be specified when parentRefs includes 2 or more references to the same parent": [
    { parentRefs: [{ name: "front", sectionName: "a" }, { name: "front" }] },
    {
      parentRefs: [
        { name: "front", sectionName: "a" },
        { name: "front", namespace: "infra" },
      ],
    },
  ],
  "sectionName must be unique when parentRefs includes 2 or more references to the same parent": [
    { parentRefs: [{ name: "front" }, { name: "front" }] },
    { parentRefs: [{ name: "front" }, { name: "front", namespace: "infra" }] },
  ],
};

/** The rule on the backends of every route. */
export const backendRules: Rules = {
  "Must have port for Service reference": [
    { rules: [{ backendRefs: [{ name: "a" }] }] },
    { rules: [{ backendRefs: [{ name: "a", kind: "ServiceImport", group: "example.com" }] }] },
  ],
};

/** Filters that are complete, by their type. */
const complete = {
  RequestHeaderModifier: { requestHeaderModifier: { set: [{ name: "a", value: "b" }] } },
  ResponseHeaderModifier: { responseHeaderModifier: { set: [{ name: "a", value: "b" }] } },
  RequestMirror: { requestMirror: { backendRef: { name: "mirror", port: 80 } } },
  RequestRedirect: { requestRedirect: { hostname: "other.example.com" } },
  URLRewrite: { urlRewrite: { hostname: "other.example.com" } },
  ExtensionRef: { extensionRef: { group: "example.com", kind: "Thing", name: "a" } },
  CORS: { cors: { allowOrigins: ["https://example.com"] } },
} as const;

export type FilterType = keyof typeof complete;

export const filter = (type: FilterType, content: Json = complete[type]): Json => ({ type, ...content });
/** One rule with these filters, and no backend that might not go with them. */
export const filtered = (...filters: readonly Json[]): Json => ({ rules: [{ filters }] });

/** The rules that every type of filter has: its content goes with its type, and both with nothing else. */
export function contentRules(types: readonly FilterType[]): Rules {
  return Object.fromEntries(
    types.flatMap((type) => {
      const field = Object.keys(complete[type]).join();
      const other = types.find((one) => one !== type) ?? type;
      return [
        [
          `filter.${field} must be nil if the filter.type is not ${type}`,
          [filtered({ ...filter(other), ...complete[type] }), filtered(filter(other))],
        ],
        [
          `filter.${field} must be specified for ${type} filter.type`,
          [filtered(filter(type, {})), filtered(filter(type))],
        ],
      ];
    }),
  );
}

/** The rules that a type of filter is there once. */
export const onceRules = (types: readonly FilterType[]): Rules =>
  Object.fromEntries(
    types.map((type) => [
      `${type} filter cannot be repeated`,
      [filtered(filter(type), filter(type)), filtered(filter(type))],
    ]),
  );

const mirror = (more: Json): Json =>
  filtered(filter("RequestMirror", { requestMirror: { ...complete.RequestMirror.requestMirror, ...more } }));

export const mirrorRules: Rules = {
  "Only one of percent or fraction may be specified in HTTPRequestMirrorFilter": [
    mirror({ percent: 10, fraction: { numerator: 1 } }),
    mirror({ percent: 10 }),
  ],
  "numerator must be less than or equal to denominator": [
    mirror({ fraction: { numerator: 3, denominator: 2 } }),
    mirror({ fraction: { numerator: 3 } }),
  ],
};
