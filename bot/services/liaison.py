"""Links for the liaison officer outside: made and revoked by the desk, every opening on record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.domain.incident import Incident
from bot.domain.liaison import LIFE, SAME_OPENING, TOLD_OUTSIDE, UNIT_LIMIT, LiaisonLink
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import tally_params, total
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import clean_line, shorten
from bot.domain.timeline import Event, TimelineEntry
from bot.errors import Reason, RefusedError
from bot.services.brief import name_of, zone_names
from bot.services.enrolling import hash_code
from bot.services.entering import SECRET_BYTES
from bot.services.leaving import end_link
from bot.services.task_effects import head
from bot.services.turn import Turn, Turns

# In place of whoever did it.
_NOBODY_BY_NAME = {"zh": "校方", "en": "The school"}
# What somebody typed, or who somebody is.
_NOT_TOLD = frozenset({"words", "reason", "to", "who", "names", "leader", "unconnected"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A browser is let in, for `lasts`. `token` is told this once; only its hash is kept."""

    token: str = field(repr=False)
    lasts: timedelta


class LiaisonService:
    """`make` and `revoke` are for the desk; `enter` and `read` for whoever has the secret."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def make(self, sender: Sender, ref: IncidentRef, unit: str) -> Outcome:
        """`/liaison Fire brigade, squad leader Zhou`; without a unit, how the links stand."""
        return await self._turns.run(sender, make, ref, unit)

    async def revoke(self, sender: Sender, link_id: int) -> Outcome:
        """It opens nothing any more, from this moment."""
        return await self._turns.run(sender, revoke, link_id)

    async def is_fresh(self, code: str) -> bool:
        """Whether the link may still be opened. Looking spends nothing: chats fetch previews of links."""
        now, code_hash = self._turns.clock(), hash_code(code)
        link = await self._turns.database.read(lambda tx: tx.liaison_links.by_code(code_hash))
        return link is not None and link.opened_at is None and link.is_good(now)

    async def enter(self, code: str) -> Opened | None:
        """Spend the link and open the page for this browser; None when it is spent, revoked, unknown or too old."""
        if not await self.is_fresh(code):
            return None
        token = secrets.token_urlsafe(SECRET_BYTES)
        opened: list[Opened] = []

        def unit(turn: Turn) -> None:
            opened.clear()
            link = open_link(turn, hash_code(code), hash_code(token))
            if link is not None:
                opened.append(Opened(token, link.expires_at - turn.now))

        await self._turns.tick(unit)
        return opened[0] if opened else None

    async def read(self, token: str) -> dict[str, Any] | None:
        """What the page shows, see `told_outside`; None when the token opens nothing (any more)."""
        token_hash, now = hash_code(token), self._turns.clock()
        link = await self._turns.database.read(lambda tx: tx.liaison_links.by_token(token_hash))
        if link is None or not link.is_good(now):
            return None
        if link.seen_at is None or now - link.seen_at >= SAME_OPENING:
            await self._turns.tick(lambda turn: note_read(turn, link.id))
        return await self._turns.database.read(
            lambda tx: told_outside(Turn(tx, self._turns.school, now), link.id)
        )


def make(turn: Turn, ref: IncidentRef, unit: str) -> Outcome:
    """For whom is asked first: the record says who was given it."""
    turn.require(Right.RUN_DESK, "liaison")
    incident = turn.incident(ref)
    unit = shorten(clean_line(unit), UNIT_LIMIT)
    if not unit:
        _show(turn, incident)
        return Outcome(Done.LINK_SENT, is_told=turn.sender is not None and turn.sender.is_private)
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    code = secrets.token_urlsafe(SECRET_BYTES)
    fresh = LiaisonLink(0, incident.id, unit, turn.person.staff_id, turn.now, turn.now + LIFE)
    link = turn.tx.liaison_links.add(fresh, hash_code(code))
    turn.audit("liaison_link", subject=incident.number, unit=unit, link=link.id)
    turn.record(incident, Event.LIAISON_MADE, unit=unit, until=link.expires_at.isoformat())
    _show(turn, incident, url=f"{turn.school.base_url}/liaison/{code}", made=link)
    return Outcome(Done.LINK_SENT, is_told=turn.sender is not None and turn.sender.is_private)


def revoke(turn: Turn, link_id: int) -> Outcome:
    """Whoever made it: the desk is one."""
    turn.require(Right.RUN_DESK, "liaison")
    link = turn.tx.liaison_links.get(link_id)
    if link is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident = turn.incident(IncidentRef(link.incident_id))
    if link.revoked_at is not None:
        return Outcome(Done.REPEATED)
    end_link(turn, incident, link)
    _show(turn, incident)
    return Outcome(Done.LIAISON_REVOKED)


def open_link(turn: Turn, code_hash: str, token_hash: str) -> LiaisonLink | None:
    """The first opening; who made the link hears of it at once."""
    link = turn.tx.liaison_links.open(code_hash, token_hash, turn.now)
    incident = turn.tx.incidents.get(link.incident_id) if link else None
    if link is None or incident is None:
        return None
    turn.audit("liaison_opened", subject=incident.number, unit=link.unit, link=link.id)
    turn.record(incident, Event.LIAISON_OPENED, unit=link.unit)
    _tell_owner(turn, incident, link)
    return link


def note_read(turn: Turn, link_id: int) -> None:
    """Read once more: on record, without a line."""
    link = turn.tx.liaison_links.get(link_id)
    incident = turn.tx.incidents.get(link.incident_id) if link else None
    if link is None or incident is None:
        return
    turn.tx.liaison_links.note_seen(link.id, turn.now)
    turn.audit("liaison_read", subject=incident.number, unit=link.unit, link=link.id)
    turn.record(incident, Event.LIAISON_OPENED, is_quiet=True, unit=link.unit)


def _tell_owner(turn: Turn, incident: Incident, link: LiaisonLink) -> None:
    turn.tell(
        Address.person(link.made_by),
        MessageKind.LIAISON_OPENED,
        {**head(turn, incident), "link": link.id, "unit": link.unit, "at": turn.now.isoformat()},
        incident,
        lane=Lane.COMMAND,
        needs_right=Right.RUN_DESK.value,
    )


def _show(turn: Turn, incident: Incident, *, url: str = "", made: LiaisonLink | None = None) -> None:
    """How the links stand, in private: the newest with its address, this once."""
    links = turn.tx.liaison_links.of_incident(incident.id)
    params = {
        **head(turn, incident),
        "url": url,
        "made": made and made.id,
        "links": [
            {
                "id": one.id,
                "unit": one.unit,
                "by": name_of(turn.tx, one.made_by),
                "until": one.expires_at.isoformat(),
                "opened_at": one.opened_at and one.opened_at.isoformat(),
                "is_good": one.is_good(turn.now),
                "is_revoked": one.revoked_at is not None,
            }
            for one in links
        ],
    }
    turn.tell(
        Address.person(turn.person.staff_id),
        MessageKind.LIAISON,
        params,
        incident,
        needs_right=Right.RUN_DESK.value,
    )


def told_outside(turn: Turn, link_id: int) -> dict[str, Any] | None:
    """`facts_outside`, and whose link it is."""
    link = turn.tx.liaison_links.get(link_id)
    incident = turn.tx.incidents.get(link.incident_id) if link else None
    if link is None or incident is None:
        return None
    told = facts_outside(turn, incident)
    return {**told, "unit": link.unit, "until": link.expires_at.isoformat(), "now": turn.now.isoformat()}


def facts_outside(turn: Turn, incident: Incident) -> dict[str, Any]:
    """Facts of the incident as JSON: no person's name, no words that anybody typed, no cameras."""
    campus, roll_call = turn.school.campus, turn.tx.roll_calls.of_incident(incident.id)
    calls = turn.tx.agency_calls.of_incident(incident.id)
    entries = [one for one in turn.tx.timeline.all(incident.id) if one.event in TOLD_OUTSIDE]
    return {
        **head(turn, incident),
        "school": {"zh": turn.school.name, "en": turn.school.name_en},
        "address": turn.school.address.to_params(),
        "phone": turn.school.alarm_phone,
        "status": incident.status.value,
        "severity": int(incident.severity),
        "opened_at": incident.opened_at.isoformat(),
        "action": incident.action and incident.action.value,
        "action_zones": zone_names(campus, incident.action_zones),
        "action_at": incident.action_at and incident.action_at.isoformat(),
        "all_clear_at": incident.all_clear_at and incident.all_clear_at.isoformat(),
        "is_suspended": incident.suspended_at is not None,
        "tally": tally_params(total(turn.tx.headcounts.classes(roll_call.id))) if roll_call else None,
        "injured": turn.tx.injured.figures(incident.id).to_params(),
        "calls": [
            {
                "name": turn.school.agencies[one.agency_id].name.to_params(),
                "state": one.state.value,
                "at": one.called_at and one.called_at.isoformat(),
            }
            for one in calls
            if one.agency_id in turn.school.agencies
        ],
        "points": [point.name.to_params() for point in campus.assembly_points.values()],
        "lines": [_nameless(one) for one in entries],
    }


def _nameless(entry: TimelineEntry) -> dict[str, Any]:
    told = {key: value for key, value in entry.params.items() if key not in _NOT_TOLD}
    actor = {"actor": _NOBODY_BY_NAME} if "actor" in told else {}
    return {"event": entry.event.value, "at": entry.at.isoformat(), **told, **actor}
