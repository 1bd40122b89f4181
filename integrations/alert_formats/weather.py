"""Official weather warnings, relayed: QWeather's weather alert v1, its older v7 warning, and Caiyun v2.5, v2.6, v3.

Only weather stations may issue warnings (气象灾害防御条例 art. 30): issuer, time and words pass unchanged, and a
warning that names no issuer or no time of issue is not passed on. Weather grades are no incident grades, so nothing
here opens an incident: nature INFO.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.alert import Alert, AlertState, AlertText, Nature, Reference
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from bot.domain.cap import CapSeverity, Category, Certainty, MsgType, Urgency
from bot.domain.incident import Kind
from integrations.alert_formats.drafting import MAX_ALERTS, draft, heartbeat, msg_type_of, place_of
from integrations.alert_formats.json_body import first_said, list_of, object_of, quoted, read_json, said
from integrations.alert_formats.times import read_time
from integrations.alert_formats.vocabulary import folded, language_of, severity_of, word_of

# 红Ⅰ 橙Ⅱ 黄Ⅲ 蓝Ⅳ (Emergency Response Law art. 63); white is provincial and has no CAP word.
_COLOURS = {"红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue", "白": "white"}
_COLOUR_IN_TITLE = re.compile(r"([红橙黄蓝白])色|\b(red|orange|yellow|blue|white)\b", re.IGNORECASE)
# `[Ⅲ级/较重]`, `[IV/一般]`, `[Level IV/General]`, `[ Level IV/general ]`
_LEVEL_IN_TITLE = re.compile(
    r"[\[［]\s*(?:Level\s*)?([ⅠⅡⅢⅣ]|I{1,3}|IV)\s*级?\s*/[^\]］]{0,40}[\]］]", re.IGNORECASE
)
_ISSUER_IN_TITLE = re.compile(
    r"^(?P<zh>.{2,30}?(?:台|局|站|中心|部|厅|委员会|办公室))(?:联合|继续|更新|变更|解除|发布)"
    r"|^(?P<en>[^\[\]]{2,80}?) (?:issued|issues)\b(?! by)"
    r"|\bissued by (?P<by>[^\[\]]{2,80})"
)
# Caiyun's last two digits; 国家预警信息发布中心 numbers them alike.
_CAIYUN_COLOURS = {"01": "blue", "02": "yellow", "03": "orange", "04": "red"}
_MSG_TYPES = {"active": MsgType.ALERT, "new": MsgType.ALERT}
_LONGEST_TITLE = 300


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each warning in force; none in force proves that the service answers."""
    answer = object_of(read_json(body.data))
    read, warnings = _warnings(answer)
    if len(warnings) > MAX_ALERTS:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ALERTS)
    if not warnings:
        return [heartbeat(context)]
    alerts = [read(object_of(warning), answer, context) for warning in warnings]
    official = [alert for alert in alerts if alert.text.issuer and alert.sent_at and alert.identifier]
    if not official:
        raise AlertFormatError(AlertFlaw.MISSING, field="issuer")
    return official


_Reader = Callable[[dict[str, Any], dict[str, Any], Context], Alert]


def _warnings(answer: dict[str, Any]) -> tuple[_Reader, list[Any]]:
    """Which service it is, and its list; a service's own refusal is an error."""
    caiyun = object_of(object_of(answer.get("result")).get("alert"))
    if "content" in caiyun:
        return _caiyun, list_of(caiyun["content"])
    if "warning" in answer and said(answer.get("code")) == "200":
        return _qweather_v7, list_of(answer["warning"])
    if isinstance(alerts := answer.get("alerts"), list):
        return _caiyun_v3 if any("data" in object_of(alert) for alert in alerts) else _qweather_v1, alerts
    if said(answer.get("code")) == "204":  # v7: nothing for this place
        return _qweather_v7, []
    refusal = first_said(object_of(answer.get("error")), "title", "type") or first_said(
        answer, "error", "code", "status"
    )
    if refusal:
        raise AlertFormatError(AlertFlaw.SENDER_ERROR, said=quoted(refusal))
    raise AlertFormatError(AlertFlaw.WRONG_SHAPE)


def _qweather_v1(warning: dict[str, Any], answer: dict[str, Any], context: Context) -> Alert:
    message, event = object_of(warning.get("messageType")), object_of(warning.get("eventType"))
    metadata = object_of(answer.get("metadata"))
    return _relay(
        context,
        identifier=first_said(warning, "id"),
        text=AlertText(
            event=first_said(event, "name"),
            headline=first_said(warning, "headline"),
            description=first_said(warning, "description"),
            instruction=first_said(warning, "instruction"),
            issuer=first_said(warning, "senderName"),
        ),
        change=first_said(message, "code"),
        supersedes=[text for old in list_of(message.get("supersedes")) if (text := said(old))],
        colour=first_said(object_of(warning.get("color")), "code"),
        severity=first_said(warning, "severity"),
        urgency=first_said(warning, "urgency"),
        certainty=first_said(warning, "certainty"),
        issued=warning.get("issuedTime"),
        effective=warning.get("effectiveTime"),
        onset=warning.get("onsetTime"),
        # the documentation says expiredTime, the answers expireTime
        expires=warning.get("expireTime") or warning.get("expiredTime"),
        parameters={
            "attribution": _joined(metadata.get("attributions")),
            "event_code": first_said(event, "code"),
            "criteria": first_said(warning, "criteria"),
            "response_types": _joined(warning.get("responseTypes")),
        },
    )


