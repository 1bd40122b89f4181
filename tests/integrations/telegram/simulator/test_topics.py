"""A forum's topics."""

import pytest

TEACHER, PRINCIPAL = 1001, 1002
FORUM = -1001000000001


async def test_a_topic_is_made_written_to_renamed_closed_opened_and_deleted(simulator, api):
    topic = await api.ask("createForumTopic", chat_id=FORUM, name="2026-0007 Fire")
    place = {"chat_id": FORUM, "message_thread_id": topic["message_thread_id"]}
    message = await api.ask("sendMessage", **place, text="card")
    assert message["is_topic_message"] is True
    assert message["message_thread_id"] == topic["message_thread_id"]
    await api.ask("editForumTopic", **place, name="2026-0007 Fire, all clear")
    await api.ask("closeForumTopic", **place)
    assert "TOPIC_NOT_MODIFIED" in await api.refusal("closeForumTopic", **place)
    await api.ask("sendMessage", **place, text="an administrator may still write")
    with pytest.raises(PermissionError):
        await simulator.phone(TEACHER).send("x", FORUM, topic["message_thread_id"])
    await api.ask("reopenForumTopic", **place)
    await api.ask("deleteForumTopic", **place)
    assert simulator.phone(TEACHER).messages(FORUM) == []
    assert "message thread not found" in await api.refusal("sendMessage", **place, text="x")


async def test_an_unchanged_name_is_refused(api):
    topic = await api.ask("createForumTopic", chat_id=FORUM, name="Fire")
    place = {"chat_id": FORUM, "message_thread_id": topic["message_thread_id"]}
    assert await api.refusal("editForumTopic", **place, name="Fire") == "400 Bad Request: TOPIC_NOT_MODIFIED"


async def test_rights_and_names_are_checked(simulator, api):
    simulator.add_group(-1002, "Plain", members=[TEACHER], is_forum=False)
    simulator.add_group(-1003, "No rights", members=[TEACHER], rights={"can_manage_chat"})
    assert "the chat is not a forum" in await api.refusal("createForumTopic", chat_id=-1002, name="x")
    assert "not enough rights to create a topic" in await api.refusal(
        "createForumTopic", chat_id=-1003, name="x"
    )
    assert "topic name is empty" in await api.refusal("createForumTopic", chat_id=FORUM, name=" ")
    assert "too long" in await api.refusal("createForumTopic", chat_id=FORUM, name="x" * 129)
    assert "icon color" in await api.refusal("createForumTopic", chat_id=FORUM, name="x", icon_color=5)
    sent = await api.ask("sendMessage", chat_id=-1003, text="x")
    refused = await api.refusal("pinChatMessage", chat_id=-1003, message_id=sent["message_id"])
    assert "not enough rights to manage pinned messages" in refused


async def test_a_topic_deleted_by_hand_tells_the_bot_nothing(simulator, api):
    topic = await api.ask("createForumTopic", chat_id=FORUM, name="Fire")
    await api.ask("getUpdates", offset=-1)
    simulator.delete_topic(FORUM, topic["message_thread_id"])
    assert len(simulator.updates_pending()) == 1
    refused = await api.refusal(
        "sendMessage", chat_id=FORUM, message_thread_id=topic["message_thread_id"], text="x"
    )
    assert refused == "400 Bad Request: message thread not found"


async def test_a_person_writes_into_a_topic_or_general(simulator, api):
    topic = await api.ask("createForumTopic", chat_id=FORUM, name="Fire")
    phone = simulator.phone(TEACHER)
    inside = await phone.send("inside", FORUM, topic["message_thread_id"])
    general = await phone.send("general", FORUM)
    assert inside["reply_to_message"]["forum_topic_created"]["name"] == "Fire"
    assert "message_thread_id" not in general
    assert [one["text"] for one in phone.messages(FORUM, 1)] == ["general"]
    with pytest.raises(LookupError):
        await phone.send("x", FORUM, 999)


async def test_pins_of_one_topic_are_taken_off_together(simulator, api):
    topic = await api.ask("createForumTopic", chat_id=FORUM, name="Fire")
    place = {"chat_id": FORUM, "message_thread_id": topic["message_thread_id"]}
    for params in (place, {"chat_id": FORUM}):
        sent = await api.ask("sendMessage", **params, text="card")
        await api.ask("pinChatMessage", chat_id=FORUM, message_id=sent["message_id"])
    await api.ask("unpinAllForumTopicMessages", **place)
    assert [one.get("message_thread_id") for one in simulator.phone(TEACHER).pinned(FORUM)] == [None]
