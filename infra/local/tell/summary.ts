import type { RunDocument } from "../proof/document.ts";
import type { DataPlaneUrls } from "../lattice/dataplanes.ts";
import { isRouteKind } from "../../../functions/model/routes.ts";
import { reachesOf, type Reach } from "../proof/reach.ts";

/** What a person reads at the end: what there is now, whether it is right, and what to try. */
export function summaryOf(
  document: RunDocument,
  d: { readonly folder: string; readonly dataPlanes: DataPlaneUrls; readonly running: boolean },
): string {
  const lines: string[] = ["", headline(document), ""];
  for (const service of document.services) {
    lines.push(
      `  ${service.cluster}  ${service.of} ${service.route}${service.hostname === "" ? "" : ` (${service.hostname})`}  ->  ${service.name} (${service.id})`,
    );
    lines.push(`      ${service.dnsName}, in ${service.networks.join(", ") || "no network"}`);
    for (const listener of service.listeners)
      lines.push(`      ${listener.protocol} ${listener.port}: ${count(listener.rules.length, "rule")}`);
  }
  if (document.traffic.length > 0) lines.push("", "  Traffic:");
  for (const [title, its] of Map.groupBy(
    document.traffic,
    ({ cluster, route, parent, network }) => `${cluster} ${route} at ${parent}, in network ${network}:`,
  )) {
    lines.push(`      ${title}`);
    for (const one of its)
      lines.push(
        `          rule ${one.rule}: ${one.url}  ${one.requests} requests: ${sharesOf(one.by).join(", ")}`,
      );
  }
  if (document.unproven.length > 0)
    lines.push("", "  Unproven:", ...document.unproven.map((one) => `      ${one}`));
  const lattice = Object.entries(document.calls).filter(([call]) => call.startsWith("lattice:"));
  const total = lattice.reduce((sum, [, times]) => sum + times, 0);
  lines.push("", `  Lattice calls (polls apart): ${total}`);
  lines.push(
    `      ${lattice.map(([call, times]) => `${call.slice("lattice:".length)} ${times}`).join(", ")}`,
  );
  if (document.problems.length > 0)
    lines.push("", "  Problems:", ...document.problems.map((one) => `      ${one}`));
  if (d.running) lines.push("", ...tryIt(document, d.folder, d.dataPlanes));
  return `${lines.join("\n")}\n`;
}

function headline(document: RunDocument): string {
  const places = count(Object.keys(document.clusters).length, "cluster");
  const what = `${places}, ${count(document.services.length, "Lattice service")}, ${count(document.targetGroups.length, "target group")}`;
  return `${comeTo(document)} after ${document.seconds.toFixed(1)} s: ${what}.`;
}

function comeTo({ converged, problems, traffic }: RunDocument): string {
  if (!converged) return "NOT converged";
  if (problems.length > 0) return "Converged, but not all is right";
  return traffic.length > 0
    ? "Converged, and the traffic is right"
    : "Converged, and there was no traffic to try";
}

/** Shares in tenths of a percent that add up to 100.0: what rounding down leaves goes to those that lost most by it. */
function sharesOf(by: Readonly<Record<string, number>>): readonly string[] {
  const total = Object.values(by).reduce((sum, times) => sum + times, 0);
  const exact = Object.entries(by).map(([who, times]) => ({ who, tenths: (1_000 * times) / total }));
  const left = 1_000 - exact.reduce((sum, { tenths }) => sum + Math.floor(tenths), 0);
  const lucky = new Set(exact.toSorted((a, b) => (b.tenths % 1) - (a.tenths % 1)).slice(0, left));
  return exact.map((one) => {
    const tenths = Math.floor(one.tenths) + (lucky.has(one) ? 1 : 0);
    return `${one.who} ${(tenths / 10).toFixed(1)} %`;
  });
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function tryIt(document: RunDocument, folder: string, planes: DataPlaneUrls): readonly string[] {
  const [first] = document.services;
  const reach =
    first === undefined
      ? undefined
      : reachesOf(first, planes).find(({ protocol }) => protocol !== "TLS_PASSTHROUGH");
  const names = Object.keys(document.clusters);
  return [
    "  Try it:",
    ...(first === undefined || reach === undefined
      ? []
      : [`      curl ${curlArguments(first.dnsName, reach, folder)}`]),
    ...names.map(
      (name) => `      kubectl --kubeconfig ${folder}/kubeconfig-${name} get gateways,httproutes,services -A`,
    ),
    ...document.status
      .filter((one) => isRouteKind(one.kind))
      .slice(0, 1)
      .map(
        ({ cluster, kind, namespace, name }) =>
          `      kubectl --kubeconfig ${folder}/kubeconfig-${cluster} -n ${namespace} edit ${kind.toLowerCase()} ${name}     (change it, and watch)`,
      ),
    `      source ${folder}/env                      (then any AWS SDK or CLI sees this Lattice, as its administrator)`,
    `      cat ${folder}/local.json                  (URLs of the servers that stand for AWS, of the data planes, and of the counts of calls)`,
    "",
    "  Ctrl-C stops everything.",
  ];
}

/** Names of Lattice resolve nowhere here, so curl is told where they are, and over TLS whom to believe. */
function curlArguments(dnsName: string, { protocol, port, url }: Reach, folder: string): string {
  if (protocol === "HTTP") return `-H 'Host: ${dnsName}' ${url}/`;
  const at = `${dnsName}:${port}`;
  return `--cacert ${folder}/data-plane-ca.pem --connect-to ${at}:${new URL(url).host} https://${at}/`;
}
