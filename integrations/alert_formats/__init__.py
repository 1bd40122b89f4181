"""Alerts as other systems write them: one small file a format, each from a `Body` to frozen `Alert`s.

A parser raises `AlertFormatError` and nothing else; what only proves life comes back as `Nature.HEARTBEAT`. Names of
persons, faces and plates are not read at all: a parser takes the fields that it knows and leaves the rest.
"""

from bot.domain.alert_format import AlertFormat
from integrations.alert_formats import (
    alertmanager,
    cap,
    dahua,
    frigate,
    generic,
    grafana,
    hikvision,
    weather,
)

# The words that `format` of an alert source may have in school.toml.
FORMATS: dict[str, AlertFormat] = {
    "generic": generic.parse,
    "alertmanager": alertmanager.parse,
    "grafana": grafana.parse,
    "cap": cap.parse,
    "frigate": frigate.parse,
    "hikvision": hikvision.parse,
    "dahua": dahua.parse,
    "weather": weather.parse,
}

__all__ = ["FORMATS"]
