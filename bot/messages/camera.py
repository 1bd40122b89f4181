"""What people read about cameras: the picture's caption and its visible mark, what there is to choose, why not."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.clearance import Barrier
from bot.domain.message import Button, Rendered
from bot.domain.recipe import Mark
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.labels import kind_name
from bot.messages.overview import MARKS

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]

# Bot API: at most 100 buttons under a message; two cameras stand side by side.
MOST_CAMERAS = 60
REASON_SHOWN = 60
NAME_SHOWN = 30


def picture(p: Params, language: Language) -> Rendered:
    """The caption; or, for a picture that there is not, why, and what to do."""
    if p.get("barrier"):
        return Rendered(f"⏹ {_named(p, language)}\n{barrier_text(p, language)}")
    if p.get("problem"):
        return Rendered(f"📷 {_named(p, language)}\n{problem_text(p, language)}", _buttons(p, language))
    if p.get("is_recorded"):
        at = language.to_second(p["captured_at"])
        return Rendered(language.say("📼 {camera}, recorded {time}", camera=_named(p, language), time=at))
    lines = [f"📷 {_named(p, language)} · {language.second(p['captured_at'])}"]
    if p.get("watch_until"):
        lines.append(
            language.say(
                "🔴 A new picture every {n} s until {time}",
                n=p["every_s"],
                time=language.second(p["watch_until"]),
            )
        )
    return Rendered("\n".join(lines), _buttons(p, language))


def _named(p: Params, language: Language) -> Markup:
    """`<b>East gate</b> · 2026-0007`."""
    number = f" · {p['number']}" if p.get("number") else ""
    return Markup(f"<b>{language.name(p['camera'])}</b>{number}")


def _buttons(p: Params, language: Language) -> Rows:
    """Of an incident's picture, the other cameras as well; a moment that is past has nothing to press."""
    if p.get("is_recorded"):
        return ()
    if not p.get("incident"):
        return (_own_buttons(p, language),)
    others = Button(language.say("📷 Other cameras"), Press(Verb.CAMERA_CHOOSE, p["incident"]))
    return (_own_buttons(p, language), (others,))