def _qweather_v7(warning: dict[str, Any], answer: dict[str, Any], context: Context) -> Alert:
    return _relay(
        context,
        identifier=first_said(warning, "id"),
        text=AlertText(
            event=first_said(warning, "typeName"),
            headline=first_said(warning, "title"),
            description=first_said(warning, "text"),
            issuer=first_said(warning, "sender"),
        ),
        change=first_said(warning, "status"),
        supersedes=[related for related in [first_said(warning, "related")] if related],
        colour=first_said(warning, "severityColor"),
        severity=first_said(warning, "severity"),
        urgency=first_said(warning, "urgency"),
        certainty=first_said(warning, "certainty"),
        issued=warning.get("pubTime"),
        onset=warning.get("startTime"),
        expires=warning.get("endTime"),
        link=first_said(answer, "fxLink"),
        parameters={
            "attribution": _joined(object_of(answer.get("refer")).get("sources")),
            "event_code": first_said(warning, "type"),
        },
    )


def _caiyun(warning: dict[str, Any], _answer: dict[str, Any], context: Context) -> Alert:
    """v2.5 and v2.6; the issuer stands in the title, `source` is who collects the warnings."""
    title, code = first_said(warning, "title"), first_said(warning, "code")
    return _relay(
        context,
        identifier=first_said(warning, "alertId"),
        text=AlertText(
            headline=title,
            description=first_said(warning, "description"),
            area=first_said(warning, "location"),
            issuer=_issuer(title) or first_said(warning, "source"),
        ),
        change="cancel" if "解除" in title[:_LONGEST_TITLE] else "alert",
        colour=_CAIYUN_COLOURS.get(code[-2:], ""),
        issued=warning.get("pubtimestamp"),
        parameters={"attribution": first_said(warning, "source"), "event_code": code},
    )


def _caiyun_v3(warning: dict[str, Any], _answer: dict[str, Any], context: Context) -> Alert:
    said_in = [object_of(data) for data in list_of(warning.get("data"))]
    source = first_said(warning, "source")
    texts = tuple(
        AlertText(
            language=first_said(data, "language_code"),
            event=first_said(data, "name"),
            headline=first_said(data, "title"),
            description=first_said(data, "text"),
            issuer=_issuer(first_said(data, "title")) or source,
        )
        for data in said_in
    )
    return _relay(
        context,
        identifier=first_said(warning, "id"),
        texts=texts,
        change="alert",
        colour=first_said(warning, "color"),
        issued=warning.get("publish_time"),
        parameters={"attribution": source, "event_code": first_said(warning, "alert_type")},
    )


def _relay(
    context: Context,
    *,
    identifier: str,
    text: AlertText | None = None,
    texts: tuple[AlertText, ...] = (),
    change: str,
    issued: Any,
    colour: str,
    supersedes: list[str] | None = None,
    severity: str = "",
    urgency: str = "",
    certainty: str = "",
    effective: Any = None,
    onset: Any = None,
    expires: Any = None,
    link: str = "",
    parameters: Mapping[str, str],
) -> Alert:
    texts = tuple(_with_language(each) for each in (texts or (text or AlertText(),)))
    title = texts[0].headline if texts else ""
    colour = _colour(colour) or _colour_in(title)
    msg_type = _MSG_TYPES.get(folded(change)) or word_of(MsgType, change, MsgType.ALERT)
    state = AlertState.RESOLVED if msg_type is MsgType.CANCEL else AlertState.FIRING
    sent_at = _at(issued, context)
    onset_at = _at(onset, context)
    return draft(
        context,
        place_of(context),
        fingerprint=Reference(identifier).fingerprint,
        texts=texts,
        kind=Kind.SEVERE_WEATHER,
        severity=_severity(severity, colour, title),
        takes_presets=False,
        nature=Nature.INFO,
        state=state,
        msg_type=msg_type if msg_type is not MsgType.ALERT else msg_type_of(state),
        identifier=identifier,
        sender=texts[0].issuer if texts else "",
        sent_at=sent_at,
        starts_at=sent_at,
        effective_at=_at(effective, context),
        onset_at=onset_at,
        expires_at=_at(expires, context),
        references=tuple(Reference(old) for old in supersedes or ()),
        categories=(Category.MET,),
        urgency=word_of(Urgency, urgency, Urgency.UNKNOWN),
        certainty=word_of(Certainty, certainty, Certainty.UNKNOWN),
        link=link,
        parameters={"colour": colour, **parameters},
    )


def _severity(said_severity: str, colour: str, title: str) -> CapSeverity:
    """The service's CAP word; else the colour's; else the level's in the title."""
    stated = word_of(CapSeverity, said_severity, CapSeverity.UNKNOWN)
    if stated is not CapSeverity.UNKNOWN or colour:
        return stated if stated is not CapSeverity.UNKNOWN else severity_of(colour)
    level = _LEVEL_IN_TITLE.search(title)
    return severity_of(level[1]) if level else CapSeverity.UNKNOWN


def _colour(said_colour: str) -> str:
    """In English and lower case; a service's new colour passes as it is."""
    return _COLOURS.get(said_colour[:1], folded(said_colour))


def _colour_in(title: str) -> str:
    found = _COLOUR_IN_TITLE.search(title)
    return _COLOURS.get(found[1] or "", (found[2] or "").lower()) if found else ""


def _issuer(title: str) -> str:
    found = _ISSUER_IN_TITLE.search(title[:_LONGEST_TITLE])
    return next(name.strip() for name in found.groups() if name) if found else ""


def _with_language(text: AlertText) -> AlertText:
    return text if text.language else replace(text, language=language_of(text.headline + text.description))


def _joined(values: Any) -> str:
    return " ".join(text for value in list_of(values) if (text := said(value)))


def _at(value: Any, context: Context) -> datetime | None:
    return read_time(value, context.timezone)
