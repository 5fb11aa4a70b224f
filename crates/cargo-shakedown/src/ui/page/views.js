// The views. Each has a name, what stands behind it in the tabs, and two functions: `build` fills the
// page once, `update` brings what is there up to date.

const EXECS = 0, ELAPSED = 1, EDGES = 2, FEATURES = 3, ENTRIES = 4, RATE = 5;

function stateOf(target, campaign) {
  const progress = target.progress;
  if (!progress) return "waiting";
  if (target.replay_only && progress.phase !== "warm-up") return "unchanged, replayed";
  if (campaign.is_over) return "done";
  if (campaign.active !== target.id) return "waiting for its turn";
  if (progress.phase === "warm-up") return `warming up, ${progress.warm_up[0]} of ${progress.warm_up[1]}`;
  return progress.investigating ? "investigating" : "searching";
}

// A column of a table: its `name`, the `text` of an item in it, the `key` that it is sorted by, whether
// it `isMinor`, so that small screens go without it, and when an item `isOdd` enough to be marked.
function column(name, text, { key = text, isMinor = false, isOdd = () => false } = {}) {
  return { name, text, key, isMinor, isOdd };
}

// A column with a number, which may be missing.
function numbers(name, number, more) {
  return column(name, (item, state) => short(number(item, state)), { key: number, ...more });
}

const minor = { isMinor: true };

const share = (target, state) => {
  const all = state.targets.reduce((sum, one) => sum + (one.progress?.elapsed_ms ?? 0), 0);
  return all ? (target.progress?.elapsed_ms ?? 0) / all : 0;
};

const COLUMNS = [
  column("target", (t) => t.label),
  column("state", (t, s) => stateOf(t, s.campaign), minor),
  numbers("executions", (t) => t.progress?.execs),
  numbers("per second", (t) => t.progress?.execs_per_sec, minor),
  numbers("edges", (t) => t.progress?.edges),
  numbers("of", (t) => t.counters, minor),
  numbers("entries", (t) => t.progress?.entries, minor),
  column("last new", (t) => t.progress ? time(t.progress.since_new_ms) + " ago" : "–",
    { key: (t) => t.progress?.since_new_ms, isMinor: true }),
  column("time", (t, s) => Math.round(100 * share(t, s)) + " %", { key: share, isMinor: true }),
  numbers("findings", (t) => t.findings, { isOdd: (t) => t.findings > 0 }),
];

// The same where no campaign runs.
const KEPT = [
  column("target", (t) => t.label),
  column("package", (t) => t.package, minor),
  numbers("inputs kept", (t) => t.kept),
  numbers("findings", (t) => t.findings, { isOdd: (t) => t.findings > 0 }),
];

const rejected = (target) => target.progress.rejected / Math.max(1, target.progress.execs);

const HEALTH = [
  column("target", (t) => t.label),
  column("stability", (t) => percent(t.progress.stability),
    { key: (t) => t.progress.stability, isOdd: (t) => t.progress.stability < 0.95 }),
  column("rejected", (t) => percent(rejected(t)), { key: rejected, isOdd: (t) => rejected(t) > 0.9 }),
  numbers("investigating", (t) => t.progress.investigating, minor),
  numbers("verifying, minimizing", (t) => t.progress.extra_execs, minor),
  numbers("slow", (t) => t.progress.slow, minor),
  numbers("caught panics", (t) => t.progress.caught, minor),
  numbers("lost", (t) => t.progress.lost),
  numbers("damaged", (t) => t.progress.damaged, { isOdd: (t) => t.progress.damaged > 0 }),
];

const DOING = {
  "starting": "starting", "waiting": "waiting", "warming-up": "running a seed or an old entry",
  "fuzzing": "varying", "recording": "recording comparisons", "checking": "checking news",
  "trimming": "trimming news", "investigating": "investigating a failure",
};

