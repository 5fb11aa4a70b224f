// The view of the corpus: inputs as values, a portion at a time, and what each of them comes from.

// Choosing a target, where there are several.
function chooser(state, change) {
  const options = state.targets.map((target) =>
    el("option", { value: target.id, selected: target.id === state.chosen }, target.label));
  const picked = (event) => { state.chosen = Number(event.target.value); change(); };
  return el("select", { "aria-label": "target", change: picked }, ...options);
}

// Inputs on the page at a time.
const PORTION = 100;

// The parts of two inputs: what only the older one has, what only the newer one has, and both.
function difference(parts) {
  const tags = { "-": "del", "+": "ins", " ": "span" };
  return el("pre", {}, ...parts.map(([sign, text]) => el(tags[sign], {}, text)));
}

// What an input comes from, in the file of a finished campaign: everything is in it.
function lineageInside({ files, others = [] }, id) {
  const known = new Map([...files, ...others].map((file) => [file.id, file]));
  const steps = [];
  for (let next = id; next && steps.length < PORTION; next = steps.at(-1).parent) {
    steps.push(known.get(next) ?? { kind: "gone", name: next });
  }
  return { steps, is_cut: false };
}

// How a campaign came to an input, the last step first.
function lineageOf({ steps, is_cut: isCut, error }) {
  if (error) return el("p", { class: "faint" }, error);
  const last = steps.at(-1);
  const end = isCut ? "… and further back." : last.kind === "entry"
    ? "This entry was there before its origin was noted." : last.kind === "gone"
      ? "This one is in no file that is read here any more." : null;
  const shown = ({ diff, text }) => diff ? difference(diff) : text && el("pre", {}, text);
  return el("div", {}, el("ol", { class: "lineage" }, ...steps.map((step) => el("li", {},
    el("div", { class: "name" }, el("span", {}, step.name), about(step)), shown(step)))),
  end && el("p", { class: "faint" }, end));
}

function about({ kind, len }) {
  return el("span", {}, [kind, len === undefined ? null : count(len, "byte")].filter(Boolean).join(", "));
}

// How long whoever types has to pause before that is looked for.
const PAUSE_MS = 250;

const corpus = {
  name: "corpus",
  build(root, state) {
    this.list = el("ol", { class: "entries" });
    this.about = el("span", { class: "faint" });
    const start = () => this.load(state, [0]);
    const type = () => { clearTimeout(this.pause); this.pause = setTimeout(start, PAUSE_MS); };
    this.filter = el("input", { type: "search", placeholder: "find in all", "aria-label": "find in all",
      input: type });
    const back = () => this.load(state, this.starts.slice(0, -1));
    const on = () => this.load(state, [...this.starts, this.next]);
    this.newer = el("button", { class: "plain", type: "button", click: back }, "newer");
    this.older = el("button", { class: "plain", type: "button", click: on }, "older");
    const again = state.isLive && el("button", { class: "plain", type: "button", click: start }, "newest");
    root.append(el("div", { class: "tools" }, chooser(state, start), this.filter, this.about,
      this.newer, this.older, again), this.list);
    if (state.targets.length) start();
  },
  update() {},
  // Shows a portion: the last of those that begin at these positions. What is looked for may need many
  // answers, for each looks into some of the inputs only.
  async load(state, starts) {
    const [target, find, list] = [state.chosen, this.filter.value, this.list];
    const from = starts.at(-1);
    const ticket = this.ticket = {};
    for (let next = from, found = 0; next !== null && (next === from || find && found < PORTION);) {
      const part = await state.entries(target, next, find);
      if (this.ticket !== ticket || this.list !== list) return;
      if (part.error) return say(this.about, part.error);
      const items = part.files.map((file) => this.item(state, target, file));
      if (next === from) list.replaceChildren(...items);
      else list.append(...items);
      found += items.length;
      next = part.next;
      Object.assign(this, { starts, next });
      const until = next ?? part.kept ?? part.total;
      const range = until > from ? `${from + 1}–${until} of ` : "";
      say(this.about, find ? `${found} among ${range}${count(part.total, "input")}`
        : `${range}${count(part.total, "input")}, the newest entries first`);
      this.newer.hidden = starts.length === 1;
      this.older.hidden = next === null;
    }
  },
  item(state, target, file) {
    const more = el("div");
    const show = async (event) => {
      const isOpen = event.target.getAttribute("aria-expanded") === "true";
      event.target.setAttribute("aria-expanded", String(!isOpen));
      more.replaceChildren();
      if (!isOpen) more.append(lineageOf(await state.lineage(target, file.id)));
    };
    const origin = file.parent && el("button",
      { class: "plain", type: "button", "aria-expanded": "false", click: show }, "where from");
    return el("li", {}, el("div", { class: "name" }, el("span", {}, file.name), about(file), origin),
      el("pre", {}, file.text), more);
  },
};
