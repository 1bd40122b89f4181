"""What school offices call columns, roles and languages: the only place that knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.equipment import CALLED, EquipmentKind
from bot.domain.roster import Role
from bot.domain.roster_diff import Noun

# Per noun, Muster's name of each column and the headings that mean it; of two in one file the earlier counts.
HEADINGS: dict[Noun, dict[str, tuple[str, ...]]] = {
    # Whose name, which class and why may stand there too: Muster reads none of it.
    Noun.ABSENCES: {
        "student_no": ("student_no", "学号", "学生编号", "学籍号", "全国学籍号", "student number"),
        "absent_on": ("absent_on", "缺勤日期", "请假日期", "缺课日期", "未到日期", "absence date"),
    },
    Noun.SHIFTS: {
        "from": ("from", "开始", "开始时间", "起始时间", "值班开始", "值班开始时间", "起", "start"),
        "to": ("to", "结束", "结束时间", "终止时间", "值班结束", "值班结束时间", "止", "end"),
        "role": ("role", "角色", "应急角色", "值班角色", "岗位", "值班岗位", "职责"),
        "staff_id": (
            "staff_id",
            "工号",
            "职工号",
            "教工号",
            "教职工号",
            "员工号",
            "人员编号",
            "值班人工号",
            "值班人员工号",
        ),
    },
    Noun.PEOPLE: {
        "staff_id": ("staff_id", "工号", "职工号", "教工号", "教职工号", "员工号", "人员编号", "教师编号"),
        "name": ("name", "姓名", "中文名", "教师姓名", "教职工姓名"),
        "name_en": ("name_en", "英文名", "英文姓名", "拼音", "姓名拼音", "english name"),
        "department": ("department", "部门", "处室", "科室", "所在部门", "教研组"),
        "roles": ("roles", "角色", "应急角色", "应急职责", "应急岗位", "role", "职务", "岗位"),
        "classes": ("classes", "任教班级", "所带班级", "负责班级", "管理班级", "班主任班级", "班级", "class"),
        "phone": (
            "phone",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "联系电话",
            "电话",
            "联系方式",
            "mobile",
        ),
        "telegram_id": ("telegram_id", "telegramid", "telegram", "telegram号", "telegram编号", "tg号"),
        "locale": ("locale", "语言", "界面语言", "使用语言", "language"),
        "camera_training_until": (
            "camera_training_until",
            "摄像头培训有效期",
            "监控培训有效期",
            "视频培训有效期",
            "视频监控培训有效期至",
            "摄像头培训有效期至",
            "监控培训有效期至",
            "监控证书有效期",
        ),
    },
    Noun.PUPILS: {
        "student_no": ("student_no", "学号", "学生编号", "学籍号", "全国学籍号", "student number"),
        "name": ("name", "姓名", "学生姓名", "中文名"),
        "class": ("class", "班级", "所在班级", "班级名称", "行政班"),
    },
    Noun.CLASSES: {
        "class": ("class", "班级", "班级名称", "班名"),
        "grade": ("grade", "年级", "所在年级"),
        "zone": ("zone", "区域", "上课区域", "所在区域", "教室区域", "位置"),
        "assembly_point": ("assembly_point", "集合点", "疏散集合点", "疏散点", "集合地点"),
    },
    Noun.EQUIPMENT: {
        "equipment_no": ("equipment_no", "器材编号", "设备编号", "物资编号", "编号", "equipment number"),
        "kind": ("kind", "器材类别", "器材名称", "设备名称", "物资名称", "类别", "名称", "器材"),
        "zone": ("zone", "区域", "所在区域", "存放区域"),
        "place": ("place", "具体位置", "存放位置", "放置位置", "存放地点", "放置地点", "位置"),
        "custodian": ("custodian", "保管人工号", "责任人工号", "管理人工号", "保管人", "责任人"),
        "amount": ("amount", "数量", "count"),
        "inspected_on": ("inspected_on", "上次检查日期", "上次检查", "最近检查日期", "last inspection"),
        "every_days": ("every_days", "检查周期", "检查间隔", "巡检周期", "inspection interval"),
        "due_on": ("due_on", "下次检查日期", "下次检查", "应检日期", "next inspection"),
        "note": ("note", "备注", "规格", "规格型号", "型号", "remarks"),
    },
}

# What the values call the columns whose names differ from Muster's fields; empty: an empty cell says nothing either.
FIELD_OF: dict[Noun, dict[str, str]] = {
    Noun.PEOPLE: {"locale": "roster_locale"},
    Noun.PUPILS: {"class": "school_class"},
    Noun.EQUIPMENT: {"equipment_no": "number", "custodian": "custodian_id", "inspected_on": "", "due_on": ""},
}

ROLE_NAMES: dict[Role, tuple[str, ...]] = {
    Role.PRINCIPAL: ("校长", "正校长"),
    Role.DEPUTY: ("副校长", "分管副校长", "安全副校长", "vice principal", "deputy principal"),
    Role.COMMANDER: ("总指挥", "应急指挥", "应急总指挥", "指挥员", "应急指挥员"),
    Role.SAFETY_OFFICE: ("安全办", "安全办公室", "安全处", "保卫处", "保卫科", "安保处", "安全专干"),
    Role.IT_CENTRE: ("信息中心", "信息技术中心", "网络中心", "电教中心"),
    Role.ON_SCENE: ("现场处置组", "现场处置", "现场负责人"),
    Role.MEDICAL: ("校医", "医务室", "校医室", "卫生室", "保健教师", "保健老师", "医疗救护组"),
    Role.DEPARTMENT_LEAD: ("部门负责人", "部门主任", "处室主任", "处室负责人", "中层干部"),
    Role.GRADE_LEAD: ("年级组长", "年级主任", "年级长", "级长"),
    Role.CLASS_LEAD: ("班主任",),
    Role.STAFF: ("教职工", "教师", "任课教师", "科任教师", "老师", "职工", "员工", "teacher"),
}

LOCALES: dict[str, str] = {
    "zh_hans": "zh_Hans",
    "zh": "zh_Hans",
    "zh_cn": "zh_Hans",
    "中文": "zh_Hans",
    "汉语": "zh_Hans",
    "简体中文": "zh_Hans",
    "en": "en",
    "en_us": "en",
    "en_gb": "en",
    "english": "en",
    "英文": "en",
    "英语": "en",
}

_LONGEST = 100
_REMARK = re.compile(r"\(.*?\)|[*:：]")


def plain(heading: str) -> str:
    """A heading or role without case, width, blanks, stars and remarks in brackets."""
    text = _REMARK.sub("", unicodedata.normalize("NFKC", heading[:_LONGEST])).casefold()
    return "_".join(text.replace("-", "_").split())


_ROLES: dict[str, Role] = {
    plain(word): role for role, words in ROLE_NAMES.items() for word in (role.value, *words)
}


def role_of(word: str) -> Role | None:
    """The role with this English or Chinese name."""
    return _ROLES.get(plain(word))


_EQUIPMENT: dict[str, EquipmentKind] = {
    plain(word): kind for kind, words in CALLED.items() for word in (kind.value, *words)
}


def equipment_of(word: str) -> EquipmentKind | None:
    """The kind of equipment with this English or Chinese name."""
    return _EQUIPMENT.get(plain(word))


def locale_of(word: str) -> str | None:
    """The locale with this name."""
    return LOCALES.get(plain(word))


@dataclass(frozen=True)
class Header:
    """A heading line: where each column is, and how the file calls it."""

    noun: Noun
    at: dict[str, int]
    called: dict[str, str]
    ignored: tuple[str, ...]
    width: int

    @property
    def absent(self) -> frozenset[str]:
        """The value's fields that the file has no column for."""
        names = FIELD_OF.get(self.noun, {})
        missing = (names.get(column, column) for column in HEADINGS[self.noun] if column not in self.at)
        return frozenset(filter(None, missing))


