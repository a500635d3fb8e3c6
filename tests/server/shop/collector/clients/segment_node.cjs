// @segment/analytics-node: a visit of Anna. Arguments: address, write key.
const { Analytics } = require("@segment/analytics-node");
const [, , host, writeKey] = process.argv;
const client = new Analytics({ writeKey, host, flushInterval: 100 });
client.on("error", (error) => { console.error(error); process.exit(1); });
const userId = "segment-node";
client.identify({ userId, traits: { email: `${userId}@example.com`, name: "Anna Ält" } });
const properties = { cart_id: userId, sku: "TEA-1", price: 12.5, quantity: 2, currency: "EUR" };
client.track({ userId, event: "Product Added", properties });
client.page({ userId, name: "Tea", properties: { url: "https://teehaus.example/" } });
client.screen({ userId, name: "Tea" });
client.group({ userId, groupId: "g1", traits: { name: "Teehaus GmbH" } });
client.alias({ userId, previousId: `${userId}-before` });
client.closeAndFlush();
