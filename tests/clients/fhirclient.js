// fhirclient, the SMART on FHIR client for JavaScript, through its steps.
import assert from 'node:assert/strict';
import smart from 'fhirclient';
import { bundle, fresh, given, idsOf, linked, newGroup, posted, run, token, withoutPatient } from './driving.js';

const state = { serverUrl: given.base, tokenResponse: { access_token: given.token, token_type: 'bearer' } };
const client = smart({ headers: {} }, {}, {}).client(state);
const post = (url, content, headers = {}) =>
  client.request({
    url,
    method: 'POST',
    body: JSON.stringify(content),
    headers: { 'content-type': 'application/fhir+json', ...headers },
  });
const refused = async (promise) => {
  const error = await promise.then(() => assert.fail('it was not refused'), (failure) => failure);
  assert.ok(error.status, String(error));
  return error.status;
};
const grouped = (groupIdentifier) => `Task?group-identifier=${encodeURIComponent(token(groupIdentifier))}`;

const steps = {
  async capabilities() {
    assert.equal((await client.request('metadata')).fhirVersion, '4.0.1');
    assert.equal(await client.getFhirRelease(), 4);
  },
  async create() {
    const body = fresh();
    const { body: made, response } = await client.create(body, { includeResponse: true });
    assert.equal(response.status, 201);
    assert.match(response.headers.get('location'), new RegExp(`/Task/${made.id}/_history/1$`));
    assert.deepEqual(made.input, body.input);
  },
  async read() {
    const made = await client.create(fresh());
    assert.deepEqual(await client.request(`Task/${made.id}`), made);
    assert.equal(await refused(client.request('Task/no-such-case')), 404);
  },
  async update() {
    const made = await client.create(fresh());
    const headers = { 'If-Match': 'W/"1"' };
    const changed = await client.update({ ...made, description: 'Lengre' }, { headers });
    assert.deepEqual([changed.meta.versionId, changed.description], ['2', 'Lengre']);
    assert.equal(await refused(client.update({ ...made, description: 'Kort' }, { headers })), 412);
    assert.equal(await refused(client.update({ ...made, description: 'Kort' })), 412);
    assert.equal((await client.update({ ...changed, description: 'Kort' })).meta.versionId, '3');
  },
  async vread() {
    const made = await client.create(fresh());
    await client.update({ ...made, description: 'Lengre' });
    const [first, second] = await Promise.all(
      [1, 2].map((version) => client.request(`Task/${made.id}/_history/${version}`)),
    );
    assert.deepEqual([first.description, second.description], [made.description, 'Lengre']);
  },
  async search() {
    const made = await client.create(fresh());
    const flat = await client.request(`${grouped(made.groupIdentifier)}&status=received`, { flat: true });
    assert.deepEqual(flat.map((one) => one.id), [made.id]);
    assert.deepEqual(idsOf(await client.request(`${grouped(made.groupIdentifier)}&status=accepted`)), []);
  },
  async references() {
    const answer = await post('', linked());
    const made = answer.entry[0].resource;
    const whole = await client.request(`Task/${made.id}`, { resolveReferences: ['focus'] });
    assert.equal(whole.focus.resourceType, 'ServiceRequest');
  },
  async paging() {
    const groupIdentifier = newGroup();
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push((await client.create(fresh({ groupIdentifier }))).id);
    const url = `${grouped(groupIdentifier)}&_count=2`;
    const pages = await client.request(url, { pageLimit: 0 });
    assert.deepEqual(pages.map((page) => page.entry.length), [2, 2, 1]);
    assert.deepEqual(pages.flatMap(idsOf).sort(), made.sort());
    const found = [];
    for await (const one of client.resources(url)) found.push(one.id);
    assert.deepEqual(found.sort(), made);
  },
  async sort() {
    const groupIdentifier = newGroup();
    const made = [];
    for (const day of [2, 1, 3]) {
      made.push((await client.create(fresh({ groupIdentifier, authoredOn: `2026-11-0${day}T09:15:00+01:00` }))).id);
    }
    const found = await client.request(`${grouped(groupIdentifier)}&_sort=-authored-on`);
    assert.deepEqual(idsOf(found), [made[2], made[0], made[1]]);
  },
  async 'search by post'() {
    const made = await client.create(fresh());
    const body = new URLSearchParams({ identifier: token(made.identifier[0]) }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const found = await client.request({ url: 'Task/_search', method: 'POST', body, headers });
    assert.deepEqual(idsOf(found), [made.id]);
  },
  async provenance() {
    const made = await client.create(fresh());
    const [first] = await client.request(`Provenance?target=Task/${made.id}`, { flat: true });
    assert.equal(first.target[0].reference, `Task/${made.id}/_history/1`);
    assert.deepEqual(await client.request(`Provenance/${first.id}`), first);
  },
  async 'conditional update'() {
    const made = await client.create(fresh());
    const changed = await client.request({
      url: `Task?identifier=${encodeURIComponent(token(made.identifier[0]))}`,
      method: 'PUT',
      body: JSON.stringify({ ...made, description: 'Lengre' }),
      headers: { 'content-type': 'application/fhir+json' },
    });
    assert.deepEqual([changed.id, changed.description], [made.id, 'Lengre']);
  },
  async history() {
    const made = await client.create(fresh());
    await client.update({ ...made, description: 'Lengre' });
    for (const url of [`Task/${made.id}/_history`, 'Task/_history', '_history']) {
      const history = await client.request(url);
      assert.equal(history.type, 'history');
      const versions = history.entry.filter((entry) => entry.resource.id === made.id);
      assert.deepEqual(versions.map((entry) => entry.resource.meta.versionId), ['2', '1']);
    }
  },
  async 'conditional create'() {
    const made = await client.create(fresh());
    const headers = { 'If-None-Exist': `identifier=${token(made.identifier[0])}` };
    const { body: again, response } = await client.create(fresh(), { headers, includeResponse: true });
    assert.deepEqual([response.status, again.id], [200, made.id]);
  },
  async patch() {
    const made = await client.create(fresh());
    const headers = { 'If-Match': 'W/"1"' };
    const patch = [{ op: 'replace', path: '/description', value: 'Kort' }];
    const changed = await client.patch(`Task/${made.id}`, patch, { headers });
    assert.deepEqual([changed.description, changed.meta.versionId], ['Kort', '2']);
    assert.equal(await refused(client.patch(`Task/${made.id}`, patch, { headers })), 412);
    assert.equal(await refused(client.patch(`Task/${made.id}`, patch)), 428);
  },
  async batch() {
    const made = await client.create(fresh());
    const reading = { request: { method: 'GET', url: `Task/${made.id}` } };
    const answer = await post('', bundle('batch', reading, posted(fresh()), posted(withoutPatient())));
    assert.deepEqual(answer.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '201', '422']);
  },
  async transaction() {
    const [made, asking] = (await post('', linked())).entry.map((entry) => entry.resource);
    assert.equal(made.focus.reference, `ServiceRequest/${asking.id}`);
    const groupIdentifier = newGroup();
    const half = bundle('transaction', posted(fresh({ groupIdentifier })), posted(withoutPatient()));
    assert.equal(await refused(post('', half)), 422);
    assert.deepEqual(idsOf(await client.request(grouped(groupIdentifier))), []);
  },
  async validate() {
    const severities = async (content) => (await post('Task/$validate', content)).issue.map((one) => one.severity);
    assert.deepEqual(await severities(fresh()), ['information']);
    assert.ok((await severities(fresh({ intent: 'wish' }))).includes('error'));
  },
  async 'validate with profile'() {
    const url = `Task/$validate?profile=${encodeURIComponent(given.profile)}`;
    const severities = async (content) => (await post(url, content)).issue.map((one) => one.severity);
    assert.deepEqual(await severities(fresh()), ['information']);
    assert.ok((await severities(withoutPatient())).includes('error'));
  },
};

await run(steps);
