"""Qingcheng's 46 staff, 12 classes and 480 pupils: invented, and the same every time."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import NamedTuple

from bot.demo.equipment import equipment
from bot.demo.places import ZONE_OF_CLASS, ZONES
from bot.domain.place import Name
from bot.domain.roster import Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Roster

FIRST_TELEGRAM_ID = 1001
PUPILS_A_CLASS = 40
_CERTIFICATE = date(2030, 12, 31)
_SEED = 2026

GRADES = {"7": "7年级", "8": "8年级", "9": "9年级"}


class Member(NamedTuple):
    """A line of the staff list."""

    name: str
    name_en: str
    department: str
    role: Role = Role.STAFF
    classes: tuple[str, ...] = ()
    has_certificate: bool = False
    locale: str | None = None


def _grade(number: str) -> tuple[str, ...]:
    return tuple(name for name in ZONE_OF_CLASS if name.startswith(number))


STAFF = (
    Member("李国华", "Li Guohua", "校长室", Role.PRINCIPAL, has_certificate=True),
    Member("张慧", "Zhang Hui", "校长室", Role.DEPUTY, has_certificate=True),
    Member("刘建军", "Liu Jianjun", "校长室", Role.DEPUTY),
    Member("陈刚", "Chen Gang", "德育处", Role.COMMANDER, has_certificate=True),
    Member("杨红梅", "Yang Hongmei", "德育处", Role.COMMANDER),
    Member("孙伟", "Sun Wei", "安全办", Role.SAFETY_OFFICE),
    Member("周丽", "Zhou Li", "安全办", Role.SAFETY_OFFICE),
    Member("吴涛", "Wu Tao", "信息中心", Role.IT_CENTRE),
    Member("郑凯", "Zheng Kai", "信息中心", Role.IT_CENTRE),
    Member("冯雪", "Feng Xue", "医务室", Role.MEDICAL),
    Member("蒋勇", "Jiang Yong", "总务处", Role.ON_SCENE),
    Member("韩冰", "Han Bing", "总务处", Role.ON_SCENE),
    Member("唐志强", "Tang Zhiqiang", "体育组", Role.ON_SCENE),
    Member("曹阳", "Cao Yang", "教务处", Role.DEPARTMENT_LEAD),
    Member("邓小兰", "Deng Xiaolan", "总务处", Role.DEPARTMENT_LEAD),
    Member("彭飞", "Peng Fei", "语文组", Role.DEPARTMENT_LEAD),
    Member("曾琳", "Zeng Lin", "数学组", Role.DEPARTMENT_LEAD),
    Member("萧雅文", "Xiao Yawen", "外语组", Role.DEPARTMENT_LEAD),
    Member("田野", "Tian Ye", "理化生组", Role.DEPARTMENT_LEAD),
    Member("董明", "Dong Ming", "数学组", Role.GRADE_LEAD, _grade("7")),
    Member("潘虹", "Pan Hong", "语文组", Role.GRADE_LEAD, _grade("8")),
    Member("袁浩", "Yuan Hao", "理化生组", Role.GRADE_LEAD, _grade("9")),
    Member("于婷", "Yu Ting", "语文组", Role.CLASS_LEAD, ("7-1",)),
    Member("蔡斌", "Cai Bin", "数学组", Role.CLASS_LEAD, ("7-2",)),
    Member("王芳", "Wang Fang", "语文组", Role.CLASS_LEAD, ("7-3",)),
    Member("余静", "Yu Jing", "外语组", Role.CLASS_LEAD, ("7-4",)),
    Member("杜鹏", "Du Peng", "数学组", Role.CLASS_LEAD, ("8-1",)),
    Member("叶梅", "Ye Mei", "语文组", Role.CLASS_LEAD, ("8-2",)),
    Member("程磊", "Cheng Lei", "理化生组", Role.CLASS_LEAD, ("8-3",)),
    Member("苏晴", "Su Qing", "外语组", Role.CLASS_LEAD, ("8-4",)),
    Member("魏强", "Wei Qiang", "数学组", Role.CLASS_LEAD, ("9-1",)),
    Member("吕倩", "Lü Qian", "语文组", Role.CLASS_LEAD, ("9-2",)),
    Member("丁宁", "Ding Ning", "政史地组", Role.CLASS_LEAD, ("9-3",)),
    Member("任杰", "Ren Jie", "理化生组", Role.CLASS_LEAD, ("9-4",)),
    Member("马超群", "Ma Chaoqun", "体育组"),
    Member("艾米丽", "Emily Carter", "外语组", locale="en"),
    Member("沈悦", "Shen Yue", "音美组"),
    Member("姚建国", "Yao Jianguo", "政史地组"),
    Member("卢佳", "Lu Jia", "音美组"),
    Member("钟诚", "Zhong Cheng", "理化生组"),
    Member("汪洋", "Wang Yang", "数学组"),
    Member("范文君", "Fan Wenjun", "语文组"),
    Member("石磊", "Shi Lei", "总务处"),
    Member("姜楠", "Jiang Nan", "图书馆"),
    Member("白露", "Bai Lu", "外语组"),
    Member("秦岭", "Qin Ling", "政史地组"),
)

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
# Two characters each.
_GIVEN = (
    "子涵浩然欣怡宇轩梓萱思远雨桐俊杰佳怡博文诗琪天佑若曦明哲可馨"
    "泽宇语嫣嘉豪晨曦睿哲静雯子墨一诺文博心悦皓轩雅琪志远梦瑶家乐"
)
_ENROLLED = {"7": "2026", "8": "2025", "9": "2024"}


def roster() -> Roster:
    """Everybody, as after an import, all with Telegram connected and nobody on a duty plan."""
    return Roster(
        people={person.staff_id: person for person in map(_person, range(len(STAFF)), STAFF)},
        classes={name: _school_class(name) for name in ZONE_OF_CLASS},
        pupils={pupil.student_no: pupil for pupil in _pupils()},
        equipment=equipment(),
    )


def _person(index: int, member: Member) -> Person:
    return Person(
        staff_id=f"T{index + 1:03}",
        name=Name(member.name, member.name_en),
        department=member.department,
        roles=frozenset({member.role, Role.STAFF}),
        classes=member.classes,
        phone=f"{8001 + index}",
        telegram_id=FIRST_TELEGRAM_ID + index,
        roster_locale=member.locale,
        camera_training_until=_CERTIFICATE if member.has_certificate else None,
    )


def _school_class(name: str) -> SchoolClass:
    zone = next(zone for zone in ZONES if zone.id == ZONE_OF_CLASS[name])
    return SchoolClass(name, GRADES[name[0]], zone.id, zone.assembly_point)


def _pupils() -> list[Pupil]:
    random = Random(_SEED)
    names = [
        surname + given
        for surname in _SURNAMES
        for given in map("".join, zip(_GIVEN[::2], _GIVEN[1::2], strict=True))
    ]
    drawn = iter(random.sample(names, len(ZONE_OF_CLASS) * PUPILS_A_CLASS))
    return [
        Pupil(f"{_ENROLLED[name[0]]}{int(name[2]):02}{number:02}", next(drawn), name)
        for name in ZONE_OF_CLASS
        for number in range(1, PUPILS_A_CLASS + 1)
    ]
