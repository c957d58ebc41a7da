import { z } from "zod";
import { pause, type Check } from "./trial.ts";

const slice = z.looseObject({
  endpoints: z.array(z.looseObject({ addresses: z.array(z.string()) })),
});
const lookEveryMs = 100;

/** Writes the addresses of a Service's pods into EndpointSlices that are made by hand. */
export const endpointsOf =
  (service: string, ...slices: readonly string[]): Check =>
  async (trial) => {
    const addresses = async (): Promise<readonly string[]> =>
      (await trial.objects("EndpointSlice"))
        .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === service)
        .flatMap((one) => slice.parse(one).endpoints.flatMap((each) => each.addresses));
    let found = await addresses();
    for (; found.length === 0; found = await addresses()) await pause(lookEveryMs);
    const endpoints = found.map((address) => ({ addresses: [address], conditions: { ready: true } }));
    for (const name of slices) await trial.patch("EndpointSlice", name, { endpoints });
  };
