import type { Gateway } from "../model/objects.ts";
import type { Verdict } from "../model/verdict.ts";

/** Why a Gateway cannot be accepted, whatever its listeners are. */
export function refusalOf(gateway: Gateway): Verdict | undefined {
  const say = (reason: string, message: string): Verdict => ({
    subject: { at: "object" },
    type: "Accepted",
    status: "False",
    reason,
    message,
  });
  const parameters = gateway.spec.infrastructure?.parametersRef;
  if (parameters !== undefined)
    return say(
      "InvalidParameters",
      `infrastructure.parametersRef ${parameters.kind} ${parameters.name}: parameters are not supported; remove it`,
    );
  if (gateway.spec.addresses.length > 0)
    return say("UnsupportedAddress", "Lattice chooses addresses itself; remove spec.addresses");
  if (gateway.spec.tls.length > 0)
    return say(
      "Invalid",
      `spec.tls.${gateway.spec.tls.join(", spec.tls.")}: Lattice has no client certificates, of neither side; remove it`,
    );
  return undefined;
}

/** Why nothing new comes into the network of a Gateway, in words for its routes; undefined where it is accepted. */
export function notAccepted(gateway: Gateway): string | undefined {
  const { namespace, name } = gateway.metadata;
  const refusal = refusalOf(gateway);
  return refusal && `Gateway ${namespace}/${name} is not accepted: ${refusal.message}`;
}
