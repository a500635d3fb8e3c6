// @rudderstack/rudder-sdk-node: a visit of Anna. Arguments: address, write key.
const Rudder = require("@rudderstack/rudder-sdk-node");
const [, , dataPlaneUrl, writeKey] = process.argv;
const client = new Rudder(writeKey, { dataPlaneUrl, flushInterval: 100, flushAt: 20 });
const userId = "rudder-node";
client.identify({ userId, traits: { email: `${userId}@example.com`, name: "Anna Ält" } });
const properties = { cart_id: userId, sku: "TEA-1", price: 12.5, quantity: 2, currency: "EUR" };
client.track({ userId, event: "Product Added", properties });
client.page({ userId, name: "Tea", properties: { url: "https://teehaus.example/" } });
client.screen({ userId, name: "Tea" });
client.group({ userId, groupId: "g1", traits: { name: "Teehaus GmbH" } });
client.alias({ userId, previousId: `${userId}-before` });
client.flush().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
