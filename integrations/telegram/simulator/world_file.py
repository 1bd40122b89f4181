"""People, groups and phones from JSON: `--world world.json` and POST /control/world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.telegram.simulator.server import Simulator


def add_to_world(simulator: Simulator, world: dict[str, Any]) -> None:
    """Adds what is named. The keys of each entry are the parameters of the Simulator's own methods."""
    for user in world.get("users", []):
        simulator.add_user(**user)
    for group in world.get("groups", []):
        simulator.add_group(**_with_rights(group))
    for channel in world.get("channels", []):
        simulator.add_channel(**_with_rights(channel))
    for phone in world.get("phones", []):
        simulator.show_phone(phone["user"], phone.get("chat"), phone.get("label", ""))


def _with_rights(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "rights": set(entry["rights"])} if entry.get("rights") is not None else entry
