// Who counts many classes begins here: all of them by grade, coloured by how far they are; and who is injured.
import { arrange, button, el, put, show } from "/static/headcount_dom.js";
import { Row } from "/static/headcount_rows.js";
import { classOf, gradeName, say } from "/static/headcount_words.js";

export class HomeView {
  /** `open(id)` shows a class. */
  constructor(open) {
    this.open = open;
    this.cells = new Map();
    this.rows = new Map();
    this.search = el("input", {
      type: "search", id: "find", autocomplete: "off", placeholder: say("find_class"), on: { input: () => this.draw() },
    });
    this.find = el("div", { class: "find" }, el("label", { for: "find", class: "spoken", text: say("find_class") }), this.search);
    this.injuredTitle = el("h2", { text: say("injured_people") });
    this.injured = el("ul", { class: "list" });
    this.grades = el("div");
    this.element = el("main", { class: "home" }, this.injuredTitle, this.injured, this.find, this.grades);
  }

  /** `classes` as they are shown; `injured` null for who may not read it. */
  update(classes, injured, about) {
    this.classes = classes;
    const hurt = injured || [];
    arrange(this.injured, hurt.map((pupil) => this.person(pupil, about)));
    show(this.injuredTitle, hurt.length > 0);
    show(this.injured, hurt.length > 0);
    show(this.find, classes.length > 6);
    this.draw();
  }

  person(pupil, about) {
    if (!this.rows.has(pupil.id)) {
      const row = new Row(() => {}, () => {});
      row.main.disabled = true;
      row.more.remove();
      this.rows.set(pupil.id, row);
    }
    return this.rows.get(pupil.id).update(pupil, about);
  }

  draw() {
    const word = this.search.value.trim().toLowerCase();
    const found = this.classes.filter((one) => classOf(one.class).toLowerCase().includes(word));
    const grades = [...new Set(found.map((one) => one.grade))];
    const sections = grades.map((grade) => {
      const key = `grade ${grade}`;
      if (!this.cells.has(key)) {
        const cells = el("div", { class: "cells" });
        const title = el("h2", { text: grade ? gradeName(grade) : say("classes") });
        this.cells.set(key, { element: el("section", {}, title, cells), cells });
      }
      const section = this.cells.get(key);
      arrange(section.cells, found.filter((one) => one.grade === grade).map((one) => this.cell(one)));
      return section.element;
    });
    arrange(this.grades, sections);
  }

  cell(one) {
    if (!this.cells.has(one.id)) {
      const parts = { name: el("b"), count: el("span", { class: "count" }), state: el("small") };
      const element = button("cell", "", () => this.open(one.id));
      element.append(parts.name, parts.count, parts.state);
      this.cells.set(one.id, { element, ...parts });
    }
    const cell = this.cells.get(one.id);
    cell.element.dataset.state = one.state;
    put(cell.name, classOf(one.class));
    put(cell.count, `${one.tally.present}/${one.tally.expected}`);
    put(cell.state, one.needs_help ? say("needs_help") : say(`state_${one.state}`));
    cell.element.classList.toggle("is-called", one.needs_help);
    return cell.element;
  }
}
