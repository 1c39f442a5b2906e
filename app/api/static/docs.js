// Starts Swagger UI, a part of the document at a time: Swagger UI takes in everything anew whenever an operation opens.
// In the sandbox one click on a persona fetches a token and uses it. Ids that came in answers are filled in.
"use strict";

const PERSONAS = {
  "Municipality": [
    ["Municipality (Fjordvik)", { persona: "municipality", organisation: "fjordvik" }],
    ["Municipality (Dalheim)", { persona: "municipality", organisation: "dalheim" }],
    ["Municipality (Øyvær)", { persona: "municipality", organisation: "oyvaer" }],
    ["Municipality (Nordbygd)", { persona: "municipality", organisation: "nordbygd" }],
  ],
  "Clinical unit": [
    ["Neurology outpatient", { persona: "clinical-unit", unit: "neurology-outpatient" }],
    ["Neurology ward", { persona: "clinical-unit", unit: "neurology-ward" }],
    ["Rehabilitation", { persona: "clinical-unit", unit: "rehabilitation" }],
    ["Paediatrics", { persona: "clinical-unit", unit: "paediatrics" }],
    ["Habilitation", { persona: "clinical-unit", unit: "habilitation" }],
    ["Oncology", { persona: "clinical-unit", unit: "oncology" }],
    ["Internal medicine", { persona: "clinical-unit", unit: "internal-medicine" }],
  ],
  "Others": [
    ["Coordinating unit", { persona: "coordinating-unit" }],
    ["Decision group", { persona: "decision-group" }],
    ["EHR", { persona: "ehr" }],
    ["Auditor", { persona: "auditor" }],
    ["Operator", { persona: "operator" }],
  ],
};
const FORM = "application/x-www-form-urlencoded";
const RENEW_BEFORE = 60; // seconds
const METHODS = ["get", "put", "post", "patch"];
const TOLD_ONCE = ["Cache-Control", "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy"];

let whole; // the document
let ui;
let chosen; // the tag group that is shown
let renewal; // timer of the token
const newest = {}; // type → id

// ------------------------------------------------------------------------------------------ parts of the document

function partOf(group) {
  const tags = new Set(group.tags);
  const paths = Object.fromEntries(
    Object.entries(whole.paths).filter(([, path]) => Object.values(path).some((one) => tags.has(one.tags[0]))));
  const components = { securitySchemes: whole.components.securitySchemes };
  const waiting = [paths];
  while (waiting.length) {
    for (const [, section, name] of JSON.stringify(waiting.pop()).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
      components[section] ??= {};
      if (!(name in components[section])) {
        components[section][name] = whole.components[section][name];
        waiting.push(components[section][name]);
      }
    }
  }
  for (const response of responsesOf(paths, components)) {
    TOLD_ONCE.forEach((name) => delete response.headers?.[name]);
  }
  Object.values(paths).forEach((path) => Object.values(path).forEach((one) => fillForm(one, components.examples)));
  return { ...whole, tags: whole.tags.filter((tag) => tags.has(tag.name)), paths, components };
}

// Headers that every answer has are in the introduction; here they would hide those that matter.
function* responsesOf(paths, components) {
  yield* Object.values(components.responses ?? {});
  for (const path of Object.values(paths)) {
    for (const operation of Object.values(path)) yield* Object.values(operation.responses);
  }
}

function withoutEmptyFields(request) {
  if (request.headers?.["Content-Type"] === FORM && request.body) {
    const given = [...new URLSearchParams(request.body)].filter(([, value]) => value);
    request.body = new URLSearchParams(given).toString();
  }
  return request;
}

// A form starts with its first example; Swagger UI would write "string" into every other field.
function fillForm(operation, examples) {
  const form = operation.requestBody?.content[FORM];
  if (!form) return;
  const [first] = Object.values(form.examples ?? {});
  const value = first ? examples[first.$ref.split("/").pop()].value : {};
  for (const [name, property] of Object.entries(form.schema.properties)) property.default = value[name] ?? "";
}

function groupOfHash() {
  const tag = decodeURIComponent(location.hash).split("/")[1];
  return whole["x-tagGroups"].find((group) => group.tags.includes(tag));
}

function show(group) {
  chosen = group;
  ui.specActions.updateSpec(JSON.stringify(partOf(group)));
  mark(group);
}

function mark(group) {
  for (const button of document.querySelectorAll("#parts button")) {
    button.setAttribute("aria-current", String(button.textContent === group.name));
  }
}

// Swagger UI follows the address only when it starts.
function follow() {
  const group = groupOfHash();
  if (!group) return;
  if (group !== chosen) show(group);
  const [, tag, operation] = decodeURIComponent(location.hash).split("/");
  ui.layoutActions.show(["operations-tag", tag], true);
  if (!operation) return;
  fillIn(operation);
  ui.layoutActions.show(["operations", tag, operation], true);
  bringIntoView(`operations-${tag}-${operation}`, 100);
}

