// The view of what stops the search: places that were not reached in functions that were entered, and
// the inputs that come nearest.

const place = ({ file, line, column }) => `${file}:${line}:${column}`;

const BLOCKERS = [
  column("place", place),
  column("in", (b) => b.is_call ? `${b.function}, called here` : b.function, minor),
  numbers("behind", (b) => b.behind),
  column("nearest input", (b) => b.nearest?.input.replaceAll("\n", ", ") ?? "–"),
];

const blockers = {
  name: "blockers",
  build(root, state) {
    this.all = inside?.blockers ?? [];
    this.about = el("p", { class: "faint" });
    this.table = table(BLOCKERS, () => this.list(state));
    this.table.classList.add("texts");
    const start = () => this.load(state);
    root.append(state.isLive ? el("div", { class: "tools" }, chooser(state, start)) : "",
      el("p", { class: "faint" }, "Places that were not reached in functions that were entered, first those "
        + "with the most counters behind them to which there is no other way. The input beside each "
        + "reaches what is just before it."),
      el("div", { class: "wide" }, this.table), this.about);
    if (state.isLive) start();
    else this.list(state);
  },
  // Follows a campaign, but only as far as there is news, and not too often.
  update(state) {
    const edges = state.targets[state.chosen]?.looked;
    if (state.isLive && edges !== this.edges && Date.now() - this.looked >= LOOK_MS) this.load(state);
  },
  async load(state) {
    const target = state.chosen;
    this.looked = Date.now();
    this.edges = state.targets[target]?.looked;
    const news = await ask("blockers", { target });
    if (target !== state.chosen) return;
    this.all = news.blockers ?? [];
    say(this.about, news.error ?? (news.total > this.all.length ? `The first of ${news.total}.` : ""));
    this.list(state);
  },
  list(state) {
    const rows = this.all.map((blocker, id) => ({ ...blocker, id }));
    const open = (id) => {
      source.wanted = { path: `/${rows[id].file}`, line: rows[id].line };
      location.hash = "#source";
    };
    fill(this.table, BLOCKERS, rows, { ...state, chosen: -1 }, open);
    this.table.hidden = !rows.length;
    if (!rows.length && !this.about.textContent) say(this.about, "Nothing is known to stop it.");
  },
};
