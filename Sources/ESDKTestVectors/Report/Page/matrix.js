"use strict";
(() => {
  const matrix = JSON.parse(document.getElementById("report").textContent);
  const find = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const sides = matrix.implementations;
  const readers = sides.filter((side) => side.reads).map((side) => side.name);
  const key = (kind, writer, reader) => [kind, writer ?? "", reader ?? ""].join("/");
  const cells = new Map(matrix.cells.map((cell) => [key(cell.kind, cell.writer, cell.reader), cell]));

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const table = (head, rows) => element(
    "table", {}, element("thead", {}, element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...rows)
  );

  // The filter and the open cell live in the address, so that they can be shared and the back button works.
  let state = { group: "", cell: "" };
  const readAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    state = { group: given.get("group") || "", cell: given.get("cell") || "" };
  };
  const change = (changes) => {
    Object.assign(state, changes);
    const given = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
    history.pushState(null, "", `${location.pathname}${location.search}${given.size ? `#${given}` : ""}`);
    show();
  };

  const titles = {
    reads: (cell) => `${cell.reader} reads what ${cell.writer} wrote`,
    refuses: (cell) => `${cell.reader} refuses what it must of ${cell.writer}`,
    writes: (cell) => `${cell.writer} writes what was asked for`,
    reproduces: (cell) => `esdk rebuilds what ${cell.writer} wrote, byte for byte`,
    controls: (cell) => `${cell.reader}: controls of its adapter`,
  };
  // Counts of a cell, or of one group in it: passed, failed, skipped, and facts, which have no verdict.
  const countsOf = (cell) => {
    if (!state.group) return [cell.passed, cell.failed, cell.skipped, Object.keys(cell.facts || {}).length];
    return [...(cell.groups[state.group] || [0, 0, 0]), 0];
  };
  const classOf = ([passed, failed, skipped, facts]) =>
    failed ? "failed" : facts ? "fact" : passed ? "passed" : skipped ? "skipped" : "none";
  function box(cell) {
    if (!cell) return element("td", { class: "none" }, "·");
    const counts = countsOf(cell);
    const [passed, failed, skipped, facts] = counts;
    if (passed + failed + skipped + facts === 0) return element("td", { class: "none" }, "·");
    const tried = passed + failed;
    const told = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`];
    if (facts) told.push(`${facts} facts without a verdict`);
    const shown = [tried ? `${failed ? "✗" : "✓"} ${number(passed)}${failed ? `/${number(tried)}` : ""}` : "–"];
    if (facts) shown.push(`ⓘ ${number(facts)}`);
    const name = key(cell.kind, cell.writer, cell.reader);
    return element("td", { class: classOf(counts) }, element(
      "button",
      { type: "button", "aria-pressed": state.cell === name, "aria-label": `${titles[cell.kind](cell)}: ${told.join(", ")}`,
        title: told.join(", "), onclick: () => openCell(state.cell === name ? "" : name) },
      shown.join(" ")
    ));
  }
  function openCell(name) {
    change({ cell: name });
    if (!name) return;
    find("cell-title").focus({ preventScroll: true });
    find("cell").scrollIntoView({ block: "nearest" });
  }

  const row = (title, boxes) => element("tr", {}, element("th", { scope: "row" }, title), ...boxes);
  function showMatrix() {
    const writers = sides.map((side) => side.name).filter((name) =>
      cells.has(key("writes", name)) || readers.some((reader) => cells.has(key("reads", name, reader))));
    find("matrix").replaceChildren(table(["writer", "as asked", ...readers, "rebuilt by esdk"], writers.map((writer) => row(writer, [
      box(cells.get(key("writes", writer))), ...readers.map((reader) => box(cells.get(key("reads", writer, reader)))),
      box(cells.get(key("reproduces", writer))),
    ]))));
    const sets = sides.map((side) => side.name).filter((name) => readers.some((reader) => cells.has(key("refuses", name, reader))));
    find("refuses").replaceChildren(table(["", ...readers], [
      ...sets.map((set) => row(set, readers.map((reader) => box(cells.get(key("refuses", set, reader)))))),
      row("controls of the adapter", readers.map((reader) => box(cells.get(key("controls", null, reader))))),
    ]));
  }
  const byReason = (entries) => {
    const reasons = new Map();
    for (const [id, reason] of Object.entries(entries)) {
      if (!reasons.has(reason)) reasons.set(reason, []);
      reasons.get(reason).push(id);
    }
    return [...reasons].sort((a, b) => b[1].length - a[1].length);
  };
  function showCell() {
    const cell = cells.get(state.cell);
    find("cell").hidden = !cell;
    if (!cell) return;
    find("cell-title").textContent = titles[cell.kind](cell);
    const more = find("cell-more");
    more.replaceChildren(element("p", {},
      `${number(cell.passed)} passed, ${number(cell.failed)} failed, ${number(cell.skipped)} skipped; from ${cell.source}`));
    const list = (title, entries) => {
      const groups = byReason(entries || {});
      if (!groups.length) return;
      more.append(element("h3", {}, title), ...groups.map(([reason, ids]) => element("details", { class: "test" },
        element("summary", {}, element("span", { class: "number" }, number(ids.length)), element("span", { class: "name" }, reason)),
        element("pre", {}, ids.join("\n")))));
    };
    list("Failures", cell.failures);
    list("Facts without a verdict: the specification leaves these to the reader", cell.facts);
    const skips = Object.entries(cell.skips || {});
    if (skips.length) {
      more.append(element("h3", {}, "Skipped"), element("table", {}, ...skips.map(([reason, count]) =>
        element("tr", {}, element("td", { class: "number" }, number(count)), element("td", {}, reason)))));
    }
    const groups = Object.entries(cell.groups);
    if (groups.length) {
      more.append(element("h3", {}, "By suite, keyring and framing"), element("table", {},
        element("thead", {}, element("tr", {}, ...["", "passed", "failed", "skipped"].map((title) => element("th", { scope: "col" }, title)))),
        element("tbody", {}, ...groups.map(([name, counts]) => element("tr", {}, element("th", { scope: "row" }, name),
          ...counts.map((count) => element("td", { class: "number" }, number(count))))))));
    }
  }
  function showVersions() {
    find("versions").replaceChildren(table(["name", "implementation", "version", "from"], sides.map((side) => row(side.name,
      [side.client, side.version, side.source].map((text) => element("td", { class: "text" }, text))))));
    const absent = Object.entries(matrix["not-run"]);
    if (absent.length) {
      find("absent").replaceChildren(element("h3", {}, "Not run"), element("ul", {}, ...absent.map(([name, reason]) =>
        element("li", {}, element("b", {}, name), `: ${reason}`))));
    }
  }
  function showFilters() {
    const select = find("filters").elements.group;
    if (!select.options.length) {
      const groups = [...new Set(matrix.cells.flatMap((cell) => Object.keys(cell.groups)))].sort((a, b) => a.localeCompare(b, "en"));
      select.append(element("option", { value: "" }, "all suites, keyrings and framings"));
      for (const group of groups) select.append(element("option", { value: group }, group));
    }
    select.value = state.group;
  }
  function showLegend() {
    const entries = [["passed", "✓ all that were tried"], ["failed", "✗ not all"], ["skipped", "– none was tried"]];
    if (matrix.cells.some((cell) => Object.keys(cell.facts || {}).length)) entries.push(["fact", "ⓘ a fact without a verdict"]);
    find("legend").replaceChildren(...entries.map(([status, told]) => {
      const swatch = element("i");
      swatch.style.background = `var(--${status}-ground)`;
      swatch.style.border = `1px solid var(--${status})`;
      return element("span", {}, swatch, told);
    }));
  }
  function show() {
    showFilters();
    showMatrix();
    showCell();
  }

  const sum = (name) => number(matrix.cells.reduce((total, cell) => total + cell[name], 0));
  find("about").textContent = `${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped · ` +
    `${number(matrix.plan.scenarios)} scenarios, ${matrix.run["aws-kms"] ? "with" : "without"} a local AWS KMS · run ${matrix.run.label} on ${matrix.run.system}`;
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").addEventListener("change", (event) => change({ group: event.target.value }));
  find("filters").addEventListener("reset", () => change({ group: "", cell: "" }));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.ctrlKey && !event.metaKey && !event.altKey) change({ group: "", cell: "" });
  });
  const follow = () => { readAddress(); show(); };
  addEventListener("popstate", follow);
  addEventListener("hashchange", follow);
  readAddress();
  showLegend();
  showVersions();
  show();
  document.documentElement.dataset.ready = "yes";
})();