const WORKERS = [
  column("worker", (w) => String(w.id + 1), { key: (w) => -w.id }),
  column("doing", (w) => DOING[w.doing] ?? w.doing),
  column("with entry", (w) => w.entry ?? "", minor),
  column("for", (w) => w.elapsed_ms < 1000 ? "" : time(w.elapsed_ms), { key: (w) => w.elapsed_ms, isOdd: (w) => w.elapsed_ms > 10000 }),
  numbers("executions", (w) => w.execs),
  numbers("restarts", (w) => w.restarts),
  column("the last one by", (w) => w.last_end ?? "–", minor),
];

const MUTATORS = [
  column("mutator", (m) => m.name.replaceAll("-", " ")),
  column("changes", (m) => m.changes, minor),
  numbers("news", (m) => m.news),
  column("drawn", (m) => m.drawn === null ? "–" : percent(m.drawn), { key: (m) => m.drawn }),
  column("weight now", (m) => m.weight === null ? "–" : `${m.weight.toFixed(2)} ×`, { key: (m) => m.weight }),
];

// Those that change what the target takes, the best first: of others there are no news at all.
function mutatorsOf(target) {
  const all = target?.mutators ?? [];
  const isTaken = (kind) => all.some(({ changes, news }) => changes === kind && news > 0);
  const taken = all.filter(({ changes }) => isTaken(changes));
  return taken.sort((one, other) => other.news - one.news).map((mutator, id) => ({ ...mutator, id }));
}

// A table that is sorted by the column that was chosen last, and the other way round if twice.
function table(columns, changed) {
  const node = el("table", {}, el("thead", {}, el("tr", {})), el("tbody"));
  const heads = columns.map((column) => el("th", { class: column.isMinor ? "minor" : null },
    el("button", { type: "button", click: () => sort(column) }, column.name)));
  const sort = (column) => {
    node.isReverse = node.sortedBy === column && !node.isReverse;
    node.sortedBy = column;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    // Texts begin with the first, numbers with the largest.
    const isUp = (column.key === column.text) !== node.isReverse;
    heads[columns.indexOf(column)].setAttribute("aria-sort", isUp ? "ascending" : "descending");
    changed();
  };
  node.tHead.rows[0].append(...heads);
  return node;
}

function sorted({ sortedBy, isReverse }, rows, state) {
  if (!sortedBy) return rows;
  const keyed = rows.map((row) => [sortedBy.key(row, state), row]);
  const order = (one, other) => typeof (one ?? other) === "string" ? String(one).localeCompare(other)
    : (other ?? -1) - (one ?? -1);
  keyed.sort(([one], [other]) => isReverse ? order(other, one) : order(one, other));
  return keyed.map(([, row]) => row);
}

// Brings a table up to date. The first cell of a row is a button if rows can be chosen.
function fill(node, columns, rows, state, choose) {
  const make = () => el("tr", {}, ...columns.map(({ isMinor }, at) =>
    el("td", { class: isMinor ? "minor" : null }, at || !choose ? "" : el("button", { type: "button" }))));
  keep(node.tBodies[0], sorted(node, rows, state), make, (line, row) => {
    line.classList.toggle("chosen", Boolean(choose) && row.id === state.chosen);
    columns.forEach(({ text, isOdd }, at) => {
      const cell = line.children[at];
      say(cell.firstElementChild ?? cell, text(row, state));
      cell.classList.toggle("mind", isOdd(row));
    });
    if (choose) line.children[0].firstElementChild.onclick = () => choose(row.id);
  });
}

