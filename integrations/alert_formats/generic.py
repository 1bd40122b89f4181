"""Muster's own webhook. Field names follow grafana/oncall's formatted webhook; no field is required.

A gateway of a fire panel sends the panel's own word as `state` or `kind`: 火警 预警 故障 屏蔽 监管 反馈 复位.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from bot.domain.alert import Alert, AlertState, AlertText, Nature, fingerprint_of
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from bot.domain.cap import CapStatus, Category
from bot.domain.incident import Kind
from integrations.alert_formats.drafting import MAX_ALERTS, draft, heartbeat, msg_type_of, place_of
from integrations.alert_formats.json_body import first_said, read_json
from integrations.alert_formats.text_body import read_text
from integrations.alert_formats.times import past_times, read_time
from integrations.alert_formats.vocabulary import folded, is_true, kind_of, language_of, severity_of, word_of

_MAX_FIELDS = 100
_MAX_SENTENCE = 2_000


@dataclass(frozen=True)
class _Meaning:
    nature: Nature
    state: AlertState = AlertState.FIRING
    kind: Kind | None = None


_ALARM = _Meaning(Nature.ALARM)
_FIRE = _Meaning(Nature.ALARM, kind=Kind.FIRE)
_FAULT = _Meaning(Nature.FAULT)
_INFO = _Meaning(Nature.INFO)
_RESOLVED = _Meaning(Nature.ALARM, AlertState.RESOLVED)
_RESET = _Meaning(Nature.INFO, AlertState.RESOLVED)

# Only 火警 is an alarm; 故障 屏蔽 监管 are for the safety office; 复位 ends nothing by itself.
_STATES: dict[str, _Meaning] = {
    word: meaning
    for meaning, words in (
        (_FIRE, "火警,首火警,真实火警,fire,fire alarm"),
        (_ALARM, "alerting,alarm,firing,active,triggered,problem,open,报警,告警"),
        (_FAULT, "故障,屏蔽,隔离,监管,主电故障,备电故障,离线"),
        (_FAULT, "fault,trouble,disabled,isolated,supervisory,no_data,nodata,offline"),
        (_INFO, "预警,反馈,启动,pre-alarm,prealarm,pre_alarm,feedback,info,event"),
        (_RESET, "复位,reset"),
        (_Meaning(Nature.FAULT, AlertState.RESOLVED), "故障恢复,故障消除,屏蔽解除,解除屏蔽,监管恢复,online"),
        (_RESOLVED, "恢复,正常,解除,消除,撤销,火警解除,火警撤销,报警恢复"),
        (_RESOLVED, "ok,resolved,normal,inactive,closed,recovered,restored,cleared"),
        (_Meaning(Nature.HEARTBEAT), "heartbeat,alive,心跳,在线"),
    )
    for word in words.split(",")
}
# These say that it alarms or no longer does, not what it is.
_PLAIN = (_ALARM, _RESOLVED)

# In a sentence 火警 may be part of the panel's name, or denied.
_FIRE_SAID = re.compile(
    "(?<![无非误])火警(?!主机|控制|系统|装置|设备|线路|回路|电话|已?复位|已?解除|已?恢复|测试)"
)
_IN_WORDS: tuple[tuple[re.Pattern[str], _Meaning], ...] = (
    (_FIRE_SAID, _FIRE),
    (re.compile("故障|屏蔽|监管"), _FAULT),
    (re.compile("复位"), _RESET),
    (re.compile("预警|反馈"), _INFO),
)


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each object: one, a list, or a form."""
    # curl -d sends JSON under this type too
    is_json = body.data.lstrip()[:1] in (b"{", b"[")
    if "x-www-form-urlencoded" in body.content_type.lower() and not is_json:
        return [_alert(_form(body.data), context)]
    document = read_json(body.data)
    alerts = document if isinstance(document, list) else [document]
    if not alerts or not all(isinstance(alert, dict) for alert in alerts):
        raise AlertFormatError(AlertFlaw.WRONG_SHAPE)
    if len(alerts) > MAX_ALERTS:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ALERTS)
    return [_alert(alert, context) for alert in alerts]


def _form(data: bytes) -> dict[str, Any]:
    try:
        said = dict(parse_qsl(read_text(data), max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=_MAX_FIELDS) from None
    if not said:
        raise AlertFormatError(AlertFlaw.EMPTY)
    return said


def _alert(said: dict[str, Any], context: Context) -> Alert:
    meaning = _meaning(said)
    if meaning.nature is Nature.HEARTBEAT:
        return heartbeat(context)
    zone, title = first_said(said, "zone"), first_said(said, "title")
    place = place_of(context, zone=zone, camera=first_said(said, "camera"))
    uid = first_said(said, "alert_uid")
    category = word_of(Category, first_said(said, "category"), Category.OTHER)
    starts_at, device_time = past_times(read_time(said.get("occurred_at"), context.timezone), context)
    message = first_said(said, "message")
    is_resolved = meaning.state is AlertState.RESOLVED
    return draft(
        context,
        place,
        fingerprint=fingerprint_of(uid) if uid else fingerprint_of(title, zone),
        text=AlertText(
            language=language_of(title + message),
            event=first_said(said, "kind", "category"),
            headline=title,
            description=message,
            area=place.named,
        ),
        kind=kind_of(first_said(said, "kind")) or meaning.kind,
        likely_kind=kind_of(first_said(said, "category")),
        severity=severity_of(first_said(said, "severity")),
        takes_presets=meaning.nature is not Nature.FAULT,
        nature=meaning.nature,
        state=meaning.state,
        status=_status(said),
        msg_type=msg_type_of(meaning.state),
        categories=() if category is Category.OTHER else (category,),
        # a resolved one says when it ended, and is found by its fingerprint
        starts_at=None if is_resolved else starts_at,
        ended_at=starts_at if is_resolved else None,
        device_time=device_time,
        link=first_said(said, "link_to_upstream_details", "link"),
        image_url=first_said(said, "image_url"),
        parameters={"state": first_said(said, "state")},
    )


def _meaning(said: dict[str, Any]) -> _Meaning:
    """By the word for the state, else for the kind, else by what the sentences say; an alarm when nothing does."""
    state = _STATES.get(folded(first_said(said, "state")))
    if state is not None and state not in _PLAIN:
        return state
    kind = folded(first_said(said, "kind"))
    found = None if kind in tuple(Kind) else _STATES.get(kind)
    found = found or _in_words(" ".join(first_said(said, name) for name in ("state", "title", "message")))
    return replace(found, state=state.state) if state else found


def _in_words(sentence: str) -> _Meaning:
    words = sentence[:_MAX_SENTENCE]
    return next((meaning for pattern, meaning in _IN_WORDS if pattern.search(words)), _ALARM)


def _status(said: dict[str, Any]) -> CapStatus:
    if is_true(first_said(said, "drill")):
        return CapStatus.EXERCISE
    return CapStatus.TEST if folded(first_said(said, "state")) in ("test", "测试") else CapStatus.ACTUAL
