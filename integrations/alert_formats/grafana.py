"""Grafana alerting's webhook: Alertmanager's envelope with pictures, values, and failures of its own data sources."""

from __future__ import annotations

from typing import Any

from bot.domain.alert import Alert, Nature
from bot.domain.alert_format import Body, Context
from integrations.alert_formats.drafting import heartbeat
from integrations.alert_formats.json_body import object_of, read_json, said
from integrations.alert_formats.prometheus_group import GroupAlert, alert_of, read_group

_SOURCE_FAILED = frozenset({"DatasourceNoData", "DatasourceError"})
_REASON_FAILED = ("NoData", "Error")


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each of the group; an empty group proves life."""
    return alerts_in(read_json(body.data), context)


def alerts_in(document: Any, context: Context) -> list[Alert]:
    """Like `parse`, for JSON that is read already."""
    return [_alert(member, context) for member in read_group(document, context)] or [heartbeat(context)]


def _alert(member: GroupAlert, context: Context) -> Alert:
    fields = member.fields
    values = {f"value {name}": said(value) for name, value in object_of(fields.get("values")).items()}
    if text := said(fields.get("valueString")):
        values = values or {"values": text}
    return alert_of(
        member,
        context,
        nature=Nature.FAULT if _is_source_failing(member) else Nature.ALARM,
        image_url=said(fields.get("imageURL")),
        is_test=_is_contact_point_test(member),
        values=values,
    )


def _is_source_failing(member: GroupAlert) -> bool:
    reason = member.annotations.get("grafana_state_reason", "")
    return member.name in _SOURCE_FAILED or any(part.strip() in _REASON_FAILED for part in reason.split(","))


def _is_contact_point_test(member: GroupAlert) -> bool:
    return member.name == "TestAlert" and member.labels.get("instance") == "Grafana"
