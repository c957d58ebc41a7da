import type { ServerResponse } from "node:http";

/** What goes wrong with one answer ends that answer, and not the process, in which all other servers run too. */
export const contained = (response: ServerResponse): void =>
  void response.on("error", () => response.destroy());
