import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  type AttributeValue,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Condition, Item, Key, Table, Value, Write } from "./table.ts";

/** The sparse index of what is due: its partition key, and its name in the template. */
const dueIndex = { name: "due", partition: "duePartition", value: "due" } as const;

/** How a writer waits before it tries again. */
interface Pauses {
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 up to but not including 1. */
  readonly fraction: () => number;
}

/** Before the next attempt: twice as long each time, and up to a half less, so that those who met do not meet again. */
const backOff = ({ pause, fraction }: Pauses, attempt: number): Promise<void> =>
  pause(Math.round(10 * 2 ** attempt * (1 - fraction() / 2)));

/**
 * The table over DynamoDB. A transaction that another one was in the way of (TransactionConflict) is tried again here,
 * because it says nothing about the conditions.
 */
export function dynamoTable(client: DynamoDBClient, name: string, pauses: Pauses): Table {
  return {
    async get(key) {
      const answer = await client.send(
        new GetItemCommand({ TableName: name, Key: keyValue(key), ConsistentRead: true }),
      );
      return answer.Item && itemOf(answer.Item);
    },
    getMany: (keys) => getMany(client, name, keys, pauses),
    query: (pk, prefix) => query(client, name, pk, prefix),
    async due(now, limit) {
      const answer = await client.send(
        new QueryCommand({
          TableName: name,
          IndexName: dueIndex.name,
          KeyConditionExpression: "#p = :p AND #d <= :now",
          ExpressionAttributeNames: { "#p": dueIndex.partition, "#d": "due" },
          ExpressionAttributeValues: marshall({ ":p": dueIndex.value, ":now": now }),
          Limit: limit,
        }),
      );
      return (answer.Items ?? [])
        .map(itemOf)
        .map(({ pk, sk, due }) => ({ pk, sk, due: typeof due === "number" ? due : 0 }));
    },
    write: (writes) => write(client, name, writes, pauses),
  };
}

async function write(
  client: DynamoDBClient,
  name: string,
  writes: readonly Write[],
  pauses: Pauses,
): Promise<boolean> {
  if (writes.length > 100)
    throw new RangeError(`a transaction holds 100 writes at most, not ${writes.length}`);
  const items = writes.map((one) => transactItem(name, one));
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      const reasons = cancellationCodes(error);
      if (reasons.includes("ConditionalCheckFailed")) return false;
      const passing = reasons.some((code) => code === "TransactionConflict" || code === "ThrottlingError");
      if (!passing || attempt === 8) throw error;
      await backOff(pauses, attempt);
    }
  }
}

function cancellationCodes(error: unknown): readonly string[] {
  if (
    !(error instanceof Error) ||
    !("CancellationReasons" in error) ||
    !Array.isArray(error.CancellationReasons)
  )
    return [];
  return error.CancellationReasons.flatMap((reason: unknown) =>
    typeof reason === "object" && reason !== null && "Code" in reason && typeof reason.Code === "string"
      ? [reason.Code]
      : [],
  );
}

async function query(
  client: DynamoDBClient,
  name: string,
  pk: string,
  prefix: string | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: name,
        ConsistentRead: true,
        KeyConditionExpression: prefix === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: marshall(
          prefix === undefined ? { ":pk": pk } : { ":pk": pk, ":prefix": prefix },
        ),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    items.push(...(answer.Items ?? []).map(itemOf));
    from = answer.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

async function getMany(
  client: DynamoDBClient,
  name: string,
  keys: readonly Key[],
  pauses: Pauses,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += 100) {
    let wanted = keys.slice(start, start + 100).map(keyValue);
    for (let attempt = 1; wanted.length > 0; attempt += 1) {
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [name]: { Keys: wanted, ConsistentRead: true } } }),
      );
      items.push(...(answer.Responses?.[name] ?? []).map(itemOf));
      wanted = answer.UnprocessedKeys?.[name]?.Keys ?? [];
      if (wanted.length > 0) await backOff(pauses, attempt);
    }
  }
  return items;
}

