"""The surface for other processes and the page."""

import asyncio
import json
import signal
import sys

import pytest

from integrations.telegram.simulator.control import PAGE_FILES, STATIC

TEACHER, STRANGER, FORUM = 1001, 1003, -1001000000001


@pytest.fixture
def control(simulator, session):
    async def ask(path, body=None):
        url = f"{simulator.url}/control/{path}"
        opened = session.get(url) if body is None else session.post(url, json=body)
        async with opened as response:
            return response.status, await response.json()

    return ask


async def test_send_press_and_look(simulator, api, control):
    status, message = await control("send", {"user": STRANGER, "text": "/start"})
    assert (status, message["text"]) == (200, "/start")
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = await api.ask("sendMessage", chat_id=STRANGER, text="press", reply_markup=keyboard)
    press = {"user": STRANGER, "chat": None, "message_id": sent["message_id"], "data": "go"}
    assert (await control("press", press))[1]["query_id"]
    status, problem = await control("press", press | {"data": "stop"})
    assert (status, "Go [go]" in problem["error"]) == (400, True)
    assert (await control("stats"))[1]["sent"] == 1
    calls = (await control("calls?since=0"))[1]
    assert calls[0]["method"] == "sendMessage"
    assert (await control(f"calls?since={calls[-1]['number']}"))[1] == []
    state = (await control("state"))[1]
    assert {one["id"] for one in state["users"]} >= {TEACHER, STRANGER}


async def test_faults_world_topics_and_updates_are_steered(simulator, api, control):
    status, faults = await control("faults", {"status_code": 502, "only_methods": ["getMe"]})
    assert (status, faults["status_code"], simulator.faults.only_methods) == (200, 502, {"getMe"})
    assert (await control("faults", {"nonsense": 1}))[0] == 400
    assert (await control("faults", {"clear": True, "retry_after": {"seconds": 5}}))[1]["status_code"] is None
    assert (await api.answer("sendMessage", chat_id=TEACHER, text="x"))["error_code"] == 429
    world = {
        "users": [{"id": 7, "first_name": "New", "started": True}],
        "groups": [{"id": -1007, "title": "G", "members": [7], "rights": ["can_manage_topics"]}],
        "channels": [{"id": -1008, "title": "C"}],
        "phones": [{"user": 7, "chat": -1007, "label": "New"}],
    }
    assert (await control("world", world))[0] == 200
    assert simulator.phones == [{"user": 7, "chat": -1007, "label": "New"}]
    topic = await api.ask("createForumTopic", chat_id=-1007, name="T")
    assert (await control("delete_topic", {"chat": -1007, "thread": topic["message_thread_id"]}))[0] == 200
    assert (await control("migrate", {"old_id": -1007, "new_id": -1009}))[0] == 200
    await control("inject", {"update_id": 1, "strange": True})
    assert (await control("updates"))[1][-1] == {"update_id": 1, "strange": True}


async def test_commands_follow_language_and_chat(simulator, api, control):
    await api.ask("setMyCommands", commands=[{"command": "help", "description": "帮助"}])
    await api.ask("setMyCommands", commands=[{"command": "help", "description": "Help"}], language_code="en")
    group = {"type": "chat", "chat_id": FORUM}
    await api.ask("setMyCommands", commands=[{"command": "ack", "description": "Ack"}], scope=group)
    assert (await control("commands?user=1002"))[1][0]["description"] == "Help"
    assert (await control(f"commands?user={TEACHER}"))[1][0]["description"] == "帮助"
    assert (await control(f"commands?user={TEACHER}&chat={FORUM}"))[1][0]["command"] == "ack"


async def test_events_tell_every_change_in_order(simulator, api, session):
    async with session.get(f"{simulator.url}/events") as stream:
        assert await stream.content.readline() == b": connected\n"
        await api.ask("sendMessage", chat_id=TEACHER, text="one", disable_notification=True)
        await api.ask("createForumTopic", chat_id=FORUM, name="T")
        seen = []
        async with asyncio.timeout(2):
            while "topics" not in [one["event"] for one in seen]:
                line = await stream.content.readline()
                if line.startswith(b"data: "):
                    seen.append(json.loads(line[6:]))
    assert seen[0]["message"]["text"] == "one"
    assert seen[0]["is_silent"] is True
    assert [one["number"] for one in seen] == sorted(one["number"] for one in seen)


async def test_foreign_hosts_and_forms_are_refused(simulator, session):
    async with session.get(f"{simulator.url}/control/state", headers={"Host": "evil.example"}) as response:
        assert response.status == 403
    async with session.post(f"{simulator.url}/control/faults", data="{}") as response:
        assert response.status == 415


async def test_the_page_and_all_its_files_are_served(simulator, session):
    for path in PAGE_FILES:
        async with session.get(simulator.url + path) as response:
            assert response.status == 200
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert {name for name, _ in PAGE_FILES.values()} == {one.name for one in STATIC.iterdir()}


async def test_it_runs_in_its_own_process(session, tmp_path):
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"users": [{"id": TEACHER, "first_name": "王芳", "started": True}]}), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "integrations.telegram.simulator", "--port", "0", "--token", "5:T"),
        *("--world", str(world), "--no-limits"),
        stdout=asyncio.subprocess.PIPE,
    )
    url = (await process.stdout.readline()).decode().strip()
    async with session.get(f"{url}/bot5:T/sendMessage?chat_id={TEACHER}&text=hello") as response:
        assert (await response.json())["result"]["chat"]["first_name"] == "王芳"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
