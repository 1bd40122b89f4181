"""Muster stops, or is killed, in the middle of the count: nothing is lost, nothing is asked or shown twice."""

from __future__ import annotations

from bot.config import load
from bot.storage.database import Database
from tests.support.cast import CENTRE, CHEN, EMILY, LI
from tests.support.process import free_port, processes, until
from tests.support.school36 import GRADE_LEADS, LEADS, NAMES, NAMESAKE, PUPILS, SIZES, School

SILENT = ("7-4", "8-1", "9-12")


def questions(school, name):
    """What the lead's phone shows about the class."""
    return [text for text in school.texts(LEADS[name]) if f" {name}\n" in text]


async def test_answers_given_while_muster_is_down_count_when_it_is_back(school):
    await school.evacuate()
    before, after = NAMES[:10], [name for name in NAMES[10:] if name not in SILENT]
    for name in before:
        await school.all_here(name)
    await school.miss("7-3", "05")
    await school.stop()

    for name in after:
        question = school.question(LEADS[name], name)
        await school.phone(LEADS[name]).press(
            question, question["reply_markup"]["inline_keyboard"][0][0]["text"]
        )
    assert len(school.cards()) == 1
    await school.start()
    await school.settle()

    tally = await school.tally()
    silent = sum(SIZES[name] for name in SILENT if name not in before)
    assert (tally.missing, tally.unknown) == (1, silent)
    assert tally.present == PUPILS - 1 - silent
    assert school.card_calls().count("sendMessage") == 1
    assert {name: len(questions(school, name)) for name in NAMES} == dict.fromkeys(NAMES, 1)
    assert f"实到 {tally.present}" in school.card()["text"]

    await school.after(seconds=125)
    await school.quiet()
    await school.says(LEADS["9-12"], "秒未上报")
    await school.stop()
    await school.start()
    await school.after(seconds=61)
    await school.quiet()
    call = await school.says(GRADE_LEADS["9"], "☎ 请电话联系。")
    assert LEADS["9-12"].phone in call["text"]
    assert len(questions(school, "9-12")) == 2, "the question and one reminder"
    assert len(school.cards()) == 1


async def test_killed_in_the_middle_of_the_answers_it_goes_on_where_it_was(tmp_path):
    school = await School.set(tmp_path)
    settings = tmp_path / "school.toml"
    settings.write_text(settings.read_text("utf-8").replace(':0"', f':{free_port()}"'), "utf-8")
    try:
        async with processes() as run:
            process = run(tmp_path)
            await process.has_logged("running")
            await order_evacuation(school)
            await until(lambda: all(questions(school, name) for name in NAMES), within_s=30)
            await _settled(tmp_path)
            for at, name in enumerate(NAMES):
                if at == len(NAMES) // 2:
                    process.kill()
                await tap(school, name)
            assert NAMESAKE not in "\n".join(process.lines)
        await school.start()
        await school.settle()
        assert (await school.tally()).present == PUPILS
        assert {name: len(questions(school, name)) for name in NAMES} == dict.fromkeys(NAMES, 1)
        assert len(school.cards()) == 1
        assert "实到 1500\n✅ 全员核实用时" in school.card()["text"]
        assert (await school.events()).count("everybody_counted") == 1
        assert await school.read(_ask, "SELECT count(*) FROM roll_calls") == (1,)
        said = "SELECT count(*), count(DISTINCT class) FROM statements"
        assert await school.read(_ask, said) == (36, 36), "each tap was kept once"
    finally:
        await school.stop()
        await school.simulator.stop()


async def _settled(folder):
    """What a kill would leave under way goes again as a repeat; here nothing is."""
    database = Database(load(folder / "school.toml", {}).database.url)
    under_way = "SELECT count(*) FROM deliveries WHERE state = 'queued' AND claimed_by IS NOT NULL"
    await until(lambda: database.read_now(_ask, under_way) == (0,), within_s=10)


def _ask(tx, question):
    return tuple(tx.connection.exec_driver_sql(question).one())


async def tap(school, name):
    """All here, whether Muster lives or not."""
    question = school.question(LEADS[name], name)
    await school.phone(LEADS[name]).press(question, question["reply_markup"]["inline_keyboard"][0][0]["text"])


async def order_evacuation(school):
    """By phones alone: the process has a database of its own."""
    await school.phone(EMILY).send("/report fire A3")
    school.thread = await school.topic_named("2026-0001")
    said = await school.phone(CHEN).send("/evacuate", chat=CENTRE, thread=school.thread)
    asked = await school.says(
        CHEN, "下达疏散指令", chat=CENTRE, thread=school.thread, after=said["message_id"]
    )
    await school.phone(CHEN).press(asked["message_id"], "确认疏散", chat=CENTRE)
    await school.says(LI, "🏃 疏散", timeout=20)
