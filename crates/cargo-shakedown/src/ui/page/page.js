// The state, where it comes from, and which view of it is shown.

const MAX_MESSAGES = 200;

const inside = JSON.parse(document.getElementById("data").textContent);

const state = {
  version: 0,
  campaign: {},
  targets: [],
  findings: [],
  messages: [],
  sources: inside?.sources ?? [],
  chosen: 0,
  isLive: inside === null,
  problem: null,
  entries: inside === null
    ? (target, from, find) => ask("entries", { target, from, find })
    : (target, from, find) => insideCorpus(target, from, find),
  lineage: inside === null
    ? (target, entry) => ask("lineage", { target, entry })
    : (target, entry) => lineageInside(inside.corpora[target], entry),
  history: inside === null
    ? (target) => ask("history", { target })
    : (target) => inside.histories[target] ?? { runs: [] },
};

// A portion of the inputs in the file of a finished campaign, which may not have all of them.
function insideCorpus(target, from, find) {
  const { files: all = [], total = 0, error } = inside.corpora[target] ?? {};
  const files = [];
  let next = from;
  for (; next < all.length && files.length < PORTION; next++) {
    const { name, text } = all[next];
    if (name.includes(find) || text.includes(find)) files.push(all[next]);
  }
  return { files, total, kept: all.length, error, next: next < all.length ? next : null };
}

// The token that the URL ends with, if it does.
function givenToken() {
  const given = location.hash.slice(1);
  return /^[0-9a-f]{32}$/.test(given) ? given : null;
}

// The token is in the part of the URL that browsers send to nobody, and leaves it at once.
function takeToken() {
  const given = givenToken();
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", "#overview");
  }
  return sessionStorage.getItem("token") ?? "";
}

const token = state.isLive ? takeToken() : "";

async function ask(what, query) {
  try {
    const parameters = new URLSearchParams(query);
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`/api/v1/${what}?${parameters}`, { headers });
    return answer.ok ? await answer.json() : { error: await answer.text() || `status ${answer.status}` };
  } catch {
    return { error: "the campaign does not answer any more" };
  }
}

// Takes over what changed.
function take(news) {
  if (news.since === 0) {
    Object.assign(state, { targets: [], findings: [], messages: [] });
  }
  state.version = news.version;
  state.campaign = news.campaign;
  for (const target of news.targets) {
    const before = state.targets[target.id]?.samples ?? [];
    target.samples = before.concat(target.samples);
    state.targets[target.id] = target;
  }
  for (const finding of news.findings) state.findings[finding.id] = finding;
  state.messages = state.messages.concat(news.messages).slice(-MAX_MESSAGES);
  const idOf = (finding) => state.targets.findIndex((target) =>
    target.package === finding.package && target.target === finding.target);
  for (const finding of state.findings) finding.target_id = idOf(finding);
  for (const target of state.targets) {
    target.findings = state.findings.filter((f) => !f.accepted && f.target_id === target.id).length;
    target.kept = inside ? inside.corpora[target.id]?.total : target.cached;
  }
}

// Listens to the campaign until it is over; if it is out of reach, tries again.
function listen() {
  const stream = new EventSource(`/api/v1/events?token=${token}&since=${state.version}`);
  stream.onmessage = (event) => {
    state.problem = null;
    take(JSON.parse(event.data));
    if (state.campaign.is_over) stream.close();
    show();
  };
  stream.onerror = () => {
    stream.close();
    if (state.campaign.is_over) return;
    state.problem = token ? "the campaign cannot be reached" : "this page needs the whole URL that was printed";
    show();
    if (token) setTimeout(listen, 2000);
  };
}

function words({ campaign, targets, problem }) {
  if (problem) return problem;
  const sum = (field) => targets.reduce((all, target) => all + (target.progress?.[field] ?? 0), 0);
  const found = targets.reduce((all, target) => all + target.findings, 0);
  const active = targets[campaign.active];
  const doing = campaign.is_over ? campaign.ended ?? "over" : active ? stateOf(active, campaign) : "starting";
  const rate = active && !campaign.is_over ? `${short(active.progress?.execs_per_sec)}/s` : null;
  const isRun = targets.some((target) => target.progress?.execs);
  return [
    isRun || campaign.jobs || !targets.length ? doing : count(targets.length, "target"),
    isRun ? time(campaign.elapsed_ms) : null,
    isRun ? `${short(sum("execs"))} executions` : null,
    rate,
    count(found, "finding"),
    isRun ? `seed ${campaign.seed}` : null,
  ].filter(Boolean).join(" · ");
}

const VIEWS = [overview, findings, corpus, source, blockers, messages]
  .filter((view) => ![source, blockers].includes(view) || state.isLive || state.sources.length > 0);
let shown = null;

function show() {
  const wanted = VIEWS.find((view) => view.name === location.hash.slice(1)) ?? overview;
  say(document.getElementById("summary"), words(state));
  const tabs = document.getElementById("tabs");
  keep(tabs, VIEWS, (view) => el("a", { href: `#${view.name}` }, el("span", {}, view.name),
    el("span", { class: "count" })), (tab, view) => {
    say(tab.lastChild, view.count?.(state) || "");
    if (view === wanted) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  });
  // What a target has can be asked for once it is known that there are any.
  const needsTargets = [overview, corpus, source, blockers].includes(wanted);
  if (wanted !== shown && (state.targets.length || !needsTargets)) {
    shown = wanted;
    tabs.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
    const root = document.getElementById("view");
    root.replaceChildren();
    wanted.build(root, state);
  }
  if (shown === wanted) wanted.update(state);
}

// Another token is the URL of another campaign.
window.addEventListener("hashchange", () => state.isLive && givenToken() ? location.reload() : show());
window.addEventListener("resize", show);
if (inside) take(inside.state);
else listen();
show();
