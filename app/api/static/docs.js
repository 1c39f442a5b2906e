// Starts Swagger UI. In the sandbox it also shows a button for each persona: one click fetches a token and uses it.
"use strict";

const ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
window.ui = ui;

const PERSONAS = [
  ["Municipality (Fjordvik)", { persona: "municipality", organisation: "fjordvik" }],
  ["Municipality (Dalheim)", { persona: "municipality", organisation: "dalheim" }],
  ["Municipality (Øyvær)", { persona: "municipality", organisation: "oyvaer" }],
  ["Municipality (Nordbygd)", { persona: "municipality", organisation: "nordbygd" }],
  ["Neurology outpatient", { persona: "clinical-unit", unit: "neurology-outpatient" }],
  ["Rehabilitation", { persona: "clinical-unit", unit: "rehabilitation" }],
  ["Coordinating unit", { persona: "coordinating-unit" }],
  ["Decision group", { persona: "decision-group" }],
  ["EHR", { persona: "ehr" }],
  ["Operator", { persona: "operator" }],
];

async function become(label, form, bar) {
  const status = bar.querySelector("output");
  try {
    const answer = await fetch("/sandbox/token", { method: "POST", body: new URLSearchParams(form) });
    const token = await answer.json();
    if (!answer.ok) throw new Error(token.error_description);
    ui.preauthorizeApiKey("token", token.access_token);
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.textContent === label));
    }
    status.textContent = `Requests are now sent as ${label}, for ${Math.round(token.expires_in / 60)} minutes.`;
  } catch (problem) {
    status.textContent = `No token: ${problem.message}`;
  }
}

if (document.body.dataset.sandbox) {
  const bar = document.getElementById("personas");
  bar.append("Try it as: ");
  for (const [label, form] of PERSONAS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => become(label, form, bar));
    bar.append(button, " ");
  }
  bar.append(document.createElement("output"));
  bar.hidden = false;
}