const overview = {
  name: "overview",
  axis: "executions",
  earlier: new Map(),
  build(root, state) {
    this.columns = state.campaign.jobs ? COLUMNS : KEPT;
    const changed = () => this.update(state);
    this.targets = table(this.columns, changed);
    this.health = table(HEALTH, changed);
    this.axes = el("span", { class: "choice" }, ...["executions", "time"].map((axis) =>
      el("button", { type: "button", click: () => { this.axis = axis; this.update(state); } }, axis)));
    this.growth = el("svg", { role: "img", "aria-label": "edges over executions or time" });
    this.rate = el("svg", { role: "img", "aria-label": "executions per second over time" });
    this.readout = el("p", { class: "readout" });
    this.growth.addEventListener("pointermove", (event) => this.read(state, event));
    this.outlook = el("p", { class: "faint" });
    this.graphs = el("div", { class: "charts" },
      el("div", {}, el("h2", {}, "Edges", this.axes), this.growth, this.readout, this.outlook),
      el("div", {}, el("h2", {}, "Executions per second"), this.rate));
    this.team = table(WORKERS, changed);
    this.team.classList.add("texts", "team");
    this.workers = el("section", {}, el("h2"), el("div", { class: "wide" }, this.team));
    this.condition = el("section", {}, el("h2", {}, "Health"), el("div", { class: "wide" }, this.health));
    this.mutators = table(MUTATORS, changed);
    this.yields = el("details", {}, el("summary"), el("div", { class: "wide" }, this.mutators));
    root.append(el("div", { class: "wide" }, this.targets), this.graphs, this.workers, this.condition,
      this.yields);
  },
  update(state) {
    const choose = (id) => { state.chosen = id; this.update(state); };
    fill(this.targets, this.columns, state.targets, state, choose);
    fill(this.health, HEALTH, state.targets.filter((t) => t.progress?.execs), state);
    const active = state.targets[state.campaign.active];
    const team = (active?.workers ?? []).map((worker, id) => ({ ...worker, id }));
    this.workers.hidden = team.length === 0;
    say(this.workers.firstChild, `${count(team.length, "worker")} on ${active?.label}`);
    fill(this.team, WORKERS, team, state);
    const chosen = state.targets[state.chosen];
    const mutators = mutatorsOf(chosen);
    this.yields.hidden = mutators.length === 0;
    say(this.yields.firstChild, `Mutators of ${chosen?.label}`);
    fill(this.mutators, MUTATORS, mutators, state);
    this.remember(state);
    this.condition.hidden = !state.targets.some((target) => target.progress?.execs);
    const isRun = this.runs(state).length > 0;
    this.graphs.hidden = !isRun;
    for (const button of this.axes.children) {
      button.setAttribute("aria-pressed", button.textContent === this.axis);
    }
    say(this.outlook, chosen?.outlook ?? "");
    const earlier = this.runs(state).length - 1;
    if (earlier > 0 && !this.readout.textContent) {
      say(this.readout, `${count(earlier, "earlier campaign")} in grey`);
    }
    if (isRun) this.draw(state);
  },
  // Gets the earlier campaigns of the chosen target, once.
  async remember(state) {
    const target = state.chosen;
    if (!state.targets[target] || this.earlier.has(target)) return;
    this.earlier.set(target, []);
    this.earlier.set(target, (await state.history(target)).runs ?? []);
    this.update(state);
  },
  // The campaigns of the chosen target, each as its samples, this one or the last one at the end.
  runs(state) {
    const earlier = (this.earlier.get(state.chosen) ?? []).map((run) => run.samples);
    const own = state.targets[state.chosen]?.samples ?? [];
    return own.length ? [...earlier, own] : earlier;
  },
  draw(state) {
    const isLog = this.axis === "executions";
    const x = isLog ? EXECS : ELAPSED;
    const runs = this.runs(state);
    const lines = (y, at) => runs.map((samples, number) => ({
      points: samples.map((sample) => [sample[at], sample[y]]),
      isStrong: number === runs.length - 1,
    }));
    const marks = state.findings.filter((f) => !f.accepted && f.target_id === state.chosen)
      .map((finding) => isLog ? finding.execs : finding.elapsed_ms);
    chart(this.growth, {
      lines: lines(EDGES, x), marks, isLog,
      xText: isLog ? short : time, yText: short,
    });
    chart(this.rate, {
      lines: lines(RATE, ELAPSED), isLog: false,
      xText: time, yText: short,
    });
  },
  read(state, event) {
    const samples = this.runs(state).at(-1) ?? [];
    if (samples.length < 2) return;
    const isLog = this.axis === "executions";
    const on = (x) => isLog ? Math.log(x) : x;
    const value = (sample) => on(sample[isLog ? EXECS : ELAPSED]);
    const box = this.growth.getBoundingClientRect();
    const share = (event.clientX - box.left - 48) / (box.width - 60);
    const [first, last] = this.growth.span.map(on);
    const wanted = first + share * (last - first);
    const near = samples.reduce((best, sample) =>
      Math.abs(value(sample) - wanted) < Math.abs(value(best) - wanted) ? sample : best);
    say(this.readout, `after ${short(near[EXECS])} executions, ${time(near[ELAPSED])}: `
      + `${near[EDGES]} edges, ${near[FEATURES]} features, ${count(near[ENTRIES], "entry")}`);
  },
};

