import {
  backendRules,
  contentRules,
  filter,
  filtered,
  mirrorRules,
  onceRules,
  parentRules,
  type FilterType,
  type KindRules,
  type Rules,
} from "./table.ts";

const backendRefs = [{ name: "shop", port: 80 }];
const parentRefs = [{ name: "front" }];
const spec = { parentRefs, rules: [{ backendRefs }] };

const common: readonly FilterType[] = [
  "RequestHeaderModifier",
  "ResponseHeaderModifier",
  "RequestMirror",
  "ExtensionRef",
];

const prefixed = { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/new" } };
const redirect = filter("RequestRedirect", { requestRedirect: prefixed });
const rewrite = filter("URLRewrite", { urlRewrite: prefixed });
const exact = [{ path: { type: "Exact", value: "/old" } }];
const prefix = [{ path: { type: "PathPrefix", value: "/old" } }];
const single = "exactly one PathPrefix match must be specified";

const prefixRules: Rules = {
  [`When using RequestRedirect filter with path.replacePrefixMatch, ${single}`]: [
    { rules: [{ matches: exact, filters: [redirect] }] },
    { rules: [{ matches: prefix, filters: [redirect] }] },
  ],
  [`When using URLRewrite filter with path.replacePrefixMatch, ${single}`]: [
    { rules: [{ matches: [...prefix, ...exact], filters: [rewrite] }] },
    { rules: [{ matches: prefix, filters: [rewrite] }] },
  ],
  [`Within backendRefs, when using RequestRedirect filter with path.replacePrefixMatch, ${single}`]: [
    { rules: [{ matches: exact, backendRefs: [{ ...backendRefs[0], filters: [redirect] }] }] },
    { rules: [{ matches: prefix, backendRefs: [{ ...backendRefs[0], filters: [redirect] }] }] },
  ],
  [`Within backendRefs, When using URLRewrite filter with path.replacePrefixMatch, ${single}`]: [
    { rules: [{ matches: exact, backendRefs: [{ ...backendRefs[0], filters: [rewrite] }] }] },
    { rules: [{ matches: prefix, backendRefs: [{ ...backendRefs[0], filters: [rewrite] }] }] },
  ],
};

const moved = (path: Readonly<Record<string, string>>) =>
  filtered(filter("URLRewrite", { urlRewrite: { path } }));
const full = { type: "ReplaceFullPath", replaceFullPath: "/new" };

const modifierRules: Rules = {
  "replaceFullPath must be specified when type is set to 'ReplaceFullPath'": [
    moved({ type: "ReplaceFullPath" }),
    moved(full),
  ],
  "type must be 'ReplaceFullPath' when replaceFullPath is set": [
    moved({ ...prefixed.path, replaceFullPath: "/new" }),
    moved(prefixed.path),
  ],
  "replacePrefixMatch must be specified when type is set to 'ReplacePrefixMatch'": [
    moved({ type: "ReplacePrefixMatch" }),
    moved(prefixed.path),
  ],
  "type must be 'ReplacePrefixMatch' when replacePrefixMatch is set": [
    moved({ ...full, replacePrefixMatch: "/new" }),
    moved(full),
  ],
};

const cors = (content: Readonly<Record<string, readonly string[]>>) =>
  filtered(filter("CORS", { cors: content }));

const corsRules: Rules = {
  "AllowHeaders cannot contain '*' alongside other methods": [
    cors({ allowHeaders: ["*", "accept"] }),
    cors({ allowHeaders: ["*"] }),
  ],
  "AllowMethods cannot contain '*' alongside other methods": [
    cors({ allowMethods: ["*", "GET"] }),
    cors({ allowMethods: ["*"] }),
  ],
  "AllowOrigins cannot contain '*' alongside other origins": [
    cors({ allowOrigins: ["*", "https://example.com"] }),
    cors({ allowOrigins: ["*"] }),
  ],
};

const path = (value: string, type = "Exact") => ({
  rules: [{ matches: [{ path: { type, value } }], backendRefs }],
});
/** What a plain path may not be, a regular expression may. */
const onlyPlain = (value: string): Rules[string] => [path(value), path(value, "RegularExpression")];
const characters =
  "must only contain valid characters (matching ^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$) for types ['Exact', 'PathPrefix']";
const plain = "when type one of ['Exact', 'PathPrefix']";

const pathRules: Rules = {
  [`value must be an absolute path and start with '/' ${plain}`]: onlyPlain("a"),
  [`must not contain '//' ${plain}`]: onlyPlain("/a//b"),
  [`must not contain '/./' ${plain}`]: onlyPlain("/a/./b"),
  [`must not contain '/../' ${plain}`]: onlyPlain("/a/../b"),
  [`must not contain '%2f' ${plain}`]: onlyPlain("/a%2fb"),
  [`must not contain '%2F' ${plain}`]: onlyPlain("/a%2Fb"),
  [`must not contain '#' ${plain}`]: [path("/a#b"), path("/a#b", "RegularExpression"), characters],
  [`must not end with '/..' ${plain}`]: onlyPlain("/a/.."),
  [`must not end with '/.' ${plain}`]: onlyPlain("/a/."),
  [characters]: [path("/a b"), path("/a%20b")],
};

/** As many rules with as many matches. */
const many = (rules: number, matches: number, match: object) => ({
  rules: Array.from({ length: rules }, () => ({ matches: Array.from({ length: matches }, () => match) })),
});
const countRule = (match: object): Rules => ({
  "While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128":
    [many(3, 43, match), many(2, 64, match)],
});

export const httpRoute: KindRules = {
  plural: "httproutes",
  kind: "HTTPRoute",
  spec,
  onCreate: {
    ...parentRules,
    ...backendRules,
    ...countRule({ path: { value: "/a" } }),
    ...contentRules([...common, "RequestRedirect", "URLRewrite", "CORS"]),
    ...onceRules([
      "CORS",
      "RequestHeaderModifier",
      "ResponseHeaderModifier",
      "RequestRedirect",
      "URLRewrite",
    ]),
    "RequestRedirect filter must not be used together with backendRefs": [
      { rules: [{ filters: [filter("RequestRedirect")], backendRefs }] },
      { rules: [{ filters: [filter("RequestRedirect")] }] },
    ],
    "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both": [
      filtered(filter("RequestRedirect"), filter("URLRewrite")),
      filtered(filter("RequestRedirect"), filter("CORS")),
    ],
    ...prefixRules,
    ...modifierRules,
    ...corsRules,
    ...mirrorRules,
    ...pathRules,
    "backendRequest timeout cannot be longer than request timeout": [
      { rules: [{ timeouts: { request: "1s", backendRequest: "1001ms" }, backendRefs }] },
      { rules: [{ timeouts: { request: "0s", backendRequest: "1001ms" }, backendRefs }] },
    ],
  },
  behindEnums: {
    "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']": [
      path("/a", "Glob"),
      path("/a", "RegularExpression"),
    ],
  },
};

const call = (method: Readonly<Record<string, string>>) => ({
  rules: [{ matches: [{ method }], backendRefs }],
});

export const grpcRoute: KindRules = {
  plural: "grpcroutes",
  kind: "GRPCRoute",
  spec,
  onCreate: {
    ...parentRules,
    ...backendRules,
    ...countRule({ method: { service: "shop.Cart" } }),
    ...contentRules(common),
    ...onceRules(["RequestHeaderModifier", "ResponseHeaderModifier"]),
    ...mirrorRules,
    "One or both of 'service' or 'method' must be specified": [call({}), call({ method: "Add" })],
    "service must only contain valid characters (matching ^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$)":
      [call({ service: "shop-Cart" }), call({ service: "shop.Cart" })],
    "method must only contain valid characters (matching ^[A-Za-z_][A-Za-z_0-9]*$)": [
      call({ method: "Add.*" }),
      call({ method: "Add.*", type: "RegularExpression" }),
    ],
  },
};

export const tlsRoute: KindRules = {
  plural: "tlsroutes",
  kind: "TLSRoute",
  spec: { ...spec, hostnames: ["shop.example.com"] },
  onCreate: {
    ...parentRules,
    ...backendRules,
    "Hostnames cannot contain an IP": [{ hostnames: ["10.0.0.1"] }, { hostnames: ["10.0.0.1.example.com"] }],
    "Hostnames must be valid based on RFC-1123": [{ hostnames: ["a..b"] }, { hostnames: ["a.b"] }],
    "Wildcards on hostnames must be the first label, and the rest of hostname must be valid based on RFC-1123":
      [{ hostnames: ["a.*.example.com"] }, { hostnames: ["*.a.example.com"] }],
  },
};

export const tcpRoute: KindRules = {
  plural: "tcproutes",
  kind: "TCPRoute",
  spec,
  onCreate: { ...parentRules, ...backendRules },
};

export const udpRoute: KindRules = { ...tcpRoute, plural: "udproutes", kind: "UDPRoute" };
