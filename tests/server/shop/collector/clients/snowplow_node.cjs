// @snowplow/node-tracker: a visit of Anna; the id of the app is the write key. Arguments: address, write key.
const { buildSelfDescribingEvent, buildPageView, newTracker } = require("@snowplow/node-tracker");
const [, , endpoint, appId] = process.argv;
const wrong = (error) => { console.error(error); process.exit(1); };
const tracker = newTracker({ namespace: "shop", appId, encodeBase64: false }, { endpoint, bufferSize: 1, onRequestFailure: wrong });
tracker.setUserId("snowplow-node");
tracker.track(buildPageView({ pageUrl: "https://teehaus.example/", pageTitle: "Tea" }));
const data = { cart_id: "snowplow-node", sku: "TEA-1", price: 12.5, quantity: 2, currency: "EUR" };
const schema = "iglu:example.teehaus/product_added/jsonschema/1-0-0";
tracker.track(buildSelfDescribingEvent({ event: { schema, data } }));
tracker.flush();
setTimeout(() => process.exit(0), 1500);