def recognise(cells: Sequence[str]) -> Header | None:
    """The heading line in `cells`, or None when it is none."""
    places: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if word := plain(cell):
            places.setdefault(word, index)
    for noun in Noun.SHIFTS, Noun.ABSENCES, Noun.EQUIPMENT, Noun.PEOPLE, Noun.PUPILS, Noun.CLASSES:
        at = _columns_of(noun, places)
        if _is_enough(noun, at, places):
            used = set(at.values())
            ignored = tuple(cell for index, cell in enumerate(cells) if cell and index not in used)
            width = max(index for index, cell in enumerate(cells) if cell) + 1
            return Header(noun, at, {column: cells[index] for column, index in at.items()}, ignored, width)
    return None


def key_without_name(cells: Iterable[str]) -> str:
    """The heading of a key column in a line that is no roster's, or an empty text."""
    keys = {
        plain(word) for noun in (Noun.PEOPLE, Noun.PUPILS) for word in next(iter(HEADINGS[noun].values()))
    }
    return next((cell for cell in cells if plain(cell) in keys), "")


def repeated(header: Header, cells: Sequence[str]) -> str:
    """A heading of a used column that stands there twice, or an empty text."""
    words = [plain(cell) for cell in cells]
    return next((cell for cell in header.called.values() if words.count(plain(cell)) > 1), "")


def _columns_of(noun: Noun, places: dict[str, int]) -> dict[str, int]:
    at: dict[str, int] = {}
    for column, headings in HEADINGS[noun].items():
        index = next((places[plain(word)] for word in headings if plain(word) in places), None)
        if index is not None and index not in at.values():
            at[column] = index
    return at


def _is_enough(noun: Noun, at: dict[str, int], places: dict[str, int]) -> bool:
    match noun:
        case Noun.SHIFTS | Noun.ABSENCES:
            return at.keys() == HEADINGS[noun].keys()
        case Noun.EQUIPMENT:
            return {"equipment_no", "kind", "zone"} <= at.keys()
        case Noun.PEOPLE:
            return {"staff_id", "name"} <= at.keys()
        case Noun.PUPILS:
            return "student_no" in at and len(at) > 1
        case Noun.CLASSES:
            people = (*HEADINGS[Noun.PEOPLE]["name"], *HEADINGS[Noun.PEOPLE]["staff_id"])
            return "class" in at and not any(plain(word) in places for word in people)
