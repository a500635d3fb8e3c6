// klaviyo-api: a profile and an event of Anna. Arguments: address, write key.
const { ApiKeySession, EventsApi, ProfilesApi } = require("klaviyo-api");
const [, , address, key] = process.argv;
const session = new ApiKeySession(key);
const [events, profiles] = [new EventsApi(session), new ProfilesApi(session)];
events.basePath = profiles.basePath = address;
const profile = { email: "klaviyo-node@example.com", firstName: "Anna", lastName: "Ält", externalId: "klaviyo-node" };
const items = [{ ProductID: "TEA-1", ProductName: "Assam", ItemPrice: 12.5, Quantity: 2 }];
const attributes = {
  metric: { data: { type: "metric", attributes: { name: "Added to Cart" } } },
  profile: { data: { type: "profile", attributes: profile } },
  properties: { cart_id: "klaviyo-node", Items: items },
  time: new Date("2026-03-01T08:00:00Z"),
  value: 25.0,
  valueCurrency: "EUR",
  uniqueId: "klaviyo-node-1",
};
profiles.createOrUpdateProfile({ data: { type: "profile", attributes: profile } })
  .then(() => events.createEvent({ data: { type: "event", attributes } }))
  .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
