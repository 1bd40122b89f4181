"""Takes the pictures of documents for the README and docs: `python -m tests.browser.paper_pictures`. Look at them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from bot.domain.digest import DigestKind
from bot.domain.document import Document, DocumentKind
from bot.messages.papers import lay_out
from bot.services.digesting import read_digest
from bot.services.turn import Turn
from integrations.documents.paper import picture_paper
from tests.support.after_action import accepted, all_clear, evacuate, fire, made
from tests.support.cast import CENTRE, EMILY, LI
from tests.support.school36 import NAMES, School, school36
from tests.support.stage import BEGINNING

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PPI = 58
PAGES = 4
GAP = 18
# Text on white: without a filter a quarter smaller.
SMALL = (cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE)


async def main() -> None:
    """One evacuation of the whole school, told to its end."""
    with TemporaryDirectory() as folder:
        async with school36(Path(folder)) as school:
            await tell(school)
            report, digest = await documents(school)
            for locale, name in (("zh_Hans", "zh"), ("en", "en")):
                decision = await school.read(lambda tx: tx.after_actions.decision_of(report.id))
                save(f"report-{name}.png", report, locale, decision, school)
                save(f"digest-{name}.png", digest, locale, None, school)


async def tell(school: School) -> None:
    """Two drills weeks before, then a fire: counted, with one pupil missing for a while, and evaluated."""
    school.clock.set(BEGINNING - timedelta(days=25))
    for number, days, slow in (("2026-0001", 0, 3.5), ("2026-0002", 12, 2.6)):
        school.clock.ahead += timedelta(days=days)
        await school.phone(LI).send("/drill fire A3")
        school.thread = await school.topic_named(number)
        await evacuate(school, school.thread)
        await count(school, slow)
        await all_clear(school, school.thread)
        await school.command("/close 演练结束", "陈刚结案")
    school.clock.set(BEGINNING)
    school.thread = await fire(school)
    school.clock.ahead += timedelta(seconds=21)
    await evacuate(school, school.thread)
    await school.phone(LI).send("/note 三楼东侧走廊有烟，已切断电源", chat=CENTRE, thread=school.thread)
    await count(school, 3)
    school.clock.ahead += timedelta(minutes=6)
    await all_clear(school, school.thread)
    await school.phone(LI).send("/afteraction 2026-0003 cause 三楼配电间线路老化短路，引燃包装纸箱。")
    await school.phone(LI).send(
        "/afteraction 2026-0003 effect 三分钟内全员到齐，无人受伤；北侧楼梯一度拥挤。"
    )
    await school.phone(EMILY).send("/afteraction 2026-0003 improve The north stairs were too crowded.")
    await school.phone(LI).send("/corrective 2026-0003 吴涛 +14 更换三楼配电箱，清空配电间")
    await made(school)
    await accepted(school, "2026-0003")


async def count(school: School, pace: float) -> None:
    """Class after class."""
    for at, name in enumerate(NAMES):
        await school.all_here(name)
        school.clock.ahead += timedelta(seconds=pace * (0.6 + at % 5 / 5))
    await school.settle()


async def documents(school: School) -> tuple[Document, Document]:
    """The accepted report, and the week's digest of now."""
    newest = await school.read(lambda tx: tx.after_actions.versions(3)[-1].document_id)
    return await school.read(lambda tx: tx.documents.get(newest)), await week(school)


async def week(school: School) -> Document:
    """As `/digest week` makes it."""
    assert school.muster is not None

    def read(tx: Any) -> Document:
        turn = Turn(tx, school.muster.school, school.clock())
        params = read_digest(turn, DigestKind.WEEKLY, school.muster.school.day(turn.now))
        return tx.documents.get(params["document"])

    return await school.muster.database.write(read)


def save(name: str, document: Document, locale: str, decision: Any, school: School) -> None:
    """The first pages side by side, as on a table."""
    assert school.muster is not None
    pages = picture_paper([lay_out(document, school.muster.languages[locale], decision)], ppi=PPI)
    chosen = pages if len(pages) <= PAGES else [*pages[: PAGES - 1], pages[-1]]
    shown = [cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_COLOR) for page in chosen]
    height, width = shown[0].shape[:2]
    table = np.full((height + 2 * GAP, len(shown) * (width + GAP) + GAP, 3), 214, np.uint8)
    for at, page in enumerate(shown):
        left = GAP + at * (width + GAP)
        table[GAP : GAP + height, left : left + width] = page
    cv2.imwrite(str(FOLDER / name), table, SMALL)
    assert document.kind in (DocumentKind.AFTER_ACTION, DocumentKind.DIGEST)


if __name__ == "__main__":
    asyncio.run(main())
