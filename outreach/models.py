"""Index of the tables of outreach."""

from outreach.alliance.models import Organisation
from outreach.ambassadors.models import (
    Acceptance,
    Ambassador,
    Appointment,
    Assistant,
    CodeOfConduct,
    Facet,
    OldSlug,
    ProfileProposal,
)
from outreach.availability.models import (
    BusyBlock,
    CalendarSource,
    Conditions,
    DayException,
    FreeBlock,
    Hold,
    Stay,
    WeeklyRule,
)
from outreach.calendars.models import Feed
from outreach.inquiries.models import Inquiry, InquiryStep
from outreach.messages.models import Attachment, Message, Reading
from outreach.requests.models import Hand, IntakeRules, NumberSeries, PlannedGroup, Request, Slot, Step
from outreach.schools.models import BellTime, Board, School
from outreach.visits.models import Group, Offer, Participation, ReachEntry, Report, Reschedule, Visit

__all__ = [
    "Acceptance",
    "Ambassador",
    "Appointment",
    "Assistant",
    "Attachment",
    "BellTime",
    "Board",
    "BusyBlock",
    "CalendarSource",
    "CodeOfConduct",
    "Conditions",
    "DayException",
    "Facet",
    "Feed",
    "FreeBlock",
    "Group",
    "Hand",
    "Hold",
    "Inquiry",
    "InquiryStep",
    "IntakeRules",
    "Message",
    "NumberSeries",
    "Offer",
    "OldSlug",
    "Organisation",
    "Participation",
    "PlannedGroup",
    "ProfileProposal",
    "ReachEntry",
    "Reading",
    "Report",
    "Request",
    "Reschedule",
    "School",
    "Slot",
    "Stay",
    "Step",
    "Visit",
    "WeeklyRule",
]
