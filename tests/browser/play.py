"""One incident played by real clicks: SOS, kind, place, acknowledge, command, evacuate."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

# Lines and cards keep to a group's 20 messages a minute; the card is current within half of one.
CARD_MS = 30_000


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
    ),
}


class Play:
    """The demo's four phones in one browser page: teacher, class lead, command centre, principal."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page = page
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
