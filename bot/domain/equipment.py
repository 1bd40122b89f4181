"""Emergency equipment: what stands where, who keeps it, and when somebody has to look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.place import Campus


class EquipmentKind(StrEnum):
    """What it is; `bot/messages/equipment_use.py` says how each is used."""

    EXTINGUISHER = "extinguisher"
    HYDRANT = "hydrant"
    FIRE_BLANKET = "fire_blanket"
    SMOKE_HOOD = "smoke_hood"
    AED = "aed"
    FIRST_AID = "first_aid"
    STRETCHER = "stretcher"
    EYEWASH = "eyewash"
    SPILL_KIT = "spill_kit"
    VOMIT_KIT = "vomit_kit"
    MEGAPHONE = "megaphone"
    RADIO = "radio"
    TORCH = "torch"
    GUARD_GEAR = "guard_gear"
    CORDON = "cordon"
    SANDBAG = "sandbag"
    OTHER = "other"


# What people and lists call each, besides its own value; the first stands in the files that Muster writes.
CALLED: dict[EquipmentKind, tuple[str, ...]] = {
    EquipmentKind.EXTINGUISHER: (
        "灭火器",
        "干粉灭火器",
        "二氧化碳灭火器",
        "手提式灭火器",
        "fire extinguisher",
    ),
    EquipmentKind.HYDRANT: ("消火栓", "室内消火栓", "消防栓", "fire hydrant"),
    EquipmentKind.FIRE_BLANKET: ("灭火毯",),
    EquipmentKind.SMOKE_HOOD: ("消防自救呼吸器", "过滤式消防自救呼吸器", "防毒面具", "逃生面具"),
    EquipmentKind.AED: ("AED", "自动体外除颤器", "除颤仪", "除颤器", "defibrillator"),
    EquipmentKind.FIRST_AID: ("急救箱", "急救包", "医药箱", "first aid kit"),
    EquipmentKind.STRETCHER: ("担架",),
    EquipmentKind.EYEWASH: ("洗眼器", "紧急洗眼器", "洗眼喷淋装置", "eyewash station"),
    EquipmentKind.SPILL_KIT: ("化学品泄漏处置包", "泄漏处置包", "吸附棉", "消防沙", "spill kit"),
    EquipmentKind.VOMIT_KIT: ("呕吐物处置包", "呕吐物应急处置包", "呕吐包", "vomit kit"),
    EquipmentKind.MEGAPHONE: ("扩音器", "喊话器", "扩音喇叭", "手持喇叭"),
    EquipmentKind.RADIO: ("对讲机", "walkie-talkie"),
    EquipmentKind.TORCH: ("应急手电", "手电筒", "应急灯", "flashlight"),
    EquipmentKind.GUARD_GEAR: ("安防器材", "防暴器材", "防暴盾牌", "防护钢叉", "钢叉", "guard gear"),
    EquipmentKind.CORDON: ("警戒带", "警戒线", "隔离带", "cordon tape"),
    EquipmentKind.SANDBAG: ("防汛沙袋", "沙袋", "防汛物资"),
    EquipmentKind.OTHER: ("其他", "其它"),
}


@dataclass(frozen=True, slots=True)
class Equipment:
    """One piece, or several of a kind in one place. `number` is on its label; `place`: where in the zone.

    Nobody looks at it without `every_days` or `due_on`. `remind_at`: None until the clock has worked it out.
    """

    number: str
    kind: EquipmentKind
    zone: str
    place: str = ""
    custodian_id: str | None = None
    amount: int = 1
    every_days: int | None = None
    due_on: date | None = None
    note: str = ""
    id: int = 0
    remind_at: datetime | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether the day of its inspection has passed."""
        return self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Inspection:
    """Somebody has looked at a piece and sent a picture. `due_before`, `due_after`: its day before and since."""

    number: str
    done_by: str
    done_at: datetime
    words: str = ""
    due_before: date | None = None
    due_after: date | None = None
    is_undone: bool = False
    id: int = 0


# What the store has given, and no file knows.
NOT_IN_FILES = frozenset({"id", "remind_at"})


def nearest(
    items: Iterable[Equipment], campus: Campus, zone: str | None, kinds: Collection[EquipmentKind] = ()
) -> list[Equipment]:
    """Those of `kinds` (all when empty), the nearest to `zone` first; without a zone in the campus's order."""
    order = {zone_id: place for place, zone_id in enumerate(campus.zones)}
    wanted = [item for item in items if not kinds or item.kind in kinds]
    kind_order = list(EquipmentKind)

    def key(item: Equipment) -> tuple[object, ...]:
        away = campus.distance(zone, item.zone) if zone else (0, 0)
        return *away, order.get(item.zone, len(order)), kind_order.index(item.kind), item.number

    return sorted(wanted, key=key)
