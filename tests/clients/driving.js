// What both drivers share. Standard input: {base, token, need, order, system, profile}.
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';

export const given = JSON.parse(await text(process.stdin));

export const newGroup = () => ({ system: given.system, value: randomUUID() });
const renumbered = (resource) => ({ ...resource, identifier: [{ ...resource.identifier[0], value: randomUUID() }] });

// A need under a number and in a group of its own.
export const fresh = (more = {}) => ({ ...renumbered(given.need), groupIdentifier: newGroup(), ...more });
export const withoutPatient = (more = {}) => {
  const { for: _, ...rest } = fresh(more);
  return rest;
};
export const token = ({ system, value }) => `${system}|${value}`;
export const idsOf = (bundle) => (bundle.entry ?? []).map((entry) => entry.resource.id);
export const bundle = (type, ...entry) => ({ resourceType: 'Bundle', type, entry });
export const posted = (resource, fullUrl) => ({
  ...(fullUrl && { fullUrl }),
  request: { method: 'POST', url: resource.resourceType },
  resource,
});

// An order and a need which points at it by its urn; the need comes first.
export const linked = () => {
  const [order, self] = [`urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
  const need = fresh({ focus: { reference: order } });
  return bundle('transaction', posted(need, self), posted(renumbered(given.order), order));
};

// Each step writes one line {step, failure}; failure is "" when it went as FHIR R4 says.
export const run = async (steps) => {
  for (const [step, take] of Object.entries(steps)) {
    const failure = await take().then(() => '', (error) => error?.stack ?? String(error));
    process.stdout.write(`${JSON.stringify({ step, failure })}\n`);
  }
};
