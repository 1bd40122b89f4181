"""What those who write and approve an announcement see: the menu, the draft, the request, what is asked."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.announcement import UNPUBLISHED, AnnouncementState, Asks, texts_from_params
from bot.domain.audience import Group
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.announcement import plain
from bot.messages.announcement_buttons import GROUPS, draft_rows, review_rows
from bot.messages.incident import headline
from bot.messages.labels import role_name

Params = dict[str, Any]
Row = tuple[Button, ...]
State = AnnouncementState

# Of a long text the card shows the beginning; the preview shows all.
SHOWN = 1200
MOST_NAMES = 12

STATES: dict[State, str] = {
    State.DRAFT: sentence("📝 Draft: nobody has got it yet"),
    State.SUBMITTED: sentence("⏳ Waits for approval"),
    State.RETURNED: sentence("↩️ Returned"),
    State.APPROVED: sentence("🕘 Approved, waits for its time"),
    State.PUBLISHED: sentence("✅ Published"),
    State.WITHDRAWN: sentence("🗑 Dropped or taken back"),
    State.EXPIRED: sentence("⌛ Out of date"),
}
ASKS: dict[Asks, str] = {
    Asks.NONE: sentence("Asks nothing"),
    Asks.READ: sentence("Asks: “I have read this”"),
    Asks.SAFE: sentence("Asks: “I'm safe” or “I need help”"),
}
QUESTIONS: dict[str, str] = {
    "zh_Hans": sentence("{number}: write the <b>Chinese</b> text now, as your next message."),
    "en": sentence("{number}: write the <b>English</b> text now, as your next message."),
    "publish_at": sentence("{number}: when shall it go out? For example 07:30, or tomorrow 07:30."),
    "expires_at": sentence("{number}: until when is it valid? For example 18:00, or 12-01 18:00."),
    "return": sentence("{number}: why do you return it? Your next message goes to its author."),
    "correct": sentence(
        "{number}: write the corrected text now, as your next message. It goes out after somebody has approved it."
    ),
}
NOTES = {
    "zh_Hans": sentence("⚠️ No Chinese text: who reads Chinese gets the English one and is told so."),
    "en": sentence("⚠️ No English text: who reads English gets the Chinese one and is told so."),
}


def audience_name(audience: Params, language: Language) -> Markup:
    """`the public`, `leads of a grade: 7, 8`."""
    group = Group(audience["group"])
    names = audience["names"]
    if not names:
        return language.say(GROUPS[group])
    shown = [
        role_name(name, language) if group is Group.ROLES else plain(name) for name in names[:MOST_NAMES]
    ]
    if len(names) > MOST_NAMES:
        shown.append(Markup("…"))
    return language.say(
        "{group}: {names}",
        group=language.say(GROUPS[group]),
        names=Markup(language.listed(shown)),
    )


def menu(p: Params, language: Language) -> Rendered:
    """Ready-made texts first: in an emergency nobody writes well."""
    about = p["about"]
    lines: list[str] = [language.say("📢 <b>Announce</b>")]
    if about:
        lines.append(f"{about['number']} · {headline(about, language)}")
    lines += [
        language.say("Choose a ready-made text, or write your own: /announce and the text."),
        language.say("Nothing goes out before it is approved."),
    ]
    subject = about["id"] if about else 0
    urgent = [_ready(one, subject, language) for one in p["texts"] if one["is_urgent"]]
    others = [_ready(one, subject, language) for one in p["texts"] if not one["is_urgent"]]
    rows = [tuple(urgent[start : start + 2]) for start in range(0, len(urgent), 2)]
    rows += [(button,) for button in others]
    rows += [(_open(one, language),) for one in p["drafts"]]
    return Rendered("\n".join(lines), tuple(rows))


def _ready(one: Params, subject: int, language: Language) -> Button:
    sign = "⚡ " if one["is_urgent"] else ""
    label = Markup(f"{sign}{_own(one['name'], language)}")
    return Button(label, Press(Verb.ANNOUNCE_READY, subject, one["id"]))


def _open(one: Params, language: Language) -> Button:
    headline_shown = plain(shorten(_own(one["headlines"], language), 30))
    return Button(Markup(f"📝 {one['number']} {headline_shown}"), Press(Verb.ANNOUNCE_SHOW, one["id"]))


def _own(texts: dict[str, str], language: Language) -> str:
    return texts.get(language.locale) or next(iter(texts.values()), "")


def question(p: Params, language: Language) -> Rendered:
    """Their next words are the answer, for five minutes."""
    text = QUESTIONS[p["wanted"]]
    button = Button(language.say("Never mind"), Press(Verb.ANNOUNCE_NEVER_MIND, p["id"]))
    return Rendered(language.say(text, number=p["number"]), ((button,),))


def draft(p: Params, language: Language) -> Rendered:
    """Its author's card: how it stands, whom it reaches, the text."""
    lines = [
        language.say(
            "<b>{number}</b> · {state}", number=_number(p), state=language.say(STATES[State(p["state"])])
        ),
        *_decision(p, language),
        *_body(p, language),
    ]
    return Rendered("\n".join(lines), tuple(draft_rows(p, language)))