function codeBlock(text) {
  return el("div", {}, el("pre", {}, text), copier(() => text));
}

function findingCard(finding, open) {
  const facts = [
    finding.execs ? `after ${finding.execs} executions, ${time(finding.elapsed_ms)}` : null,
    finding.status_text,
    finding.found_len !== finding.len ? `minimized from ${finding.found_len} to ${finding.len} bytes` : null,
    finding.more ? `${finding.more} more like it` : null,
  ].filter(Boolean);
  const pair = (name, content) => content ? [el("dt", {}, name), el("dd", {}, content)] : [];
  const place = [finding.place, finding.caller && `called at ${finding.caller}`].filter(Boolean);
  return el("article", { class: finding.accepted ? "accepted" : null, id: `finding-${finding.id}` },
    el("h3", {}, `${finding.kind} in ${finding.label}`),
    finding.accepted ? el("p", { class: "faint" }, `accepted: ${finding.accepted_reason}`) : null,
    el("pre", {}, finding.message.trimEnd()),
    el("p", { class: "where" }, finding.location?.path && open
      ? el("a", { href: "#source", click: () => open(finding) }, place.join(", "))
      : place.join(", ")),
    el("p", { class: "faint" }, facts.join(" · ")),
    el("dl", {},
      ...pair("input", codeBlock(finding.input)),
      ...pair("value", finding.value && codeBlock(finding.value)),
      ...pair("as a test", finding.call && codeBlock(finding.call)),
      ...pair("replay", finding.reproduce.length && codeBlock(finding.reproduce.join("\n"))),
      ...pair("file", finding.file && el("span", { class: "where" }, finding.file)),
      ...pair("backtrace", finding.backtrace && el("details", {}, el("summary", {}, "show"),
        el("pre", {}, finding.backtrace.trimEnd())))));
}

const findings = {
  name: "findings",
  count: (state) => state.findings.length,
  build(root) {
    this.list = el("div");
    this.empty = el("p", { class: "empty" }, "Nothing has failed.");
    this.shown = [];
    root.append(this.empty, this.list);
  },
  update(state) {
    this.empty.hidden = state.findings.length > 0;
    state.findings.forEach((finding, at) => {
      if (this.shown[at] === finding) return;
      const open = ({ location, target_id: target }) => {
        source.wanted = location;
        state.chosen = target;
      };
      const card = findingCard(finding, state.isLive || state.sources.length > 0 ? open : null);
      if (this.list.children[at]) this.list.children[at].replaceWith(card);
      else this.list.append(card);
      this.shown[at] = finding;
    });
  },
};

const messages = {
  name: "messages",
  count: (state) => state.messages.length,
  build(root) {
    this.list = el("ol", { class: "messages" });
    this.empty = el("p", { class: "empty" }, "Nothing was said.");
    root.append(this.empty, this.list);
  },
  update(state) {
    this.empty.hidden = state.messages.length > 0;
    keep(this.list, state.messages,
      () => el("li", {}, el("time"), el("span")),
      (node, message) => {
        say(node.firstChild, time(message.at_ms));
        say(node.lastChild, message.kind === "warning" ? `warning: ${message.text}` : message.text);
      });
  },
};
