"""The words that people configure into machines, and what Muster calls them. Unknown words mean nothing."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TypeVar

from bot.domain.cap import CapSeverity
from bot.domain.incident import Kind

_LONGEST = 64

_KIND_WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.FIRE: ("火警", "火灾", "着火", "烟感", "温感", "烟雾", "smoke", "heat", "fire alarm", "fire_alarm"),
    Kind.EARTHQUAKE: ("地震", "地震预警", "quake", "seismic"),
    Kind.INTRUDER: ("入侵", "闯入", "周界", "intrusion", "intruder", "trespass", "burglary", "break-in"),
    Kind.VIOLENCE: (
        "暴力",
        "打架",
        "斗殴",
        "一键报警",
        "紧急求助",
        "fight",
        "weapon",
        "gunshot",
        "panic",
        "duress",
    ),
    Kind.MEDICAL: ("医疗", "急救", "伤病", "health", "injury", "fall"),
    Kind.FOOD_POISONING: ("食物中毒", "food poisoning"),
    Kind.INFECTIOUS_DISEASE: ("传染病", "疫情", "epidemic"),
    Kind.CHEMICAL: ("危化品", "化学品", "泄漏", "燃气", "燃气泄漏", "gas", "gas leak", "cbrne", "leak", "co"),
    Kind.CROWD_CRUSH: ("踩踏", "拥挤", "人群聚集", "crowd", "stampede", "crush"),
    Kind.TRAFFIC: ("交通", "车祸", "transport", "vehicle"),
    Kind.STRUCTURAL: ("建筑", "坍塌", "结构", "collapse", "landslide"),
    Kind.SEVERE_WEATHER: ("恶劣天气", "气象", "天气", "台风", "暴雨", "weather", "met", "storm", "typhoon"),
    Kind.UTILITY: ("停电", "停水", "设施", "power", "water", "infra", "power outage", "outage"),
    Kind.MISSING_PERSON: ("走失", "失踪", "missing"),
    Kind.BULLYING: ("欺凌", "霸凌", "bully"),
    Kind.OTHER: ("其他", "其它"),
}

_SEVERITY_WORDS: dict[CapSeverity, str] = {
    CapSeverity.EXTREME: "1,i,i级,一级,特别重大,特别严重,红,红色,red,disaster,emergency,catastrophic",
    CapSeverity.SEVERE: "2,ii,ii级,二级,重大,严重,橙,橙色,orange,critical,major,high,error,page",
    CapSeverity.MODERATE: "3,iii,iii级,三级,较大,较重,黄,黄色,yellow,warning,warn,average,medium",
    CapSeverity.MINOR: "4,iv,iv级,四级,一般,蓝,蓝色,blue,info,information,notice,low,standard",
}

TRUE_WORDS = frozenset({"1", "true", "yes", "y", "on", "是", "真", "drill", "exercise", "演练", "演习"})


def folded(word: str) -> str:
    """A word without case, width (Ⅳ becomes iv) and surplus blanks."""
    return " ".join(unicodedata.normalize("NFKC", word[:_LONGEST]).casefold().split())


_KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind} | {
    folded(word): kind for kind, words in _KIND_WORDS.items() for word in words
}
_SEVERITIES: dict[str, CapSeverity] = {
    severity.value.casefold(): severity for severity in CapSeverity if severity is not CapSeverity.UNKNOWN
} | {word: severity for severity, words in _SEVERITY_WORDS.items() for word in words.split(",")}

Word = TypeVar("Word", bound=StrEnum)


def kind_of(word: str) -> Kind | None:
    """The kind with this name in English or Chinese."""
    key = folded(word)
    return _KINDS.get(key) or _KINDS.get(key.replace(" ", "_").replace("-", "_"))


def severity_of(word: str) -> CapSeverity:
    """CAP's, Prometheus's, the law's or a weather colour's word; a number is Muster's own grade."""
    return _SEVERITIES.get(folded(word), CapSeverity.UNKNOWN)


def word_of(words: type[Word], said: str, otherwise: Word) -> Word:
    """The member that is written like this in any case."""
    return {member.value.casefold(): member for member in words}.get(folded(said), otherwise)


def is_true(word: str) -> bool:
    """Whether it clearly says yes; a doubtful drill is real."""
    return folded(word) in TRUE_WORDS


CJK = re.compile("[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """`zh` for Chinese characters, else unknown."""
    return "zh" if CJK.search(text) else ""
