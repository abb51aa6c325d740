"""Reading the ministry's list of schools from a CSV file, line by line, and keeping what is right in it.

Nothing here trusts the file: any line may be broken, endless or not text at all, and the lines after it still count.
"""

import codecs
import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone, translation

from outreach.schools.models import School, search_key
from outreach.schools.places import PREFECTURES, Founder, SchoolType, check_digit_is_usual
