import { RemovalPolicy, Stack, type Duration, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Alarms } from "./alarms.ts";
import type { FunctionName } from "./bundle.ts";
import { Bus } from "./bus.ts";
import { Certificates } from "./certificates.ts";
import { Desired } from "./desired.ts";
import { Drift } from "./drift.ts";
import { Ingest } from "./ingest.ts";
import { Lanes } from "./lanes.ts";
import { Reconcile } from "./reconcile.ts";
import { Register } from "./register.ts";
import type { ClusterIdentity } from "./roles.ts";
import { Status } from "./status.ts";

export interface EspalierProps extends StackProps {
  readonly installation: string;
  /** Clusters that may put events on the bus. */
  readonly clusters: readonly ClusterIdentity[];
  /** Where the bundle of each function lies. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
  /** How long a target group keeps its targets after its last use. */
  readonly propagationGrace: Duration;
  /** What is spent of Lattice's rate, per account and region. */
  readonly latticeCallsPerSecond: number;
  /** Whether the table outlives the stack. */
  readonly keepTable: boolean;
}

/** Espalier in one account, in the order of the flow. */
export class EspalierStack extends Stack {
  constructor(scope: Construct, id: string, props: EspalierProps) {
    super(scope, id, props);
    const { installation, bundles } = props;
    const alarms = new Alarms(this, "Alarms", { installation });
    const desired = new Desired(this, "Desired", {
      installation,
      removal: props.keepTable ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const lanes = new Lanes(this, "Lanes", { installation, alarms });
    const common = { installation, bundles, alarms, desired, lanes };
    const ingest = new Ingest(this, "Ingest", common);
    const bus = new Bus(this, "Bus", {
      installation,
      clusters: props.clusters,
      changes: ingest.changes,
      alarms,
    });
    const reconcile = new Reconcile(this, "Reconcile", {
      ...common,
      propagationGrace: props.propagationGrace,
      latticeCallsPerSecond: props.latticeCallsPerSecond,
    });
    const status = new Status(this, "Status", common);
    const certificates = new Certificates(this, "Certificates", common);
    const asking = { ...common, certificates: certificates.queue };
    const drift = new Drift(this, "Drift", asking);
    const register = new Register(this, "Register", asking);
    const stages = [ingest, reconcile, status, certificates, drift, register];
    alarms.dashboard(
      stages.map((one) => one.function),
      [ingest.changes, ...Object.values(lanes.all), certificates.queue],
    );
    this.exportValue(bus.bus.eventBusArn, { name: `${installation}-bus` });
  }
}
