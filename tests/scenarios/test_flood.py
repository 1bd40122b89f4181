"""More, stranger and worse than any phone sends: nothing is lost, nothing doubled, nobody else waits."""

from __future__ import annotations

import asyncio

from tests.support.cast import CENTRE, CHEN, EMILY, LI, SUN, WANG, ZHAO


async def test_five_hundred_messages_of_one_person_are_all_kept_and_hold_nobody_up(stage):
    await stage.phone(WANG).send("🆘 SOS")
    await stage.says(WANG, "已收到，事件 2026-0001")
    wang = stage.phone(WANG)
    for n in range(500):
        await wang.send(f"第{n}条")
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "report 2 of incident 2026-0001")
    await stage.says(SUN, "Emily Carter pressed SOS (report 2)")

    await stage.quiet(timeout=60)
    entries = await stage.read(lambda tx: tx.timeline.all(1))
    people = [entry.actor_id for entry in entries if entry.actor_id]
    assert people[-1] == WANG.staff_id, "who called after them did not wait for all of them"
    words = [e.params["words"] for e in entries if e.event == "words_added"]
    assert words == [f"第{n}条" for n in range(500)], "all of them, in their order"
    answers = [m for m in wang.messages() if "已记入" in m.get("text", "")]
    assert 1 <= len(answers) < 500, "how many become one depends on which side is faster"


async def test_what_comes_twice_or_in_disorder_counts_once(stage):
    stage.simulator.world.updates.is_doubled = True
    stage.simulator.world.updates.is_reversed = True
    people = (WANG, EMILY, LI, ZHAO)
    await asyncio.gather(*(stage.phone(person).send("🆘 SOS") for person in people))
    for person in people:
        await stage.says(person, "2026-0001")
    await stage.quiet()
    stage.simulator.redeliver(100)
    await stage.phone(SUN).send("/whoami")
    await stage.says(SUN, "Sun Li")
    await stage.quiet()
    reports = await stage.read(lambda tx: tx.reports.of_incident(1))
    assert sorted((report.reporter_id, report.presses) for report in reports) == [
        (person.staff_id, 1) for person in people
    ]
    assert len(stage.topics()) == 1


BROKEN = (
    None,
    17,
    "update",
    [],
    {},
    {"message": None},
    {"message": {}},
    {"message": {"message_id": "x", "date": "y", "chat": 5}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private"}, "from": {"id": 1001}}},
    {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 1001, "type": "private"}, "text": "/sos"}},
    {"callback_query": {"id": 5}},
    {
        "callback_query": {
            "id": "5",
            "from": {"id": 1003, "is_bot": False, "first_name": "x"},
            "data": {"a": 1},
        }
    },
    {"edited_message": {"message_id": 1}},
    {"update_from_the_future": {"text": "/sos"}},
    {"update_id": "x", "message": {}},
    {"update_id": -5, "message": {}},
    {"message": {"deep": [[[[[[[[{"a": "\x00"}]]]]]]]]}},
)


async def test_broken_and_unknown_updates_stop_nobody(stage):
    for update in BROKEN:
        stage.simulator.inject_raw(update)
    await stage.phone(EMILY).send("🆘 SOS")
    await stage.says(EMILY, "Received: incident 2026-0001")
    for update in BROKEN:
        stage.simulator.inject_raw(update)
    await stage.phone(CHEN).send("/ack")
    await stage.says(EMILY, "Chen Gang has seen your report")
    assert len(stage.topics()) == 1


async def test_names_and_words_with_markup_and_tricks_are_shown_as_they_are_meant(stage):
    evil = "<b>x</b> &amp; \u202eesrever\u202c \x00 </a> {who} %s"
    user = {
        "id": WANG.telegram_id,
        "is_bot": False,
        "first_name": evil,
        "last_name": evil,
        "language_code": evil,
    }
    chat = {"id": WANG.telegram_id, "type": "private", "first_name": evil}
    body = {"message_id": 900, "date": 1, "chat": chat, "from": user}
    report = {
        "text": f"/report fire A3 {evil}",
        "entities": [{"type": "bot_command", "offset": 0, "length": 7}],
    }
    stage.simulator.inject_raw({"message": body | report})
    await stage.says(WANG, "已收到，事件 2026-0001")
    stage.simulator.inject_raw({"message": body | {"message_id": 901, "text": evil}})
    await stage.says(WANG, "已记入 2026-0001")
    thread = await stage.topic_named("2026-0001")
    shown = "<b>x</b> &amp; esrever  </a> {who} %s"
    await stage.says(CHEN, f"“{shown}”", chat=CENTRE, thread=thread)
    await stage.phone(SUN).send("/note 2026-0001 {number} <i>&")
    await stage.says(CHEN, "孙丽记录：{number} <i>&", chat=CENTRE, thread=thread)


async def test_a_report_as_long_as_telegram_allows_arrives(stage):
    await stage.phone(EMILY).send("/report fire A3 " + "🔥<&" * 1020)
    await stage.says(EMILY, "Received: incident 2026-0001")
    thread = await stage.topic_named("2026-0001")
    await stage.says(CHEN, "🔥<&🔥<&", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).send("/note " + "长" * 4090, chat=CENTRE, thread=thread)
    await stage.says(CHEN, "陈刚记录：长长", chat=CENTRE, thread=thread)
    await stage.phone(CHEN).send("/cancel " + "误" * 4080, chat=CENTRE, thread=thread)
    await stage.says(EMILY, "FALSE ALARM")
    await stage.quiet()
    refused = [c for c in stage.simulator.calls if c.status == 400 and "not modified" not in c.description]
    assert refused == []
