import { nameOf, until, type Check } from "./trial.ts";

/** Some object that belongs to a Gateway bears what the Gateway's infrastructure says. Upstream takes a Pod for one too. */
export const propagated =
  (gateway: string): Check =>
  async (trial) => {
    const { name, namespace } = nameOf(gateway);
    await until(async () => {
      const all = [...(await trial.objects("ServiceAccount")), ...(await trial.objects("Service"))];
      const found = all.some(
        ({ metadata: { labels, annotations, ...its } }) =>
          its.namespace === namespace &&
          labels?.["gateway.networking.k8s.io/gateway-name"] === name &&
          labels["key"] === "label" &&
          annotations?.["key"] === "annotation",
      );
      return found ? undefined : `no object bears the labels and annotations of Gateway ${name}`;
    });
  };
