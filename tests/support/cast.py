"""An invented school small enough to keep in one's head: one person for each role."""

from __future__ import annotations

from datetime import date

from bot.domain.place import Name
from bot.domain.roster import Person, Pupil, Role, SchoolClass

CENTRE = -1001000000001
CHANNEL = -1001000000002
TOKEN = "1000001:TESTTESTTESTTESTTESTTESTTESTTESTTEST"

STRANGER = 1999


def _person(
    number: int, zh: str, en: str, *roles: Role, locale: str = "zh_Hans", classes: tuple[str, ...] = ()
) -> Person:
    return Person(
        staff_id=f"T{number}",
        name=Name(zh, en),
        roles=frozenset({Role.STAFF, *roles}),
        classes=classes,
        telegram_id=1000 + number,
        roster_locale=locale,
        camera_training_until=date(2030, 1, 1),
    )


WANG = _person(1, "王芳", "Wang Fang", Role.CLASS_LEAD, classes=("7-3",))
EMILY = _person(2, "艾米丽", "Emily Carter", locale="en")
CHEN = _person(3, "陈刚", "Chen Gang", Role.COMMANDER)
LI = _person(4, "李明", "Li Ming", Role.SAFETY_OFFICE)
ZHAO = _person(5, "赵敏", "Zhao Min", Role.PRINCIPAL)
SUN = _person(6, "孙丽", "Sun Li", Role.DEPUTY, locale="en")
WU = _person(7, "吴涛", "Wu Tao", Role.IT_CENTRE)
ZHENG = _person(8, "郑洁", "Zheng Jie", Role.MEDICAL)
QIAN = _person(9, "钱伟", "Qian Wei", Role.GRADE_LEAD, classes=("7",))
FENG = _person(10, "冯雪", "Feng Xue", Role.DEPARTMENT_LEAD)
HAN = _person(11, "韩磊", "Han Lei", Role.ON_SCENE)

CAST = (WANG, EMILY, CHEN, LI, ZHAO, SUN, WU, ZHENG, QIAN, FENG, HAN)
BY_ROLE = {
    Role.CLASS_LEAD: WANG,
    Role.STAFF: EMILY,
    Role.COMMANDER: CHEN,
    Role.SAFETY_OFFICE: LI,
    Role.PRINCIPAL: ZHAO,
    Role.DEPUTY: SUN,
    Role.IT_CENTRE: WU,
    Role.MEDICAL: ZHENG,
    Role.GRADE_LEAD: QIAN,
    Role.DEPARTMENT_LEAD: FENG,
    Role.ON_SCENE: HAN,
}

CLASSES = (SchoolClass("7-3", "7", "A3", "field"),)
PUPILS = tuple(Pupil(f"70300{n}", f"学生{n}", "7-3") for n in range(1, 6))

SETTINGS = """
[school]
name = "青城中学"
name_en = "Qingcheng Middle School"
timezone = "Asia/Shanghai"
alarm_phone = "0571-0110"

[telegram]
token = "{token}"
api_url = "{api_url}"
command_centre = -1001000000001
channel = -1001000000002

[web]
listen = "127.0.0.1:{port}"

[[assembly_points]]
id = "field"
name = "操场"
name_en = "Sports field"

[[zones]]
id = "A3"
name = "教学楼A座三层"
name_en = "Building A, floor 3"
kind = "classroom"
assembly_point = "field"

[[zones]]
id = "gym"
name = "体育馆"
name_en = "Gym"
kind = "gym"

[[zones]]
id = "dorm"
name = "宿舍"
name_en = "Dormitory"
kind = "dormitory"
"""
