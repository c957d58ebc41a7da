import { createServer, request as send, type RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";
import type { User } from "../kubernetes/rbac.ts";
import type { Tls } from "../kubernetes/tls.ts";
import { contained } from "../wire/contained.ts";

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A server before a real API server, for whoever bears a token that the real one does not know: EKS tokens of the control plane,
 * and the forwarder's. It passes each request on as the user that the token belongs to, by impersonation (Kubernetes,
 * "User impersonation"), so that the real server's own RBAC decides.
 */
export async function startFront(d: {
  readonly config: KubeConfig;
  readonly tls: Tls;
  readonly identify: (token: string) => Promise<User | undefined>;
}): Promise<Front> {
  const target = d.config.getCurrentCluster()?.server.replace(/\/$/, "") ?? "";
  const server = createServer({ cert: d.tls.cert, key: d.tls.key }, (request, response) => {
    contained(response);
    const refuse = (code: number, message: string): void =>
      void response
        .writeHead(code, { "content-type": "application/json" })
        .end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, message }));
    void (async () => {
      const user = await d.identify((request.headers.authorization ?? "").replace(/^Bearer /, ""));
      if (user === undefined) return refuse(401, "Unauthorized");
      const options = await as(user, d.config, request.headers);
      const passed = send(new URL(`${target}${request.url}`), { ...options, method: request.method });
      passed.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", (error) => (response.headersSent ? response.destroy() : refuse(502, error.message)));
      // A watch that its reader has left is left here too.
      response.on("close", () => passed.destroy());
      request.pipe(passed);
    })().catch((error: unknown) => refuse(500, String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The administrator's access, and in whose name it is used. */
async function as(
  user: User,
  config: KubeConfig,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<RequestOptions> {
  const { host: _host, authorization: _token, connection: _connection, ...rest } = headers;
  const options: RequestOptions = {
    headers: { ...rest, "impersonate-user": user.name, "impersonate-group": [...user.groups] },
  };
  await config.applyToHTTPSOptions(options);
  return options;
}
