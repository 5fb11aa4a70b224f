// The view of the source: files with what was reached of them, and one of them as text.

// Least time between two looks at what a running campaign has reached.
const LOOK_MS = 2000;

const reached = (file) => file.executed.length + file.partial.length;
const missing = (file) => file.points.filter((point) => point.is_frontier).length;

const FILES = [
  column("file", (f) => f.file),
  column("counters", (f) => `${f.counters_hit} of ${f.counters}`, { key: (f) => f.counters_hit }),
  column("lines", (f) => `${reached(f)} of ${reached(f) + f.unexecuted.length}`,
    { key: reached, isMinor: true }),
  numbers("frontier", missing),
];

const SIGNS = { executed: "●", partial: "◐", unexecuted: "○" };

const source = {
  name: "source",
  build(root, state) {
    this.files = state.sources.map((file, id) => ({ ...file, id }));
    this.open = null;
    this.table = table(FILES, () => this.list(state));
    this.about = el("p", { class: "faint" }, "● executed  ◐ executed, but not every point of it  ○ a "
      + "point that was not reached. Lines without a mark have no counter of their own. Marked "
      + "characters are points that were not reached in functions that were entered: the frontier.");
    this.text = el("div");
    const start = () => { this.open = null; this.text.replaceChildren(); this.load(state, "source"); };
    root.append(state.isLive ? el("div", { class: "tools" }, chooser(state, start)) : "",
      el("div", { class: "wide" }, this.table), this.about, this.text);
    if (state.isLive) start();
    else this.list(state);
  },
  // Follows a campaign, but only as far as there is news, and not too often.
  update(state) {
    const edges = state.targets[state.chosen]?.looked;
    if (!state.isLive || edges === this.edges || Date.now() - this.looked < LOOK_MS) return;
    this.load(state, "coverage");
  },
  async load(state, what) {
    const target = state.chosen;
    this.looked = Date.now();
    this.edges = state.targets[target]?.looked;
    const news = await ask(what, { target });
    if (target !== state.chosen) return;
    if (news.error) return say(this.about, news.error);
    const texts = new Map(this.files.map((file) => [file.file, file.text]));
    this.files = news.files.map((file, id) => ({ text: texts.get(file.file), ...file, id }));
    this.list(state);
  },
  list(state) {
    fill(this.table, FILES, this.files, { chosen: -1 }, (id) => this.show(state, id));
    const { path, line } = this.wanted ?? {};
    const file = path && this.files.find((one) => path.endsWith(`/${one.file}`));
    this.wanted = null;
    if (file) this.show(state, file.id, line);
    else if (this.open !== null) this.draw();
  },
  show(state, id, line) {
    this.open = this.files[id].file;
    this.draw();
    const place = line && this.text.lastChild.children[line - 1];
    (place || this.text).scrollIntoView();
  },
  draw() {
    const file = this.files.find((file) => file.file === this.open);
    if (!file) return;
    const marks = new Map();
    for (const mark of Object.keys(SIGNS)) file[mark].forEach((line) => marks.set(line, mark));
    const frontier = new Map();
    for (const point of file.points.filter((point) => point.is_frontier)) {
      frontier.set(point.line, [...frontier.get(point.line) ?? [], point]);
    }
    const lines = (file.text ?? "The source cannot be read.").split("\n").map((line, at) => {
      const mark = marks.get(at + 1);
      return el("div", {}, el("s", {}, String(at + 1).padStart(5)),
        el("b", { class: mark }, SIGNS[mark] ?? ""), ...this.code(line, frontier.get(at + 1) ?? []));
    });
    this.text.replaceChildren(el("h2", {}, file.file), el("div", { class: "source" }, ...lines));
  },
  // A line with its points of the frontier marked, each by the word at it.
  code(line, points) {
    const characters = Array.from(line);
    const parts = [];
    let done = 0;
    for (const { column, function: name } of points.sort((one, other) => one.column - other.column)) {
      const start = column - 1;
      if (start < done || start >= characters.length) continue;
      let end = start + 1;
      while (end < characters.length && /[\p{L}\p{N}_]/u.test(characters[start])
        && /[\p{L}\p{N}_]/u.test(characters[end])) end += 1;
      parts.push(characters.slice(done, start).join(""),
        el("i", { title: `not reached, in ${name}` }, characters.slice(start, end).join("")));
      done = end;
    }
    return [...parts, characters.slice(done).join("")];
  },
};
