import {
  ACMClient,
  DeleteCertificateCommand,
  ImportCertificateCommand,
  ListCertificatesCommand,
} from "@aws-sdk/client-acm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { acmOfSdk } from "../../functions/drift/acm.sdk.ts";
import { serveAcm } from "../../infra/local/aws/acm.ts";
import { createCalls } from "../../infra/local/aws/calls.ts";
import type { ServiceEvent } from "../../infra/local/aws/events.ts";
import type { Served } from "../../infra/local/aws/http.ts";
import { createIam } from "../../infra/local/aws/iam.ts";
import { selfSigned } from "../support/certificates.ts";

const account = "111122223333";
const region = "eu-central-1";

/** The adapter to ACM over a server that speaks its protocol, and that server with the SDK as an administrator has it. */
describe("certificates of ACM over the wire", () => {
  let server: Served;
  let admin: ACMClient;
  let looking: ACMClient;
  const told: ServiceEvent[] = [];
  let calls = createCalls();
  let now = Date.now();
  /** Lets the adapter's role do what is named, and nothing else. */
  let may: (...actions: readonly string[]) => void;

  beforeEach(async () => {
    let drawn = 0;
    const iam = createIam(() => `TOKEN${(drawn += 1)}`);
    told.length = 0;
    calls = createCalls();
    now = Date.now();
    server = await serveAcm({
      iam,
      calls,
      now: () => now,
      tell: async (event) => void told.push(event),
      pageMax: 2,
    });
    const clientOf = (name: string, policies: readonly unknown[] | "all") =>
      new ACMClient({
        region,
        endpoint: server.url,
        credentials: { ...iam.add({ arn: `arn:aws:iam::${account}:role/${name}`, name, policies }) },
        maxAttempts: 1,
      });
    admin = clientOf("admin", "all");
    may = (...actions) => {
      looking = clientOf("looking", [
        { Statement: { Effect: "Allow", Action: [...actions], Resource: "*" } },
      ]);
    };
    may("acm:ListCertificates", "acm:DescribeCertificate");
  });
  afterEach(async () => {
    admin.destroy();
    looking.destroy();
    await server.close();
  });

  const imported = async (...of: Parameters<typeof selfSigned>): Promise<string> => {
    const { CertificateArn } = await admin.send(new ImportCertificateCommand(await selfSigned(...of)));
    return CertificateArn ?? "";
  };
  const issued = async () => {
    const answer = await acmOfSdk(looking).issued();
    return answer.is === "listed" ? answer.certificates : answer;
  };

  test("are found whatever their key is, on whatever page, with the names that they are for in lower case", async () => {
    const arns = [
      await imported(["Checkout.Example.com"]),
      await imported(["*.example.com", "example.com"], "EC P-384"),
      await imported(["orders.example.com"], "RSA 2048"),
    ];
    const since = Math.floor(now);
    expect(await issued()).toEqual([
      { arn: arns[0], domains: ["checkout.example.com"], since, unlisted: true },
      { arn: arns[1], domains: ["*.example.com", "example.com"], since, unlisted: true },
      { arn: arns[2], domains: ["orders.example.com"], since },
    ]);
    expect(calls.flat((caller) => caller === "looking")).toEqual({ "acm:ListCertificates": 2 });
  });

  test("are hidden from those who do not ask for key types, unless their keys are short RSA ones", async () => {
    await imported(["ec.example.com"]);
    await imported(["rsa.example.com"], "RSA 2048");
    const { CertificateSummaryList = [] } = await admin.send(new ListCertificatesCommand({}));
    expect(CertificateSummaryList.map((one) => one.DomainName)).toEqual(["rsa.example.com"]);
  });

  test("with more names than a summary holds are found by their last name too, for one call more", async () => {
    const names = Array.from({ length: 103 }, (_, index) => `n${String(index).padStart(3, "0")}.example.com`);
    const arn = await imported(names);
    await imported(["one.example.com"]);
    expect(await issued()).toMatchObject([{ arn, domains: names }, { domains: ["one.example.com"] }]);
    expect(calls.flat((caller) => caller === "looking")).toEqual({
      "acm:ListCertificates": 1,
      "acm:DescribeCertificate": 1,
    });
  });

  test("that are imported anew are newer, and keep their ARN; what is deleted or has expired is not found", async () => {
    const arn = await imported(["a.example.com"]);
    const gone = await imported(["b.example.com"]);
    now += 5_000;
    await admin.send(
      new ImportCertificateCommand({ ...(await selfSigned(["c.example.com"])), CertificateArn: arn }),
    );
    await admin.send(new DeleteCertificateCommand({ CertificateArn: gone }));
    expect(await issued()).toMatchObject([{ arn, domains: ["c.example.com"], since: now }]);
    expect(told.map((one) => [one["detail-type"], one.resources, one.detail["Action"]])).toEqual([
      ["ACM Certificate Available", [arn], "IMPORT"],
      ["ACM Certificate Available", [gone], "IMPORT"],
      ["ACM Certificate Available", [arn], "REIMPORT"],
    ]);
    now += 48 * 3_600_000;
    expect(await issued()).toEqual([]);
  });

  test("are a denial and no empty list for whoever may not list or describe them; other failures throw", async () => {
    await imported(Array.from({ length: 101 }, (_, index) => `n${index}.example.com`));
    may("acm:DescribeCertificate");
    expect(await issued()).toMatchObject({
      is: "denied",
      why: expect.stringContaining("acm:ListCertificates"),
      requestId: expect.stringMatching(/.+/),
    });
    may("acm:ListCertificates");
    expect(await issued()).toMatchObject({
      is: "denied",
      why: expect.stringContaining("acm:DescribeCertificate"),
    });
    await server.close();
    await expect(issued()).rejects.toThrow();
  });

  test("whose key is another's, or that are none, are not imported", async () => {
    const [one, other] = [await selfSigned(["a.example.com"]), await selfSigned(["a.example.com"])];
    const put = (input: ConstructorParameters<typeof ImportCertificateCommand>[0]) =>
      admin.send(new ImportCertificateCommand(input));
    await expect(put({ ...one, PrivateKey: other.PrivateKey })).rejects.toThrow("private key");
    await expect(put({ ...one, Certificate: Buffer.from("none") })).rejects.toThrow("PEM");
    expect(told).toEqual([]);
  });
});
