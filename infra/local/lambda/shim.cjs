// AWS's runtime client talks to the Runtime API through a native module that needs a compiler to install. This stands in
// for that module alone, over node:http; handler loading, contexts, logs and error shapes stay AWS's own.
const Module = require("node:module");
const http = require("node:http");

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, path: `/2018-06-01/runtime/${path}`, agent, headers },
      (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () =>
          resolve({ bodyJson: Buffer.concat(parts).toString(), headers: response.headers }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

// The next invocation is asked for only once the answer to the last one is sent.
let sent = Promise.resolve();
const client = {
  initializeClient() {},
  next: () => sent.then(() => call("GET", "invocation/next")),
  done(id, body) {
    sent = call("POST", `invocation/${id}/response`, body, { "content-type": "application/json" });
  },
  error(id, body) {
    const type = JSON.parse(body).errorType ?? "Unhandled";
    sent = call("POST", `invocation/${id}/error`, body, {
      "content-type": "application/json",
      "lambda-runtime-function-error-type": type,
    });
  },
};

const load = Module._load;
Module._load = function (request, ...rest) {
  return String(request).endsWith("rapid-client.node") ? client : load.call(this, request, ...rest);
};
