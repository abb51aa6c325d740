"""Sign-in counts how often somebody tries; each test begins with nothing counted."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_counts_of_others():
    cache.clear()
    yield
    cache.clear()