def review(p: Params, language: Language) -> Rendered:
    """What somebody who may publish it is asked."""
    who = language.name(p["author"])
    if p["state"] == State.SUBMITTED:
        head = language.say("🖋 <b>{number}</b>: {who} asks for your approval", number=_number(p), who=who)
    elif p["state"] == State.DRAFT:
        head = language.say("<b>{number}</b>: {who} is changing it", number=_number(p), who=who)
    else:
        state = language.say(STATES[State(p["state"])])
        head = language.say("<b>{number}</b> · {state}", number=_number(p), state=state)
    lines = [head, *_decision(p, language), *_body(p, language)]
    return Rendered("\n".join(lines), tuple(review_rows(p, language)))


def _number(p: Params) -> str:
    return p["number"] if p["revision"] == 1 else f"{p['number']} r{p['revision']}"


def _decision(p: Params, language: Language) -> list[str]:
    who = language.name(p["approver"])
    if p["state"] == State.RETURNED:
        return [language.say("{who}: “{words}”", who=who, words=p["said"])]
    if p["state"] == State.SUBMITTED and p.get("is_past"):
        at = language.moment(p["publish_at"])
        return [
            language.say(
                "⚠️ Its time, {time}, is over. If Muster was restored from a backup, look into the channel first: it "
                "may be out already.",
                time=at,
            )
        ]
    if p["state"] == State.APPROVED:
        at = language.moment(p["goes_out_at"] or p["publish_at"])
        return [language.say("Approved by {who}; goes out on {time}.", who=who, time=at)]
    if p["state"] == State.PUBLISHED and p["published_at"]:
        time = language.clock(p["published_at"])
        return [language.say("Approved by {who}, published at {time}.", who=who, time=time)]
    return []


def _body(p: Params, language: Language) -> list[str]:
    lines = [*_reach(p, language), ""]
    texts = texts_from_params(p["texts"])
    room = SHOWN if p["is_long"] else 10 * SHOWN
    for text in texts.values():
        title = [f"<b>{plain(text.title)}</b>"] if text.title else []
        lines += [*title, plain(shorten(text.body, room)), ""]
    if p["is_long"]:
        lines.append(language.say("Long: Preview shows all of it."))
    lines += [language.say(NOTES[one]) for one in p["missing"]]
    return lines


def _reach(p: Params, language: Language) -> list[str]:
    lines: list[str] = [
        language.say("To: <b>{audience}</b>", audience=audience_name(p["audience"], language))
    ]
    reach = [language.count("{n} person by chat", "{n} people by chat", p["people"])]
    if p["channels"]:
        reach.append(language.all_of(p["channels"]))
    lines.append(" · ".join(reach))
    if p["unconnected"]:
        lines.append(
            language.count(
                "{n} person cannot be reached by chat and must be told by voice.",
                "{n} people cannot be reached by chat and must be told by voice.",
                p["unconnected"],
            )
        )
    if p["about"]:
        lines.append(language.say("About {number}", number=p["about"]["number"]))
    if p["asks"] != Asks.NONE:
        lines.append(language.say(ASKS[Asks(p["asks"])]))
    return lines + _times(p, language)


def _times(p: Params, language: Language) -> list[str]:
    lines: list[str] = []
    if p["state"] in UNPUBLISHED and p["state"] != State.APPROVED and p["goes_out_at"]:
        time = language.moment(p["goes_out_at"])
        is_late = p["is_delayed"]
        lines.append(
            language.say("🌙 Quiet hours: goes out on {time}", time=time)
            if is_late
            else language.say("🕘 Goes out on {time}", time=time)
        )
    if p["expires_at"]:
        lines.append(language.say("Valid until {time}", time=language.moment(p["expires_at"])))
    return lines
