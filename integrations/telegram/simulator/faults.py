"""What can go wrong on purpose. Every switch takes effect at once, also for calls that are waiting."""

from collections.abc import Callable
from typing import Any

from integrations.telegram.simulator.bell import Bell
from integrations.telegram.simulator.limits import Meter
from integrations.telegram.simulator.updates import UpdateQueue

FOR_EVER_S = 86_400.0
SWITCHES = (
    "outage",
    "status_code",
    "hang",
    "hang_after_effect",
    "delay_s",
    "token_revoked",
    "duplicate_updates",
    "reverse_updates",
)


class Faults:
    """The switches; `only_methods` narrows outage, status, hang and delay to these methods."""

    def __init__(self, meter: Meter, updates: UpdateQueue, on_change: Callable[[], None]) -> None:
        self.delay_s = 0.0
        self.only_methods: set[str] | None = None
        self.token_revoked = False
        self._status_code: int | None = None
        self._outage = False
        self._hang = False
        self._hang_after_effect = False
        self._meter = meter
        self._updates = updates
        self._on_change = on_change
        self._bell = Bell()

    @property
    def status_code(self) -> int | None:
        """Everything is answered with this HTTP status and an HTML page, as a broken gateway does."""
        return self._status_code

    @status_code.setter
    def status_code(self, value: int | None) -> None:
        self._status_code = value
        self._changed()

    @property
    def outage(self) -> bool:
        """Connections are accepted and closed at once, those that wait too."""
        return self._outage

    @outage.setter
    def outage(self, value: bool) -> None:
        self._outage = value
        self._changed()

    @property
    def hang(self) -> bool:
        """Nothing happens and nothing is answered until released; who gave up by then has changed nothing."""
        return self._hang

    @hang.setter
    def hang(self, value: bool) -> None:
        self._hang = value
        self._changed()

    @property
    def hang_after_effect(self) -> bool:
        """The call is carried out, but not answered until released: the ambiguous timeout."""
        return self._hang_after_effect

    @hang_after_effect.setter
    def hang_after_effect(self, value: bool) -> None:
        self._hang_after_effect = value
        self._changed()

    @property
    def duplicate_updates(self) -> bool:
        """Every update is handed out twice in one answer."""
        return self._updates.is_doubled

    @duplicate_updates.setter
    def duplicate_updates(self, value: bool) -> None:
        self._updates.is_doubled = value

    @property
    def reverse_updates(self) -> bool:
        """Every answer has its updates in the wrong order."""
        return self._updates.is_reversed

    @reverse_updates.setter
    def reverse_updates(self, value: bool) -> None:
        self._updates.is_reversed = value

    def retry_after(self, seconds: float, chat_id: int | None = None) -> None:
        """Message calls to this chat (None: to all) are refused with 429 for that long."""
        self._meter.order_pause(seconds, chat_id)

    def concern(self, method: str) -> bool:
        return self.only_methods is None or method in self.only_methods

    def change(self, wanted: dict[str, Any]) -> None:
        """Sets several switches by name. Raises KeyError for an unknown one."""
        for name, value in wanted.items():
            if name == "only_methods":
                self.only_methods = set(value) if value else None
            elif name in SWITCHES:
                setattr(self, name, value)
            else:
                raise KeyError(name)
        self._changed()

    async def wait_while_hanging(self) -> None:
        while self._hang:
            await self._bell.wait(FOR_EVER_S)

    async def wait_after_effect(self) -> None:
        while self._hang_after_effect:
            await self._bell.wait(FOR_EVER_S)

    def clear(self) -> None:
        """Everything works again."""
        for switch in SWITCHES:
            setattr(self, switch, {"status_code": None, "delay_s": 0.0}.get(switch, False))
        self.only_methods = None
        self._meter.lift_pauses()
        self._changed()

    def as_dict(self) -> dict[str, Any]:
        shown = {switch: getattr(self, switch) for switch in SWITCHES}
        return shown | {"only_methods": sorted(self.only_methods) if self.only_methods else None}

    def _changed(self) -> None:
        self._bell.ring()
        self._on_change()