const keyValue = (key: Key): Record<string, AttributeValue> => ({ pk: { S: key.pk }, sk: { S: key.sk } });

function itemOf(raw: Record<string, AttributeValue>): Item {
  const { [dueIndex.partition]: _, ...item } = unmarshall(raw);
  return item as Item;
}

/** Whatever has a `due` is on the index: the two attributes come and go together. */
function stored(item: Readonly<Record<string, Value>>): Record<string, AttributeValue> {
  return marshall("due" in item ? { ...item, [dueIndex.partition]: dueIndex.value } : item, {
    removeUndefinedValues: true,
  });
}

function transactItem(table: string, one: Write): TransactWriteItem {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const condition = conditionOf(one.when ?? [], names, values);
  const common = {
    TableName: table,
    ...(condition === "" ? {} : { ConditionExpression: condition }),
  };
  const expression = (): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  } => ({
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  });
  switch (one.do) {
    case "put":
      return { Put: { ...common, Item: { ...stored(one.item), ...keyValue(one.key) }, ...expression() } };
    case "delete":
      return { Delete: { ...common, Key: keyValue(one.key), ...expression() } };
    case "check":
      return {
        ConditionCheck: {
          ...common,
          Key: keyValue(one.key),
          ConditionExpression: condition,
          ...expression(),
        },
      };
    case "update": {
      const update = updateOf(one, names, values);
      return { Update: { ...common, Key: keyValue(one.key), UpdateExpression: update, ...expression() } };
    }
  }
}

function updateOf(
  one: Extract<Write, { do: "update" }>,
  names: Record<string, string>,
  values: Record<string, AttributeValue>,
): string {
  const set = {
    ...one.set,
    ...(one.set !== undefined && "due" in one.set ? { [dueIndex.partition]: dueIndex.value } : {}),
  };
  const remove = [
    ...(one.remove ?? []),
    ...(one.remove?.includes("due") === true ? [dueIndex.partition] : []),
  ];
  const clause = (word: string, parts: readonly string[]): string =>
    parts.length === 0 ? "" : `${word} ${parts.join(", ")} `;
  return (
    clause(
      "SET",
      Object.entries(set).map(
        ([attribute, value]) => `${nameOf(attribute, names)} = ${valueOf(value, values)}`,
      ),
    ) +
    clause(
      "REMOVE",
      remove.map((attribute) => nameOf(attribute, names)),
    ) +
    clause(
      "ADD",
      Object.entries(one.add ?? {}).map(
        ([attribute, value]) => `${nameOf(attribute, names)} ${valueOf(value, values)}`,
      ),
    )
  ).trim();
}

function conditionOf(
  conditions: readonly Condition[],
  names: Record<string, string>,
  values: Record<string, AttributeValue>,
): string {
  const one = (condition: Condition): string => {
    const attribute = nameOf(condition.attribute, names);
    switch (condition.is) {
      case "absent":
        return `attribute_not_exists(${attribute})`;
      case "present":
        return `attribute_exists(${attribute})`;
      case "equal":
        return `${attribute} = ${valueOf(condition.value, values)}`;
      case "less":
        return `${attribute} < ${valueOf(condition.value, values)}`;
      case "at-least":
        return `${attribute} >= ${valueOf(condition.value, values)}`;
    }
  };
  return conditions.map(one).join(" AND ");
}

function nameOf(attribute: string, names: Record<string, string>): string {
  const alias = `#a_${attribute}`;
  names[alias] = attribute;
  return alias;
}

function valueOf(value: Value, values: Record<string, AttributeValue>): string {
  const alias = `:v${Object.keys(values).length}`;
  const raw = marshall({ value }, { removeUndefinedValues: true })["value"];
  if (raw === undefined) throw new TypeError("a value of the table cannot be undefined");
  values[alias] = raw;
  return alias;
}
