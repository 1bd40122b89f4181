"""Qingcheng's campus: 14 zones, three places to gather, three cameras in the open."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """An assembly point."""

    id: str
    name: str
    name_en: str


class Place(NamedTuple):
    """A zone and where its people gather."""

    id: str
    name: str
    name_en: str
    kind: str
    assembly_point: str


class Camera(NamedTuple):
    """A camera; none looks into the dormitory."""

    id: str
    zone: str
    name: str
    name_en: str


POINTS = (
    Point("field", "操场", "Sports field"),
    Point("court", "篮球场", "Basketball court"),
    Point("plaza", "东门广场", "East gate plaza"),
)

ZONES = (
    Place("A1", "教学楼A座一层", "Building A, floor 1", "classroom", "field"),
    Place("A2", "教学楼A座二层", "Building A, floor 2", "classroom", "field"),
    Place("A3", "教学楼A座三层", "Building A, floor 3", "classroom", "field"),
    Place("B1", "教学楼B座一层", "Building B, floor 1", "classroom", "court"),
    Place("B2", "教学楼B座二层", "Building B, floor 2", "classroom", "court"),
    Place("B3", "教学楼B座三层", "Building B, floor 3", "classroom", "court"),
    Place("lab", "实验楼", "Laboratory building", "laboratory", "court"),
    Place("library", "图书馆", "Library", "library", "plaza"),
    Place("office", "行政楼", "Administration building", "office", "plaza"),
    Place("canteen", "食堂", "Canteen", "canteen", "field"),
    Place("gym", "体育馆", "Gymnasium", "gym", "field"),
    Place("yard", "操场", "Sports field", "outdoor", "field"),
    Place("dorm", "学生宿舍", "Dormitory", "dormitory", "court"),
    Place("gate", "东门", "East gate", "gate", "plaza"),
)

CAMERAS = (
    Camera("gate", "gate", "东门", "East gate"),
    Camera("A3", "A3", "教学楼A座三层走廊", "Building A, floor 3, corridor"),
    Camera("canteen", "canteen", "食堂", "Canteen"),
)

# Key areas, each with a code to check in.
PATROL_ZONES = ("gate", "canteen", "lab", "dorm")

# Where each class is in lessons.
ZONE_OF_CLASS = {
    "7-1": "A2",
    "7-2": "A2",
    "7-3": "A3",
    "7-4": "A3",
    "8-1": "B1",
    "8-2": "B1",
    "8-3": "B2",
    "8-4": "B2",
    "9-1": "B3",
    "9-2": "B3",
    "9-3": "A1",
    "9-4": "A1",
}
