import { setTimeout as sleep } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { sqsQueues } from "../../functions/desired/queues.sqs.ts";
import { installation, account, region } from "../../infra/local/place.ts";
import { times } from "../../functions/model/limits.ts";
import { rootKey, type Root } from "../../functions/model/roots.ts";
import type { Booted } from "../infra/local/booted.ts";

/**
 * Sends a root to the drift lane, as the schedule does with one that is due, half an hour before it would: but not so soon
 * after a change that the visit could not tell it from another.
 */
export async function visit({ system }: Booted, root: Root): Promise<void> {
  await sleep(times.tickPassed);
  const endpoint = system.controlPlane.endpoints.sqs;
  const client = new SQSClient({ region, endpoint, credentials: { ...system.administrator } });
  const drift = `${endpoint}/${account}/${installation}-drift`;
  await sqsQueues(client, { drift }).send("drift", [{ root: rootKey(root), verify: true, cause: "visit" }]);
  client.destroy();
}
