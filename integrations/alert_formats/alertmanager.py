"""Prometheus Alertmanager's webhook; one that turns out to be Grafana's (`orgId`) is read as that."""

from __future__ import annotations

from bot.domain.alert import Alert
from bot.domain.alert_format import Body, Context
from integrations.alert_formats import grafana
from integrations.alert_formats.drafting import heartbeat
from integrations.alert_formats.json_body import object_of, read_json
from integrations.alert_formats.prometheus_group import alert_of, read_group


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each of the group; an empty group proves life."""
    document = read_json(body.data)
    if "orgId" in object_of(document):
        return grafana.alerts_in(document, context)
    return [alert_of(member, context) for member in read_group(document, context)] or [heartbeat(context)]
