"""Announcements that are written beforehand: offered where they fit, filled in from the incident."""

from __future__ import annotations

from bot.domain.announcement import LANGUAGES, Announcement
from bot.domain.incident import Incident
from bot.domain.message import Address, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.place import Name
from bot.domain.ready_text import Blank, ReadyText
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.services.announcement_cards import show_draft
from bot.services.brief import brief_incident
from bot.services.drafts import add_draft, fresh, only_in_force, require_tellable
from bot.services.turn import Turn, Turns

MOST_DRAFTS = 5
_ON_CAMPUS = {"zh_Hans": "校内", "en": "school"}
_PHONE = {"zh_Hans": "学校值班电话", "en": "the school"}
_POINTS = {"zh_Hans": "指定集合点", "en": "the assembly points"}


class ReadyTextService:
    """`/announce` alone, and the button on an incident's card."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def offer(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """What can be announced now, by buttons, in private."""
        return await self._turns.run(sender, offer, ref)

    async def take(self, sender: Sender, incident_id: int, text_id: str) -> Outcome:
        """A draft from this text; `incident_id` 0: about no incident."""
        return await self._turns.run(sender, take, incident_id, text_id)


def offer(turn: Turn, ref: IncidentRef) -> Outcome:
    """Those that fit the incident, life-safety texts first, and the drafts that are open."""
    turn.require(Right.RUN_DESK, "announce")
    incident = turn.incident(ref) if ref != IncidentRef() else (turn.spoken_in() or only_in_force(turn))
    require_tellable(incident)
    kind, action = (incident.kind, incident.action) if incident else (None, None)
    texts = [one for one in turn.school.ready_texts.values() if _is_offered(one, incident)]
    texts.sort(
        key=lambda one: (
            one.action is None or one.action is not action,
            not one.is_life_safety,
            one.kind is not kind,
        )
    )
    own = [
        one
        for one in turn.tx.announcements.list_unpublished(MOST_DRAFTS)
        if one.author_id == turn.person.staff_id
    ]
    params = {
        "mode": incident.mode.value if incident else "REAL",
        "about": incident and brief_incident(turn.tx, incident, turn.school.campus),
        "texts": [{"id": one.id, "name": dict(one.name), "is_urgent": one.is_life_safety} for one in texts],
        "drafts": [{"id": one.id, "number": one.number, "headlines": _headlines(one)} for one in own],
    }
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.ANNOUNCEMENT_MENU, params, incident, needs_right=Right.RUN_DESK.value)
    is_private = turn.sender is None or turn.sender.is_private
    return Outcome(Done.IN_PRIVATE, is_told=is_private)


def _is_offered(text: ReadyText, incident: Incident | None) -> bool:
    """Without an incident those about nothing in particular; with one, also all actions: one may come next."""
    if incident is None:
        return text.kind is None and text.action is None
    return text.kind in (None, incident.kind)


def _headlines(one: Announcement) -> dict[str, str]:
    return {language: text.headline for language, text in one.texts.items()}


def take(turn: Turn, incident_id: int, text_id: str) -> Outcome:
    """Filled in as things stand now."""
    turn.require(Right.RUN_DESK, "announce")
    text = turn.school.ready_texts.get(text_id)
    if text is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident = turn.incident(IncidentRef(incident_id)) if incident_id else None
    more = {
        "audience": text.audience,
        "asks": text.asks,
        "template": text.id,
        "is_urgent": text.is_life_safety,
        "expires_at": turn.now + text.holds_for if text.holds_for else None,
    }
    if text.action is not None:
        more["action"] = text.action
    draft = add_draft(turn, fresh(turn, incident, text.fill(_values(turn, incident)), **more))
    show_draft(turn, draft)
    is_private = turn.sender is None or turn.sender.is_private
    return Outcome(Done.ANNOUNCEMENT_DRAFTED, {"number": draft.number}, is_told=is_private)


def _values(turn: Turn, incident: Incident | None) -> dict[str, dict[Blank, str]]:
    """By language. Without an incident, or before anybody said where, it is somewhere at school."""
    campus = turn.school.campus
    zone = campus.zones.get(incident.zone or "") if incident else None
    own = campus.assembly_points.get(zone.assembly_point or "") if zone else None
    points = [own] if own else list(campus.assembly_points.values())
    moment = (incident.opened_at if incident else turn.now).astimezone(turn.school.timezone)
    found = {}
    for language in LANGUAGES:
        names = [_in(point.name, language) for point in points]
        found[language] = {
            Blank.PLACE: _in(zone.name, language) if zone else _ON_CAMPUS[language],
            Blank.POINT: ("、" if language == "zh_Hans" else ", ").join(names) or _POINTS[language],
            Blank.TIME: f"{moment:%H:%M}",
            Blank.SCHOOL: _in(Name(turn.school.name, turn.school.name_en), language),
            Blank.PHONE: turn.school.alarm_phone or _PHONE[language],
        }
    return found


def _in(name: Name, language: str) -> str:
    return (name.en if language == "en" else "") or name.zh
