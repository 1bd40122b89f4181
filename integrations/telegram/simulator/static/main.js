// Puts the phones on the page and hands every event to them.
import { element, tint } from "./bubble.js";
import { Model } from "./model.js";
import { buildNetwork } from "./network.js";
import { PhoneView } from "./phone.js";
import { language, words } from "./words.js";

const EVENTS = { message: "onMessage", edit: "onEdit", delete: "onDelete", topics: "onTopics", answer: "onAnswer", action: "onAction" };

const model = new Model();
const stage = document.querySelector(".phones");
const tabs = document.querySelector(".tabs");
const linkState = document.querySelector(".link-state");
let views = [];
let drawn = "";

document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
document.title = words.title;
document.querySelector(".bar-title").textContent = words.title;
buildNetwork(model, document.querySelector(".network"), document.querySelector(".network-open"));

function drawPhones() {
  const wanted = JSON.stringify(model.phones);
  if (wanted === drawn) return views.forEach((view) => view.refresh());
  drawn = wanted;
  views = model.phones.filter((spec) => model.users.has(spec.user)).map((spec) => new PhoneView(model, spec));
  stage.replaceChildren(...views.map((view) => view.root));
  stage.dataset.count = views.length;
  tabs.replaceChildren(...views.map(tab));
  watchTabs();
}

function tab(view, index) {
  const made = element("button", "tab", element("span", `avatar ${tint(view.userId)}`, view.avatar.textContent), element("span", "tab-name", view.name.textContent), element("i", "dot"));
  made.type = "button";
  made.setAttribute("role", "tab");
  made.addEventListener("click", () => views[index].root.scrollIntoView({ inline: "center", block: "nearest", behavior: "smooth" }));
  return made;
}

function watchTabs() {
  const seen = new IntersectionObserver(
    (entries) =>
      entries.forEach((entry) => {
        const index = views.findIndex((view) => view.root === entry.target);
        const own = tabs.children[index];
        own?.classList.toggle("open", entry.isIntersecting);
        own?.setAttribute("aria-selected", String(entry.isIntersecting));
        if (entry.isIntersecting) own?.querySelector(".dot").classList.remove("on");
      }),
    { root: stage, threshold: 0.6 },
  );
  views.forEach((view) => seen.observe(view.root));
}

function markTab(userId) {
  views.forEach((view, index) => {
    if (view.userId === userId && !tabs.children[index]?.classList.contains("open")) tabs.children[index]?.querySelector(".dot").classList.add("on");
  });
}

model.addEventListener("state", drawPhones);
for (const [name, method] of Object.entries(EVENTS)) {
  model.addEventListener(name, ({ detail }) => views.forEach((view) => view[method](detail)));
}
model.addEventListener("message", ({ detail }) => {
  const chat = model.chats.get(detail.chat);
  views.filter((view) => chat?.members.includes(view.userId) && detail.message.from?.id !== view.userId).forEach((view) => markTab(view.userId));
});
model.addEventListener("pins", ({ detail }) => views.filter((view) => view.chatId === detail.chat).forEach((view) => view.drawPin()));
model.addEventListener("keyboard", ({ detail }) => views.filter((view) => view.chatId === detail.chat).forEach((view) => view.drawKeys()));
model.addEventListener("reaction", ({ detail }) => {
  const message = model.chats.get(detail.chat)?.messages.get(detail.message_id);
  if (message) views.forEach((view) => view.onEdit({ chat: detail.chat, message }));
});
model.addEventListener("link", ({ detail }) => {
  linkState.className = detail.isUp ? "link-state up" : "link-state lost";
  linkState.textContent = detail.isUp ? words.connected : words.lost;
});
model.connect();
