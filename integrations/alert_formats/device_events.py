"""What cameras' and recorders' own event types mean to a school; makers differ in the words, not in the events."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.alert import Nature
from bot.domain.cap import CapSeverity
from bot.domain.incident import Kind


@dataclass(frozen=True)
class Meaning:
    """`takes_presets`: the event says nothing of its own, so the source's kind and severity hold."""

    nature: Nature
    kind: Kind | None = None
    severity: CapSeverity = CapSeverity.UNKNOWN
    takes_presets: bool = False


# A dry contact: a fire panel's relay or a call button, whatever the school has wired to it.
CONTACT = Meaning(Nature.ALARM, takes_presets=True)
FIRE = Meaning(Nature.ALARM, Kind.FIRE, CapSeverity.SEVERE)
HEAT = Meaning(Nature.ALARM, Kind.FIRE, CapSeverity.MODERATE)
INTRUSION = Meaning(Nature.ALARM, Kind.INTRUDER, CapSeverity.MODERATE)
MOTION = Meaning(Nature.ALARM, Kind.INTRUDER, CapSeverity.MINOR)
GATHERING = Meaning(Nature.ALARM, Kind.CROWD_CRUSH, CapSeverity.MODERATE)
FIGHT = Meaning(Nature.ALARM, Kind.VIOLENCE, CapSeverity.SEVERE)
FALL = Meaning(Nature.ALARM, Kind.MEDICAL, CapSeverity.MODERATE)
LUGGAGE = Meaning(Nature.ALARM, Kind.OTHER, CapSeverity.MODERATE)
FAULT = Meaning(Nature.FAULT)
# Known and of no use, or about faces and plates, which are not kept (law: no recognition of pupils).
IGNORED = Meaning(Nature.HEARTBEAT)
# Better a line to read than a call or silence.
UNKNOWN = Meaning(Nature.INFO)
