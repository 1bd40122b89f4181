"""One incident played by real clicks: SOS, kind, place, acknowledge, command, evacuate, count, announce."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

# Lines and cards keep to a group's 20 messages a minute; the card is current within half of one.
CARD_MS = 30_000
# An alarm opens with it, in every language.
RUNG = "🚨"


@dataclass(frozen=True)
class Words:
    """What the phones show in one language."""

    received: str
    kind: str
    place: str
    seen_button: str
    seen: str
    take_command: str
    evacuate: str
    confirm: str
    assemble: str
    in_force: str
    asks_count: str
    open_list: str
    all_here: str
    safe: str
    noted_safe: str
    open_board: str
    submit: str
    asks_approval: str
    approve: str


WORDS = {
    "zh_Hans": Words(
        received="已收到，事件 2026-0001",
        kind="火灾",
        place="教学楼A座三层",
        seen_button="已看到",
        seen="陈刚已看到您的报告",
        take_command="担任总指挥",
        evacuate="疏散",
        confirm="确认疏散",
        assemble="集合地点",
        in_force="当前指令：🏃 疏散",
        asks_count="清点人数",
        open_list="打开名单",
        all_here="全部到齐（40）",
        safe="我平安",
        noted_safe="已记录：您平安",
        open_board="打开大屏",
        submit="提交审批",
        asks_approval="提请审批",
        approve="✅ 批准",
    ),
    "en": Words(
        received="Received: incident 2026-0001",
        kind="Fire",
        place="Building A, floor 3",
        seen_button="I have seen it",
        seen="Chen Gang has seen your report",
        take_command="Take command",
        evacuate="EVACUATE",
        confirm="Confirm EVACUATE",
        assemble="Assemble at",
        in_force="In force: 🏃 EVACUATE",
        asks_count="Headcount",
        open_list="Open the list",
        all_here="All 40 here",
        safe="I am safe",
        noted_safe="You are noted as safe",
        open_board="Open the board",
        submit="Submit",
        asks_approval="asks for your approval",
        approve="✅ Approve",
    ),
}


class Play:
    """The demo's four phones in one browser page: teacher, class lead, command centre, principal."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page = page
        self.locale = locale
        self.words = WORDS[locale]
        phones = page.locator(".phone")
        self.teacher, self.lead, self.centre, self.principal = (phones.nth(i) for i in range(4))

    @property
    def phones(self) -> tuple[Locator, ...]:
        return (self.teacher, self.lead, self.centre, self.principal)

    async def show(self, phone: Locator) -> None:
        """On a narrow screen one phone is seen at a time: press its tab."""
        tab = self.page.locator(".tab").nth(self.phones.index(phone))
        if await tab.is_visible():
            await tab.click()
            await expect(tab).to_have_class("tab open")

    async def press(self, phone: Locator, label: str) -> None:
        """Press the newest button with this label."""
        await self.show(phone)
        await phone.locator(".keyboard .key", has_text=label).last.click()

    async def write(self, phone: Locator, text: str) -> None:
        """Type and send."""
        await self.show(phone)
        await phone.locator(".input").fill(text)
        await phone.locator(".input").press("Enter")

    async def sees(self, phone: Locator, text: str, timeout: int = 10_000) -> None:
        await expect(phone.locator(".bubble", has_text=text).last).to_be_attached(timeout=timeout)

    async def sos(self) -> None:
        await self.show(self.teacher)
        await self.teacher.locator(".reply-keys .key", has_text="SOS").click()
        await self.sees(self.teacher, self.words.received)
        await expect(self.centre.locator(".topic.open")).to_contain_text("2026-0001")
        await expect(self.centre.locator(".pin")).to_be_visible()

    async def say_what_and_where(self) -> None:
        await self.press(self.teacher, self.words.kind)
        await self.press(self.teacher, self.words.place)
        title = f"2026-0001 🔥 {self.words.kind} · {self.words.place}"
        await expect(self.centre.locator(".topic.open")).to_have_text(title, timeout=10_000)

    async def take_command(self) -> None:
        await self.press(self.centre, self.words.seen_button)
        await self.sees(self.teacher, self.words.seen)
        await self.press(self.centre, self.words.take_command)

    async def evacuate(self) -> None:
        await self.press(self.centre, self.words.evacuate)
        await self.press(self.centre, self.words.confirm)
        for phone in (self.teacher, self.lead, self.principal):
            await self.sees(phone, self.words.assemble)
        await self.sees(self.centre, self.words.in_force, timeout=CARD_MS)

    @asynccontextmanager
    async def in_private(self, phone: Locator) -> AsyncIterator[None]:
        """That phone shows its owner's chat with the bot; afterwards what it showed before."""
        await self.show(phone)
        chats = phone.locator(".chat-select")
        before = await chats.input_value()
        await chats.select_option(index=0)
        yield
        await chats.select_option(value=before)

    async def count_on_list(self) -> None:
        """The lead opens the list over the chat, says that all are here, and closes it."""
        await self.press(self.lead, self.words.open_list)
        overlay = self.lead.get_by_role("dialog", name=self.words.open_list)
        inside = overlay.frame_locator("iframe")
        await inside.get_by_role("button", name=self.words.all_here, exact=True).click()
        await expect(inside.locator(".done")).to_contain_text(self.words.all_here)
        await overlay.locator(".web-app-close").click()
        await expect(overlay).to_have_count(0)

    async def say_safe(self, phone: Locator) -> None:
        await self.press(phone, self.words.safe)
        await expect(phone.locator(".toast")).to_contain_text(self.words.noted_safe)

    async def open_board(self) -> Page:
        """The commander asks for the board and opens its link in a window beside."""
        async with self.in_private(self.centre):
            await self.write(self.centre, "/board")
            async with self.page.context.expect_page() as opening:
                await self.press(self.centre, self.words.open_board)
        board = await opening.value
        await expect(board.locator("#board")).to_have_attribute("data-phase", "live")
        return board

    async def announce(self, text: str) -> None:
        """The principal writes, the commander approves."""
        await self.write(self.principal, f"/announce {text}")
        await self.press(self.principal, self.words.submit)
        async with self.in_private(self.centre):
            await self.sees(self.centre, self.words.asks_approval)
            await self.press(self.centre, self.words.approve)
        await self.sees(self.teacher, text.splitlines()[0])
