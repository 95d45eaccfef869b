"""Others' code that the addon brings is named, with version and licence."""

import re

import pytest

from ground import ADDON, ROOT

LIBRARIES = sorted((ROOT / ADDON / "static" / "lib").iterdir())


@pytest.mark.parametrize("folder", LIBRARIES, ids=lambda folder: folder.name)
def test_version_and_licence_are_told(folder):
    told = (folder / "README.md").read_text()
    for script in folder.glob("*.js"):
        (version,) = re.findall(r"v(\d+\.\d+\.\d+)", script.read_text()[:200])
        assert version in told
    assert "Permission is hereby granted" in (folder / "LICENSE").read_text()
