"""To those who go to the scene: where, who leads, and three presses for what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.on_scene import VOICE, Actions, Conditions, Needs, SceneState
from bot.domain.outcome import Done
from bot.domain.response import ResponseAction
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import action_label, kind_label

Params = dict[str, Any]

STATES: dict[str, tuple[str, str]] = {
    SceneState.ASKED: ("⚪", sentence("asked")),
    SceneState.GOING: ("🏃", sentence("on the way")),
    SceneState.ARRIVED: ("📍", sentence("arrived")),
    SceneState.CANNOT: ("✖️", sentence("cannot")),
}
CONDITIONS: dict[str, str] = {
    Conditions.WORSE: sentence("getting worse"),
    Conditions.STEADY: sentence("unchanged"),
    Conditions.CONTROLLED: sentence("under control"),
    Conditions.OVER: sentence("over"),
}
ACTIONS: dict[str, str] = {
    Actions.CLEARING: sentence("getting people out"),
    Actions.FIRST_AID: sentence("first aid"),
    Actions.GUARDING: sentence("keeping people away"),
    Actions.LOOKING: sentence("still looking"),
}
NEEDS: dict[str, str] = {
    Needs.NOTHING: sentence("nothing"),
    Needs.PEOPLE: sentence("more people"),
    Needs.FIRE_BRIGADE: sentence("the fire brigade"),
    Needs.AMBULANCE: sentence("an ambulance"),
    Needs.POLICE: sentence("the police"),
}
BY_VOICE = sentence("🎙 voice note")
# In the order of asking.
PARTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("conditions", sentence("Conditions: how does it look?"), CONDITIONS),
    ("actions", sentence("Actions: what is being done there?"), ACTIONS),
    ("needs", sentence("Needs: what do you need?"), NEEDS),
)


def _headline(p: Params, language: Language) -> str:
    if p.get("is_sealed"):
        return f"🚶 {p['number']}"
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    return f"🚶 {p['number']} {kind_label(p['kind'], language)}{place}"


def group(p: Params, language: Language) -> Rendered:
    """Who goes, who leads, who is there."""
    if p.get("is_sealed"):
        return Rendered(f"{_headline(p, language)}\n{language.say('✖️ No longer needed.')}")
    lines = [
        _headline(p, language),
        language.say("<b>Go there, look, and report.</b> Your own safety first."),
    ]
    lines += [_member(one, language) for one in p["group"]]
    if p["is_leader"]:
        lines += ["", language.say("You lead there: you may order what everybody has to do.")]
    return Rendered("\n".join(lines), _buttons(p, language))


def _member(one: Mapping[str, Any], language: Language) -> str:
    sign, text = STATES[one["state"]]
    star = "⭐ " if one["is_leader"] else ""
    who = Markup(f"{star}{language.name(one['name'])}")
    return language.say("{sign} {who}: {state}", sign=sign, who=who, state=language.say(text))


def _buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    def state(label: str, to: SceneState) -> Button:
        return Button(label, Press(Verb.SCENE_STATE, p["id"], to.value))

    rows: list[tuple[Button, ...]] = []
    if p["state"] in (SceneState.ASKED, SceneState.CANNOT):
        going = state(language.say("🏃 I go"), SceneState.GOING)
        rows.append((going, state(language.say("Cannot"), SceneState.CANNOT)))
    if p["state"] == SceneState.GOING:
        rows.append((state(language.say("📍 I am there"), SceneState.ARRIVED),))
    if p["state"] in (SceneState.GOING, SceneState.ARRIVED):
        rows.append((Button(language.say("📝 Report what I see"), Press(Verb.SCENE_REPORT, p["id"])),))
    if p["is_leader"] and p["state"] != SceneState.CANNOT:
        rows.append(_orders(p, language))
    return tuple(rows)


def _orders(p: Params, language: Language) -> tuple[Button, ...]:
    return tuple(
        Button(action_label(action, language), Press(Verb.ORDER, p["id"], action.value))
        for action in (ResponseAction.EVACUATE, ResponseAction.SHELTER, ResponseAction.LOCKDOWN)
    )


def report(p: Params, language: Language) -> Rendered:
    """The next question, below what was pressed so far; when all is said none, or whether to evacuate."""
    said = [f"• {said_part(name, p['parts'], language)}" for name, _, _ in PARTS if name in p["parts"]]
    asked = PARTS[len(said)] if len(said) < len(PARTS) else None
    lines = [_headline(p, language), *said]
    if asked is None:
        lines.append(language.say("✅ Reported. What else you write here goes into the record."))
        if not p.get("asks_to_evacuate"):
            return Rendered("\n".join(lines))
        ask = language.say("<b>Do people have to be evacuated?</b> You lead there and decide; order it here.")
        return Rendered("\n".join([*lines, "", ask]), (_orders(p, language),))
    _, question, answers = asked
    buttons = [
        Button(language.say(text), Press(Verb.SCENE_REPORT, p["id"], p["said"] + letter))
        for letter, text in answers.items()
    ]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    lines += [f"<b>{language.say(question)}</b>", language.say("Press, or say it in a voice note.")]
    return Rendered("\n".join(lines), rows)


def said_part(name: str, parts: Mapping[str, str], language: Language) -> Markup:
    """`Needs: an ambulance`."""
    answers = next(answers for part, _, answers in PARTS if part == name)
    text = BY_VOICE if parts[name] == VOICE else answers[parts[name]]
    label = LABELS[name]
    return Markup(f"{language.say(label)}{language.say(text)}")


LABELS = {
    "conditions": sentence("Conditions: "),
    "actions": sentence("Actions: "),
    "needs": sentence("Needs: "),
}

DONE: dict[Done, Callable[[Params, Language], str]] = {
    Done.ON_THE_WAY: lambda p, language: language.say(
        "{number}: you are on the way. As soon as you are near, your arrival is noted by itself. Nothing of your location is kept.",
        number=p["number"],
    ),
    Done.ON_THE_WAY_UNPLACED: lambda p, language: language.say(
        "{number}: you are on the way. The school has no coordinates for this place: press “I am there” when you arrive. Nothing of your location is kept.",
        number=p["number"],
    ),
    Done.ARRIVED: lambda p, language: language.say(
        "{number}: arrived at {time}. Nothing else of your location is kept; you may stop sharing it.",
        number=p["number"],
        time=language.clock(p["at"]),
    ),
}