function bringIntoView(id, tries) {
  const block = document.getElementById(id);
  if (block) block.scrollIntoView();
  else if (tries) setTimeout(bringIntoView, 100, id, tries - 1);
}

function showParts() {
  const bar = document.getElementById("parts");
  for (const group of whole["x-tagGroups"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = group.name;
    button.title = group.tags.join(", ");
    button.addEventListener("click", () => {
      history.replaceState(null, "", "#");
      show(group);
    });
    bar.append(button, " ");
  }
  bar.hidden = false;
}

// --------------------------------------------------------------------------------------------- ids from the answers

// Only in operations that are open: each change makes Swagger UI draw everything again.
function fillIn(operationId) {
  for (const [path, methods] of Object.entries(whole.paths)) {
    const [, type] = path.startsWith("/reports/cases/") ? ["", "Task"] : (/^\/fhir\/v1\/(\w+)\/\{id\}/.exec(path) ?? []);
    const method = METHODS.find((one) => methods[one]?.operationId === operationId);
    if (method && newest[type]) ui.specActions.changeParam([path, method], "id", "path", newest[type]);
  }
}

function operationOf(block) {
  return block.id.split("-").pop();
}

function remember(type, id) {
  if (newest[type] === id) return;
  newest[type] = id;
  document.querySelectorAll(".opblock.is-open").forEach((block) => fillIn(operationOf(block)));
}

function learn(answer) {
  if (!answer.ok || !new URL(answer.url, location.href).pathname.startsWith("/fhir/")) return answer;
  const body = answer.obj ?? {};
  if (body.id && body.resourceType) remember(body.resourceType, body.id);
  const [, type, id] = /\/fhir\/v1\/(\w+)\/([^/]+)/.exec(answer.headers?.location ?? "") ?? [];
  if (id) remember(type, id);
  for (const output of body.output ?? []) {
    const [kind, key] = (output.valueReference?.reference ?? "").split("/");
    if (kind === "CareTeam" && key) remember(kind, key);
  }
  return answer;
}

// ------------------------------------------------------------------------------------------------------- personas

async function become(label, form, bar) {
  const status = bar.querySelector("output");
  clearTimeout(renewal);
  try {
    const answer = await fetch("/sandbox/token", { method: "POST", body: new URLSearchParams(form) });
    const token = await answer.json();
    if (!answer.ok) throw new Error(token.error_description);
    ui.preauthorizeApiKey("token", token.access_token);
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.title === label));
    }
    status.textContent = `Requests are now sent as ${label}, with a fresh token that is renewed while the page is open.`;
    renewal = setTimeout(() => become(label, form, bar), (token.expires_in - RENEW_BEFORE) * 1000);
  } catch (problem) {
    status.textContent = `No token: ${problem.message}`;
  }
}

function showPersonas() {
  const bar = document.getElementById("personas");
  for (const [kind, personas] of Object.entries(PERSONAS)) {
    const group = document.createElement("span");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", kind);
    group.append(kind === "Others" ? "" : `${kind}: `);
    for (const [label, form] of personas) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = label;
      button.textContent = /\((.*)\)/.exec(label)?.[1] ?? label;
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => become(label, form, bar));
      group.append(button, " ");
    }
    bar.append(group);
  }
  const status = document.createElement("output");
  status.textContent = "Choose who you are: one click fetches an access token.";
  bar.append(status);
  bar.hidden = false;
}

// ---------------------------------------------------------------------------------------------------------- start

async function start() {
  whole = await (await fetch("/openapi.json")).json();
  chosen = groupOfHash() ?? whole["x-tagGroups"][0];
  ui = SwaggerUIBundle({
    spec: partOf(chosen),
    dom_id: "#page",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    defaultModelRendering: "example",
    displayRequestDuration: true,
    persistAuthorization: false,
    requestSnippetsEnabled: false,
    requestInterceptor: withoutEmptyFields,
    responseInterceptor: learn,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
  window.ui = ui;
  showParts();
  mark(chosen);
  if (document.body.dataset.sandbox) showPersonas();
  window.addEventListener("hashchange", follow);
  document.getElementById("page").addEventListener("click", (click) => {
    const link = click.target.closest('a[target="_blank"][href^="#/"]');
    if (link) { // Swagger UI opens every link of a text in another tab
      click.preventDefault();
      history.pushState(null, "", link.getAttribute("href"));
      follow();
    }
    const block = click.target.closest(".opblock:not(.is-open)");
    if (block) fillIn(operationOf(block));
  }, true);
}

start();
