import type { Problem, Source } from "../sources.ts";
import { resolved } from "../sources.ts";

/** What the files of a folder of functions/ may import besides their own folder and the packages that their suffix allows. */
interface Rule {
  readonly folders: readonly string[];
  /** Exactly these packages. */
  readonly packages: readonly string[];
}

const allowed: Readonly<Record<string, Rule>> = {
  model: { folders: [], packages: ["node:crypto"] },
  forward: { folders: ["model", "bus"], packages: ["zod", "node:crypto"] },
  bus: { folders: ["model"], packages: ["zod", "node:crypto"] },
  ingest: { folders: ["model", "bus", "desired"], packages: [] },
  desired: { folders: ["model"], packages: ["node:zlib"] },
  compile: { folders: ["model"], packages: [] },
  plan: { folders: ["model"], packages: [] },
  apply: { folders: ["model", "plan"], packages: [] },
  status: { folders: ["model", "bus", "desired"], packages: ["zod"] },
  reconcile: {
    folders: ["model", "compile", "plan", "apply", "status", "desired"],
    packages: [],
  },
  drift: { folders: ["model", "desired", "reconcile"], packages: [] },
  runtime: { folders: ["model", "bus", "desired", "apply", "status", "drift"], packages: ["zod"] },
};

/** Ports to what every function is given; types only, so that no folder depends on how they are made. */
const ports = ["functions/runtime/clock.ts"];

/** The clients of each suffix: who bears it is the adapter to that technology, and their only importer. */
const bySuffix: Readonly<Record<string, readonly RegExp[]>> = {
  dynamodb: [/^@aws-sdk\/client-dynamodb$/, /^@aws-sdk\/util-dynamodb$/],
  sqs: [/^@aws-sdk\/client-sqs$/],
  eventbridge: [/^@aws-sdk\/client-eventbridge$/],
  sdk: [/^@aws-sdk\/client-(acm|vpc-lattice|eks|sts)$/, /^@aws-crypto\//, /^@smithy\//],
  k8s: [/^@kubernetes\/client-node$/, /^node:(https?|readline|stream\/consumers)$/],
  powertools: [/^@aws-lambda-powertools\//, /^node:crypto$/],
};

const entryFile = /(^|\/)main\.ts$|\.lambda\.ts$/;

/** Problems of what a source imports: the folders and packages that its folder and its suffix do not allow. */
export function importProblems(source: Source): readonly Problem[] {
  const top = source.path.split("/")[0] ?? "";
  return source.imports.flatMap(({ from, line }) => {
    const why = from.startsWith(".") ? folderProblem(source.path, from) : packageProblem(source.path, from);
    return why === undefined || top === "test" ? [] : [{ path: source.path, line, message: why }];
  });
}

function folderProblem(path: string, specifier: string): string | undefined {
  const target = resolved(path, specifier);
  const [top, folder = ""] = path.split("/");
  const [targetTop, targetFolder = ""] = target.split("/");
  if (targetTop === "test") return `imports ${target}: nothing but tests imports tests`;
  if (top === "infra") return infraProblem(path, target);
  if (targetTop !== "functions") return `imports ${target}: functions know nothing outside of functions/`;
  if (targetFolder === folder || ports.includes(target)) return undefined;
  if (entryFile.test(path))
    return targetFolder === "runtime" || targetFolder === "bus" || targetFolder === "model"
      ? undefined
      : notHere(folder, targetFolder);
  const entry = /(^|\/|\.)handler\.ts$/.test(path);
  if (entry && target === "functions/runtime/entry.ts") return undefined;
  if (folder === "runtime" && !path.endsWith("/wire.ts") && targetFolder !== "model")
    return `imports ${target}: of runtime/ only wire.ts puts the parts together`;
  return allowed[folder]?.folders.includes(targetFolder) === true ? undefined : notHere(folder, targetFolder);
}

const notHere = (folder: string, target: string): string =>
  `${folder}/ may not import ${target}/ (it may: ${allowed[folder]?.folders.join(", ") || "nothing"}); move the code, or ask through an argument`;

function infraProblem(path: string, target: string): string | undefined {
  if (path.startsWith("infra/aws/") && target.startsWith("infra/local/"))
    return `imports ${target}: the CDK app does not know the local stack`;
  if (path.startsWith("infra/local/") && /\.(dynamodb|sqs|eventbridge)\.ts$|runtime\/wire\.ts$/.test(target))
    return `imports ${target}: the local stack runs the bundles, it does not wire the functions itself`;
  return undefined;
}

function packageProblem(path: string, name: string): string | undefined {
  if (!path.startsWith("functions/")) return clientOutside(path, name);
  const folder = path.split("/")[1] ?? "";
  if (entryFile.test(path) || path.endsWith("/wire.ts")) return undefined;
  if (folder === "runtime" && (name === "@middy/core" || name === "aws-lambda")) return undefined;
  if (path.endsWith("handler.ts") && name === "zod") return undefined;
  const [, suffix = ""] = /\.([a-z0-9]+)\.ts$/.exec(path) ?? [];
  if (bySuffix[suffix]?.some((one) => one.test(name)) === true) return undefined;
  if (name === "zod" && bySuffix[suffix] !== undefined) return undefined;
  return allowed[folder]?.packages.includes(name) === true
    ? undefined
    : `${path} may not import ${name}: a client belongs in the adapter whose name bears its suffix (${Object.keys(bySuffix).join(", ")}), behind a port`;
}

/** Of infra, only what starts or plays a server has business with clients; anything goes there but Lambda's edge. */
const clientOutside = (_path: string, name: string): string | undefined =>
  /^@(middy|aws-lambda-powertools)\//.test(name)
    ? `imports ${name}: that is the edge of the functions`
    : undefined;
