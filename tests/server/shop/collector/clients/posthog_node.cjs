// posthog-node: a visit of Anna. Arguments: address, write key.
const { PostHog } = require("posthog-node");
const [, , host, key] = process.argv;
const client = new PostHog(key, { host, flushInterval: 100 });
client.on("error", (error) => { console.error(error); process.exit(1); });
const distinctId = "posthog-node";
client.identify({ distinctId, properties: { email: `${distinctId}@example.com`, name: "Anna Ält" } });
const properties = { cart_id: distinctId, sku: "TEA-1", price: 12.5, quantity: 2, currency: "EUR" };
client.capture({ distinctId, event: "Product Added", properties });
client.capture({ distinctId, event: "$pageview", properties: { $current_url: "https://teehaus.example/" } });
client.alias({ distinctId, alias: `${distinctId}-before` });
client.shutdown().then(() => process.exit(0));