def _own_buttons(p: Params, language: Language) -> tuple[Button, ...]:
    again = Button(language.say("🔄 Refresh"), Press(Verb.CAMERA_REFRESH, p["look"]))
    if p.get("watch_until"):
        return (again, Button(language.say("⏹ Stop"), Press(Verb.CAMERA_STOP, p["look"])))
    minutes = max(p["for_s"] // 60, 1)
    label = language.say("⏱ Every {n} s for {minutes} min", n=p["every_s"], minutes=minutes)
    return (again, Button(label, Press(Verb.CAMERA_WATCH, p["look"])))


def choice(p: Params, language: Language) -> Rendered:
    """The cameras by place; the incident's own first. Without an incident a reason has to be written."""
    shown = p["cameras"][:MOST_CAMERAS]
    if not p["incident"]:
        names = language.all_of([_short(camera["name"]) for camera in shown])
        return Rendered(
            language.say(
                "📷 No incident is open, so please write why: /snapshot and then the camera and the reason.\nCameras: {names}",
                names=names,
            )
        )
    buttons = [_choice(p, camera, language) for camera in shown]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Rendered(language.say("📷 {number}: which camera?", number=p["number"]), rows)


def _choice(p: Params, camera: Params, language: Language) -> Button:
    sign = "📍 " if camera["is_here"] else ""
    return Button(
        f"{sign}{language.name(_short(camera['name']))}",
        Press(Verb.CAMERA_CHOOSE, p["incident"], camera["id"]),
    )


def _short(name: Params) -> dict[str, str]:
    return {locale: shorten(words, NAME_SHOWN) for locale, words in name.items()}


def link(p: Params, language: Language) -> Rendered:
    """Where the school's own page shows the pictures."""
    lines = [
        language.say("📷 Cameras · {number}", number=p["number"])
        if p["number"]
        else language.say("📷 Cameras")
    ]
    if p["cameras"]:
        lines.append(language.all_of([_short(name) for name in p["cameras"][:MOST_CAMERAS]]))
    lines.append(language.say("This link opens once, within ten minutes; /snapshot gives a new one."))
    return Rendered("\n".join(lines), ((Button(language.say("Open the pictures"), url=p["url"]),),))


def removal(p: Params, language: Language) -> Rendered:
    """Deleting a picture needs no words."""
    return Rendered("")


def barrier_text(p: Params, language: Language) -> Markup:
    """Why this person may not look now, and what to do about it."""
    return BARRIERS[Barrier(p["barrier"])](p, language)


def _over(p: Params, language: Language) -> Markup:
    if not p.get("until"):
        return language.say("Your camera certificate is over. Please renew it with the safety office.")
    day = date.fromisoformat(p["until"])
    return language.say(
        "Your camera certificate ended on {day}. Please renew it with the safety office.", day=day.isoformat()
    )


BARRIERS: dict[Barrier, Callable[[Params, Language], Markup]] = {
    Barrier.PRIVATE_PLACE: lambda p, language: language.say(
        "This is a private place: by law no camera may look into it (Order 799, art. 8). The request is on record."
    ),
    Barrier.UNKNOWN_PLACE: lambda p, language: language.say(
        "The settings do not say what place this camera looks into, so nobody is shown it. The request is on record."
    ),
    Barrier.NO_RIGHT: lambda p, language: language.say(
        "Camera pictures are for the principal, the vice-principals and the incident commanders (Order 799, art. 16). No picture was taken; the request is on record."
    ),
    Barrier.NO_CERTIFICATE: lambda p, language: language.say(
        "The roster has no camera certificate for you, and without one nobody may see a picture (Order 799, art. 16). Please ask the safety office."
    ),
    Barrier.CERTIFICATE_OVER: _over,
    Barrier.NO_REASON: lambda p, language: (
        language.say("The incident is over, and so are its pictures. To look again, write why: /snapshot")
        if p.get("number")
        else language.say(
            "No incident is open, so a picture needs a reason: /snapshot, the camera, and why. It goes into the register."
        )
    ),
    Barrier.LOOK_OVER: lambda p, language: language.say(
        "This look has ended. To look again, write why: /snapshot, the camera, and the reason. It goes into the register."
    ),
}


def problem_text(p: Params, language: Language) -> Markup:
    """Why there is no picture."""
    return PROBLEMS[p["problem"]](p, language)


PROBLEMS: dict[str, Callable[[Params, Language], Markup]] = {
    "stale": lambda p, language: language.count(
        "No current picture: the camera's newest is {n} second old, so it is not shown.",
        "No current picture: the camera's newest is {n} seconds old, so it is not shown.",
        round(p["age_s"]),
    ),
    "busy": lambda p, language: language.say(
        "No picture: the camera is busy with others. Try again in a moment."
    ),
    "refused": lambda p, language: language.say(
        "No picture: the camera refuses Muster's login. The IT centre has to look after it."
    ),
    "forbidden": lambda p, language: language.say(
        "No picture: Muster may not ask this camera. Its address or place has to be set right in the settings."
    ),
    "unreachable": lambda p, language: language.say("No picture: the camera does not answer."),
    "no_picture": lambda p, language: language.say(
        "No picture: what the camera sends cannot be read as one."
    ),
    "not_developed": lambda p, language: language.say(
        "No picture: it could not be masked and marked, so it is not shown."
    ),
    "erased": lambda p, language: language.say("This picture of a recording is erased by now."),
    "not_kept": lambda p, language: language.say(
        "No picture: it could not be entered in the register, so it is not shown. Is the disk full?"
    ),
    "late": lambda p, language: language.say(
        "Telegram could not be reached when you asked. If you still need the picture, press Refresh."
    ),
}


def no_camera_there(p: Params, language: Language) -> Markup:
    """A place without a camera."""
    return language.say("No camera looks into {zone}.", zone=language.name(p["zone"]))


def mark(p: Params, language: Language) -> Mark:
    """What is drawn into the picture: camera, capture time, incident, viewer, purpose. Plain text."""
    viewer = language.say("Viewer: {who} ({id})", who=language.name(p["viewer"]), id=p["staff_id"])
    return Mark(
        title=_plain(language.name(p["camera"])),
        time=language.to_second(p["captured_at"]),
        details=tuple(_plain(text) for text in (_purpose(p, language), viewer)),
        drill=_plain(MARKS[p["mode"]](language)).strip(),
        tile=_plain(f"{language.name(p['viewer'])} {p['staff_id']}"),
    )


def _purpose(p: Params, language: Language) -> str:
    said = language.say("Purpose: {words}", words=shorten(p["said"], REASON_SHOWN)) if p["said"] else ""
    if not p["number"]:
        return said
    kind = kind_name(p["kind"], language) if p["kind"] else "SOS"
    event = language.say("Incident {number}: {kind}", number=p["number"], kind=kind)
    return f"{event} · {said}" if said else event


def _plain(text: str) -> str:
    return html.unescape(text)
