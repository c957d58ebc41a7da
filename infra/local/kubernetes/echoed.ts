import type { Exchange, Reply } from "../wire/exchange.ts";
import { grpcMessage, grpcStatus, isGrpc } from "../wire/grpc.ts";

/** Who answers. */
interface Who {
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly cluster: string;
}

/**
 * What a pod answers: JSON that says what the request was and who answered it. A gRPC call of any method is answered with
 * the same JSON as the first field of a message, but methods named `Unimplemented...` are not implemented.
 */
export function echoed(exchange: Exchange, who: Who, healthy: boolean): Reply {
  exchange.body.resume();
  const path = exchange.path.split("?")[0] ?? "";
  if (path === "/health") return { status: healthy ? 200 : 503, headers: { "content-type": "text/plain" } };
  const grpc = exchange.http === "2" && isGrpc(exchange.headers);
  if (grpc && path.slice(path.lastIndexOf("/") + 1).startsWith("Unimplemented"))
    return {
      status: 200,
      headers: { ...grpcHeaders, ...grpcStatus(12, `the pod does not implement ${path}`) },
    };
  const text = JSON.stringify({
    pod: who.name,
    namespace: who.namespace,
    service: who.service,
    cluster: who.cluster,
    path: exchange.path,
    method: exchange.method,
    host: exchange.host,
    headers: exchange.headers,
    http: exchange.http,
    tls: exchange.tls,
    grpc: grpc ? true : undefined,
  });
  if (!grpc) return { status: 200, headers: { "content-type": "application/json" }, body: text };
  return { status: 200, headers: grpcHeaders, body: grpcMessage(text), trailers: () => grpcStatus(0) };
}

const grpcHeaders = { "content-type": "application/grpc" };
