"""`[[alert_sources]]`: who may send alerts, how they come, and what they set in motion."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bot.config.fields import FeedUrl, Hidden, as_list, flawed, none_if_empty
from bot.config.problems import Flaw
from bot.config.section import Entry, Section
from bot.domain.alert_rule import AlertRule, Hours, Opens, SourcePolicy
from bot.domain.incident import Kind, Severity

Format = Literal["generic", "alertmanager", "grafana", "cap", "frigate", "hikvision", "dahua", "weather"]
Network = IPv4Network | IPv6Network


def _network(value: Any) -> Any:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise flawed(Flaw.BAD_NETWORK) from None


class RuleEntry(Section):
    """One of `[[alert_sources.rules]]`; the first that fits decides. What is left out fits everything."""

    opens: Opens
    kinds: tuple[Kind, ...] = ()
    zones: tuple[str, ...] = ()
    severity: Severity | None = None
    hours: Hours = Hours.ALWAYS

    def rule(self) -> AlertRule:
        """For the services."""
        return AlertRule(self.opens, frozenset(self.kinds), frozenset(self.zones), self.severity, self.hours)


class AlertSourceEntry(Entry):
    """One of `[[alert_sources]]`.

    `secret`: the signing keys of Standard Webhooks, several while rotating. `token`: for Bearer and for the secret
    path of devices that can do neither. `feed`: where Muster itself fetches (an MQTT broker, a camera's event
    stream, a weather service); such a source needs no secret. `channels`: a recorder's channel number and its camera.
    """

    format: Format
    secret: Annotated[tuple[SecretStr, ...], BeforeValidator(as_list), Hidden()] = ()
    token: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None
    allow: tuple[Annotated[Network, BeforeValidator(_network)], ...] = ()
    feed: FeedUrl = ""
    username: str = ""
    password: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None
    topic: str = "frigate/reviews"
    channels: dict[int, str] = Field(default_factory=dict)
    every_s: Annotated[int, Field(ge=10, le=86400)] = 300
    opens: Opens = Opens.REVIEW
    kind: Kind | None = None
    severity: Severity | None = None
    zone: Annotated[str | None, BeforeValidator(none_if_empty)] = None
    rules: tuple[RuleEntry, ...] = ()
    flood_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 300
    beat_s: Annotated[int | None, Field(ge=5, le=604_800)] = None

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if not self.feed and not any(secret.get_secret_value() for secret in self.secrets):
            raise flawed(Flaw.NO_SOURCE_SECRET)
        return self

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """All that may open this source."""
        return (*self.secret, self.token) if self.token else self.secret

    def policy(self) -> SourcePolicy:
        """For the services."""
        return SourcePolicy(
            id=self.id,
            opens=self.opens,
            kind=self.kind,
            severity=self.severity,
            zone=self.zone,
            rules=tuple(entry.rule() for entry in self.rules),
            flood_per_minute=self.flood_per_minute,
            beat_within=timedelta(seconds=self.beat_s) if self.beat_s else None,
        )
