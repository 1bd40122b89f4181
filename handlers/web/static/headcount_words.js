// The page's sentences in every language; which one is the reader's comes with the data.
const tables = JSON.parse(document.getElementById("words").textContent);
const wanted = (navigator.language || "").toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
let lang = wanted in tables ? wanted : Object.keys(tables)[0];

/** Speak this language from now on. */
export function speak(one) {
  if (one in tables) lang = one;
  document.documentElement.lang = lang;
}

/** The sentence for a key, its {placeholders} filled in. Plain text, never HTML. */
export function say(key, params = {}) {
  const sentence = tables[lang][key];
  if (sentence === undefined) throw new Error(`no words: ${key}`);
  return sentence.replace(/\{([a-z_]+)\}/g, (mark, name) => (name in params ? String(params[name]) : mark));
}

/** A person's or place's name `{zh, en}` in the reader's language. */
export function nameOf(name) {
  return name ? (lang === "en" && name.en) || name.zh : "";
}

/** What a class is called; visitors by their word. */
export function classOf(name) {
  return name === "*visitors" ? say("visitors") : name;
}

/** `Grade 7`; another name, such as 高一, as the school writes it. */
export function gradeName(grade) {
  const number = /^(\d+)(年级)?$/.exec(grade);
  return number ? say("grade", { grade: number[1] }) : grade;
}

/** `10:42`, by the phone's own clock face. */
export function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
