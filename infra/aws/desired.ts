import type { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { allow } from "./function.ts";

/** The one table of desired state, with the sparse index of what is due. */
export class Desired extends Construct {
  readonly table: Table;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly installation: string; readonly removal: RemovalPolicy },
  ) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: props.installation,
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      timeToLiveAttribute: "ttl",
      removalPolicy: props.removal,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: "due",
      partitionKey: { name: "duePartition", type: AttributeType.STRING },
      sortKey: { name: "due", type: AttributeType.NUMBER },
      projectionType: ProjectionType.KEYS_ONLY,
    });
  }

  /** Reads and transactions on the table. */
  readWrite(): PolicyStatement {
    const actions = [
      "GetItem",
      "BatchGetItem",
      "Query",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "ConditionCheckItem",
    ];
    return allow(
      actions.map((action) => `dynamodb:${action}`),
      [this.table.tableArn],
    );
  }

  /** The index of what is due. */
  readDue(): PolicyStatement {
    return allow(["dynamodb:Query"], [`${this.table.tableArn}/index/due`]);
  }
}
