import { nameOf, type Check } from "./trial.ts";

/** A Service that belongs to a Gateway bears what the Gateway's infrastructure says. */
export const propagated =
  (gateway: string): Check =>
  async (trial) => {
    const { name, namespace } = nameOf(gateway);
    const mine = (await trial.objects("Service")).find(
      ({ metadata: { labels, annotations, ...its } }) =>
        its.namespace === namespace &&
        labels?.["gateway.networking.k8s.io/gateway-name"] === name &&
        labels["key"] === "label" &&
        annotations?.["key"] === "annotation",
    );
    if (mine === undefined) throw new Error(`no Service bears the labels and annotations of Gateway ${name}`);
  };
