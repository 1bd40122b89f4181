// The page's sentences in the reader's language; Python has put them into the page (handlers/web/rendering.py).
const table = JSON.parse(document.getElementById("words").textContent);

/** The sentence for a key, its {placeholders} filled in. Plain text: give it to textContent, never to innerHTML. */
export function say(key, params = {}) {
  if (!(key in table)) throw new Error(`no words: ${key}`);
  return table[key].replace(/\{([a-z_]+)\}/g, (mark, name) => (name in params ? String(params[name]) : mark));
}

/** `Grade 7`; another name, such as 高一, as the school writes it. */
export function gradeName(grade) {
  const number = /^(\d+)(年级)?$/.exec(grade);
  return number ? say("grade", { grade: number[1] }) : grade;
}
