"""Qingcheng's emergency equipment: what every floor has, and what there is one or two of."""

from __future__ import annotations

from bot.domain.equipment import Equipment, EquipmentKind

_FLOORS = ("A1", "A2", "A3", "B1", "B2", "B3")
_GENERAL, _CLINIC, _LABORATORY, _OFFICE = "T011", "T010", "T019", "T006"
# Two of the people whose phones the demo shows.
_COMMANDER, _CLASS_LEAD = "T004", "T025"
_MONTH, _QUARTER, _HALF_YEAR = 30, 90, 180


def equipment() -> dict[str, Equipment]:
    """By number. When each is due, the clock works out: a month, a quarter, half a year after the import."""
    return {item.number: item for item in (*_on_floors(), *_RARE)}


def _on_floors() -> list[Equipment]:
    kind = EquipmentKind.EXTINGUISHER
    found = [
        Equipment(
            *(f"MHQ-{zone}-{n}", kind, zone, f"{side}侧楼梯口"),
            *(_CLASS_LEAD if zone == "A3" else _GENERAL, 2, _MONTH),
            note="干粉 4kg",
        )
        for zone in _FLOORS
        for n, side in enumerate("东西", start=1)
    ]
    kind = EquipmentKind.HYDRANT
    return found + [
        Equipment(f"XHS-{zone}", kind, zone, "走廊中段", _GENERAL, 1, _QUARTER) for zone in _FLOORS
    ]


_RARE = (
    Equipment("AED-1", EquipmentKind.AED, "A1", "一层大厅值班台旁", _CLINIC, 1, _MONTH),
    Equipment("AED-2", EquipmentKind.AED, "gym", "入口右侧墙面", _CLINIC, 1, _MONTH),
    Equipment("JJX-1", EquipmentKind.FIRST_AID, "office", "医务室", _CLINIC, 3, _QUARTER),
    Equipment("JJX-2", EquipmentKind.FIRST_AID, "gym", "器材室", _CLINIC, 1, _QUARTER),
    Equipment("DJ-1", EquipmentKind.STRETCHER, "office", "医务室", _CLINIC, 2, _HALF_YEAR),
    Equipment("XYQ-1", EquipmentKind.EYEWASH, "lab", "化学实验室水槽旁", _LABORATORY, 1, _MONTH),
    Equipment("MHT-1", EquipmentKind.FIRE_BLANKET, "lab", "化学准备室", _LABORATORY, 2, _QUARTER),
    Equipment("XLB-1", EquipmentKind.SPILL_KIT, "lab", "化学准备室", _LABORATORY, 1, _QUARTER),
    Equipment("MHT-2", EquipmentKind.FIRE_BLANKET, "canteen", "操作间灶台旁", _GENERAL, 2, _QUARTER),
    Equipment("HXQ-1", EquipmentKind.SMOKE_HOOD, "dorm", "每层值班室", _GENERAL, 12, _HALF_YEAR),
    Equipment("OTB-1", EquipmentKind.VOMIT_KIT, "office", "医务室", _CLINIC, 10, _HALF_YEAR),
    Equipment("KYQ-1", EquipmentKind.MEGAPHONE, "office", "安全办", _OFFICE, 4, _QUARTER),
    Equipment("DJJ-1", EquipmentKind.RADIO, "office", "德育处", _COMMANDER, 12, _MONTH),
    Equipment("SD-1", EquipmentKind.TORCH, "office", "安全办", _OFFICE, 6, _QUARTER),
    Equipment("AF-1", EquipmentKind.GUARD_GEAR, "gate", "门卫室", _OFFICE, 4, _MONTH),
    Equipment("JJD-1", EquipmentKind.CORDON, "gate", "门卫室", _OFFICE, 3, _HALF_YEAR),
    Equipment("SB-1", EquipmentKind.SANDBAG, "gate", "门卫室后", _GENERAL, 60, _HALF_YEAR),
)
