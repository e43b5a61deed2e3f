"""A browser for the pages, and the pages for it."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule.explain.page import page
from chainrule.explain.program import Program

VIEWER = Path(__file__).parents[3] / "viewer"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Letters are drawn as their font says, whatever the settings of the machine.
    "--font-render-hinting=none",
    "--disable-lcd-text",
]


def missing(what: str) -> None:
    """Fail where everything has to be tested, skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, one for all tests of a process."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the tests in a browser need the package playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        missing("the tests in a browser need Chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def modules() -> Path:
    """The folder of the viewer's tools."""
    folder = VIEWER / "node_modules"
    if shutil.which("node") is None or not folder.is_dir():
        missing("the viewer's sources are tested with Node and its tools: make viewer")
    return folder


class Tabs:
    """Tabs without a network, by their settings; one that is given back is used again. Pages keep nothing in them."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.free: dict[str, list[Any]] = {}

    @contextlib.contextmanager
    def one(self, settings: dict[str, Any]) -> Iterator[Any]:
        free = self.free.setdefault(repr(sorted(settings.items())), [])
        tab = free.pop() if free else self.browser.new_context(offline=True, **settings).new_page()
        yield tab
        tab.goto("about:blank")
        tab.set_viewport_size(settings["viewport"])
        tab.emulate_media(media="null")
        free.append(tab)


@pytest.fixture(scope="session")
def tabs(browser: Any) -> Tabs:
    return Tabs(browser)


class Opened:
    """A page in the browser, with the requests and the errors that it made."""

    def __init__(self, tab: Any, address: str) -> None:
        self.tab = tab
        self.address = address
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._listeners = {
            "request": lambda request: self.requests.append(request.url),
            "pageerror": lambda error: self.errors.append(str(error)),
            "console": lambda message: self.errors.append(message.text) if message.type == "error" else None,
        }
        for event, listener in self._listeners.items():
            tab.on(event, listener)

    def leave(self) -> None:
        """Listen no longer: the tab is somebody else's now."""
        for event, listener in self._listeners.items():
            self.tab.remove_listener(event, listener)

    def go(self, fragment: str = "") -> Opened:
        self.tab.goto(self.address + (f"#{fragment}" if fragment else ""))
        self.tab.wait_for_selector("html[data-ready]", timeout=10_000)
        return self

    def item(self, name: str) -> Any:
        """The box whose name is this."""
        return self.tab.locator("#graph .item").filter(
            has=self.tab.locator(f'xpath=.//*[@class="name" and text()="{name}"]')
        )

    def items(self) -> list[str]:
        return list(self.tab.locator("#graph .item .name").all_text_contents())

    def edge(self, place: int) -> Any:
        return self.tab.locator(f'#graph .wire[data-edges~="{place}"]')

    def badges(self) -> dict[str, str]:
        """The badges that are shown, by the names of the boxes; partial sums are as they stand."""
        return dict(
            self.tab.evaluate(
                """() => [...document.querySelectorAll("#graph .item")].flatMap((item) => {
                    const badge = item.querySelector(".badge text");
                    const name = item.querySelector(".name, .title").textContent;
                    return badge === null ? [] : [[name, badge.textContent.replace(/^\\S+ /, "")]];
                })"""
            )
        )

    def wait(self, expression: str) -> None:
        """Wait until an expression is true; the page's policy forbids the ways in which Playwright would."""
        for _ in range(100):
            if self.tab.evaluate(expression):
                return
            self.tab.wait_for_timeout(50)
        raise TimeoutError(expression)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.tab.keyboard.press(key)


@pytest.fixture
def opened(tabs: Tabs, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Writes the page of a program and opens it, without a network."""
    with contextlib.ExitStack() as stack:
        numbers = itertools.count()

        def open_program(program: Program, fragment: str = "", language: str = "en", **settings: Any) -> Opened:
            file = tmp_path / f"page {next(numbers)}.html"
            file.write_text(page(program, language=language), encoding="utf-8")
            settings = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **settings}
            view = Opened(stack.enter_context(tabs.one(settings)), file.as_uri())
            stack.callback(view.leave)
            return view.go(fragment)

        yield open_program
