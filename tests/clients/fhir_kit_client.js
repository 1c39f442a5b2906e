// fhir-kit-client through its steps.
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';
import { bundle, fresh, given, idsOf, linked, newGroup, posted, run, token, withoutPatient } from './driving.js';

const client = new Client({ baseUrl: given.base, bearerToken: given.token });
const resourceType = 'Task';
const create = (body = fresh(), options = {}) => client.create({ resourceType, body, options });
const read = (id) => client.read({ resourceType, id });
const statusOf = (answer) => Client.httpFor(answer).response.status;
const refused = async (promise) => {
  const error = await promise.then(() => assert.fail('it was not refused'), (failure) => failure);
  assert.equal(error.response?.data?.resourceType, 'OperationOutcome', String(error));
  return [error.response.status, error.response.data.issue[0].details.coding[0].code];
};

const steps = {
  async capabilities() {
    const statement = await client.capabilityStatement();
    assert.equal(statement.fhirVersion, '4.0.1');
  },
  async create() {
    const body = fresh();
    const made = await create(body);
    assert.equal(statusOf(made), 201);
    assert.match(Client.httpFor(made).response.headers.get('location'), new RegExp(`/Task/${made.id}/_history/1$`));
    assert.deepEqual(made.input, body.input);
  },
  async read() {
    const made = await create();
    assert.deepEqual(await read(made.id), made);
    assert.deepEqual(await refused(read('no-such-case')), [404, 'not-found']);
  },
  async resolve() {
    const made = await create();
    assert.equal((await client.resolve({ reference: `Task/${made.id}` })).id, made.id);
    assert.equal((await client.resolve({ reference: `${given.base}/Task/${made.id}` })).id, made.id);
  },
  async update() {
    const made = await create();
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const body = { ...made, description: 'Lengre' };
    const changed = await client.update({ resourceType, id: made.id, body, options });
    assert.deepEqual([changed.meta.versionId, changed.description], ['2', 'Lengre']);
    assert.equal(Client.httpFor(changed).response.headers.get('etag'), 'W/"2"');
    const again = client.update({ resourceType, id: made.id, body, options });
    assert.deepEqual(await refused(again), [412, 'stale-version']);
    const byBody = await client.update({ resourceType, id: made.id, body: { ...changed, description: 'Kort' } });
    assert.equal(byBody.meta.versionId, '3');
  },
  async 'conditional update'() {
    const made = await create();
    const searchParams = { identifier: token(made.identifier[0]) };
    const changed = await client.update({ resourceType, searchParams, body: { ...made, description: 'Lengre' } });
    assert.deepEqual([changed.id, changed.description], [made.id, 'Lengre']);
  },
  async vread() {
    const made = await create();
    await client.update({ resourceType, id: made.id, body: { ...made, description: 'Lengre' } });
    const [first, second] = await Promise.all(
      [1, 2].map((version) => client.vread({ resourceType, id: made.id, version })),
    );
    assert.deepEqual([first.description, second.description], [made.description, 'Lengre']);
  },
  async search() {
    const made = await create();
    const searchParams = { 'group-identifier': token(made.groupIdentifier), status: ['received'] };
    for (const options of [{}, { postSearch: true }]) {
      assert.deepEqual(idsOf(await client.search({ resourceType, searchParams, options })), [made.id]);
    }
    const none = await client.search({ resourceType, searchParams: { ...searchParams, status: 'accepted' } });
    assert.deepEqual([none.type, idsOf(none)], ['searchset', []]);
    const patient = made.for.identifier;
    const byPatient = { 'patient:identifier': token(patient), 'group-identifier': token(made.groupIdentifier) };
    const posted = await client.search({ resourceType, searchParams: byPatient, options: { postSearch: true } });
    assert.deepEqual(idsOf(posted), [made.id]);
  },
  async paging() {
    const groupIdentifier = newGroup();
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push((await create(fresh({ groupIdentifier }))).id);
    const found = [];
    const searchParams = { 'group-identifier': token(groupIdentifier), _count: 2 };
    let page = await client.search({ resourceType, searchParams });
    for (; page; page = await client.nextPage({ bundle: page })) found.push(idsOf(page));
    assert.deepEqual(found.map((ids) => ids.length), [2, 2, 1]);
    assert.deepEqual(found.flat().sort(), made.sort());
  },
  async sort() {
    const groupIdentifier = newGroup();
    const made = [];
    for (const day of [2, 1, 3]) {
      made.push((await create(fresh({ groupIdentifier, authoredOn: `2026-11-0${day}T09:15:00+01:00` }))).id);
    }
    const searchParams = { 'group-identifier': token(groupIdentifier), _sort: '-authored-on' };
    assert.deepEqual(idsOf(await client.search({ resourceType, searchParams })), [made[2], made[0], made[1]]);
  },
  async provenance() {
    const made = await create();
    const searchParams = { target: `Task/${made.id}` };
    const found = await client.search({ resourceType: 'Provenance', searchParams });
    const [first] = found.entry.map((entry) => entry.resource);
    assert.equal(first.target[0].reference, `Task/${made.id}/_history/1`);
    assert.deepEqual(await client.read({ resourceType: 'Provenance', id: first.id }), first);
  },
  async history() {
    const made = await create();
    await client.update({ resourceType, id: made.id, body: { ...made, description: 'Lengre' } });
    for (const wanted of [{ resourceType, id: made.id }, { resourceType }, {}]) {
      const history = await client.history(wanted);
      assert.equal(history.type, 'history');
      const versions = history.entry.filter((entry) => entry.resource.id === made.id);
      assert.deepEqual(versions.map((entry) => entry.resource.meta.versionId), ['2', '1']);
      assert.ok(versions.every((entry) => entry.request && entry.response));
    }
  },
  async 'conditional create'() {
    const made = await create();
    const headers = { 'If-None-Exist': `identifier=${token(made.identifier[0])}` };
    const again = await create(fresh(), { headers });
    assert.deepEqual([statusOf(again), again.id], [200, made.id]);
  },
  async patch() {
    const made = await create();
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const jsonPatch = [
      { op: 'test', path: '/status', value: 'received' },
      { op: 'replace', path: '/description', value: 'Kort' },
    ];
    const changed = await client.patch({ resourceType, id: made.id, jsonPatch, options });
    assert.deepEqual([changed.description, changed.meta.versionId], ['Kort', '2']);
    assert.equal((await refused(client.patch({ resourceType, id: made.id, jsonPatch, options })))[0], 412);
    assert.equal((await refused(client.patch({ resourceType, id: made.id, jsonPatch })))[0], 428);
  },
  async batch() {
    const made = await create();
    const body = bundle(
      'batch',
      { request: { method: 'GET', url: `Task/${made.id}` } },
      posted(fresh()),
      posted(withoutPatient()),
    );
    const answer = await client.batch({ body });
    assert.equal(answer.type, 'batch-response');
    assert.deepEqual(answer.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '201', '422']);
  },
  async transaction() {
    const body = linked();
    const answer = await client.transaction({ body });
    assert.equal(answer.type, 'transaction-response');
    const [made, asking] = answer.entry.map((entry) => entry.resource);
    assert.equal(made.focus.reference, `ServiceRequest/${asking.id}`);
    assert.equal((await client.resolve({ reference: made.focus.reference, context: made })).id, asking.id);
    const groupIdentifier = newGroup();
    const half = bundle('transaction', posted(fresh({ groupIdentifier })), posted(withoutPatient()));
    assert.equal((await refused(client.transaction({ body: half })))[0], 422);
    const searchParams = { 'group-identifier': token(groupIdentifier) };
    assert.deepEqual(idsOf(await client.search({ resourceType, searchParams })), []);
  },
  async validate() {
    const severities = async (input) => {
      const outcome = await client.operation({ name: 'validate', resourceType, input });
      return outcome.issue.map((issue) => issue.severity);
    };
    assert.deepEqual(await severities(fresh()), ['information']);
    assert.ok((await severities(fresh({ intent: 'wish' }))).includes('error'));
    const wrapped = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: fresh() }] };
    assert.deepEqual(await severities(wrapped), ['information']);
  },
  async 'validate with profile'() {
    const severities = async (resource) => {
      const parameter = [{ name: 'resource', resource }, { name: 'profile', valueUri: given.profile }];
      const input = { resourceType: 'Parameters', parameter };
      const outcome = await client.operation({ name: 'validate', resourceType, input });
      return outcome.issue.map((issue) => issue.severity);
    };
    assert.deepEqual(await severities(fresh()), ['information']);
    assert.ok((await severities(withoutPatient())).includes('error'));
  },
};

await run(steps);
