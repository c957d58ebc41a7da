import type { IncomingHttpHeaders } from "node:http";
import { allows, type User } from "./rbac.ts";
import type { Store } from "./objects.ts";
import { KubeError } from "./status.ts";

/**
 * Who a request is made as: the headers `Impersonate-User` and `Impersonate-Group`, for whoever may impersonate (Kubernetes,
 * "User impersonation"); kubectl sends them for `--as` and `--as-group`.
 */
export function actingUser(store: Store, user: User, headers: IncomingHttpHeaders): User {
  const name = headers["impersonate-user"];
  if (typeof name !== "string") return user;
  const groups = [headers["impersonate-group"] ?? []].flat().flatMap((one) => one.split(/,\s*/));
  const wanted = [
    { resource: "users", name },
    ...groups.map((group) => ({ resource: "groups", name: group })),
  ];
  for (const one of wanted) {
    if (allows(store, user, { verb: "impersonate", group: "", ...one })) continue;
    throw new KubeError(
      403,
      "Forbidden",
      `${one.resource} "${one.name}" is forbidden: User "${user.name}" cannot impersonate resource "${one.resource}" in API group "" at the cluster scope`,
    );
  }
  return { name, groups: [...groups, "system:authenticated"] };
}
