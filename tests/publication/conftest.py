"""What the tests of publication share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opsnb.publication import publish as publishing


def dying(publish: Callable[[], object]) -> None:
    """Let a process die while it publishes: one page is written, the next is not."""
    write, pages = publishing.write_atomically, []

    def crash(path, content):
        pages.append(path)
        if len(pages) == 2:
            raise KeyboardInterrupt
        write(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "write_atomically", crash)
        with pytest.raises(KeyboardInterrupt):
            publish()


@pytest.fixture(scope="session", name="dying")
def dying_() -> Callable[[Callable[[], object]], None]:
    return dying
