import {
  UpdateTargetGroupCommand,
  VPCLatticeClient,
  type GetServiceCommand,
} from "@aws-sdk/client-vpc-lattice";
import { afterAll } from "vitest";
import { forPolls, latticeOfSdk, latticeOver } from "../../functions/apply/lattice.sdk.ts";
import { commands } from "../../functions/apply/operations.sdk.ts";
import { createCalls } from "../../infra/local/aws/calls.ts";
import { createIam } from "../../infra/local/aws/iam.ts";
import { createLattice } from "../../infra/local/lattice/engine.ts";
import { serveLattice } from "../../infra/local/lattice/server.ts";
import { prng } from "../simulation/prng.ts";
import { latticeContract, type MakeLattice } from "./lattice.contract.ts";

const account = "123456789012";
const region = "eu-west-1";
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

function engineWithNetwork(settings: Parameters<MakeLattice>[0]) {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const engine = createLattice({ clock: { now: () => now }, random: prng("contract").fraction, settings });
  const made = engine.call({ account, region }, "CreateServiceNetwork", { name: "prod" });
  return {
    engine,
    network: made as { readonly id: string; readonly arn: string },
    pass: (ms: number): void => void (now += ms),
    fault: engine.fault,
  };
}

latticeContract("engine", async (settings) => {
  const {
    engine,
    network: { id, arn },
    ...rest
  } = engineWithNetwork(settings);
  const ask = async (operation: string, input: unknown) => engine.call({ account, region }, operation, input);
  return { ...rest, ask, network: { id, arn }, lattice: latticeOver(ask) };
});

latticeContract("wire", async (settings) => {
  const {
    engine,
    network: { id, arn },
    ...rest
  } = engineWithNetwork(settings);
  let drawn = 0;
  const iam = createIam(() => `TOKEN${String((drawn += 1)).padStart(16, "0")}`);
  const server = await serveLattice({ engine, iam, calls: createCalls() });
  const credentials = iam.add({ arn: `arn:aws:iam::${account}:user/admin`, name: "admin", policies: "all" });
  const client = () =>
    new VPCLatticeClient({ region, endpoint: server.url, credentials: { ...credentials }, maxAttempts: 1 });
  const [plain, polls] = [client(), forPolls(client())];
  closing.push(async () => {
    plain.destroy();
    polls.destroy();
    await server.close();
  });
  const ask = async (operation: string, input: unknown) => {
    const Command = operation === "UpdateTargetGroup" ? UpdateTargetGroupCommand : commands[operation];
    if (Command === undefined) throw new TypeError(`no such operation: ${operation}`);
    return plain.send(new Command(input as never) as GetServiceCommand);
  };
  const lattice = latticeOfSdk({ calls: plain, polls }, () => true);
  return { ...rest, ask, network: { id, arn }, lattice };
});
