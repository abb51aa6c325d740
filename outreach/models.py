"""Index of the tables of outreach."""

from outreach.alliance.models import Organisation
from outreach.ambassadors.models import Ambassador, Appointment
from outreach.availability.models import Hold
from outreach.requests.models import IntakeRules, NumberSeries, PlannedGroup, Request, Slot, Step
from outreach.schools.models import BellTime, Board, School
from outreach.visits.models import Group, Offer, Participation, ReachEntry, Report, Reschedule, Visit

__all__ = [
    "Ambassador",
    "Appointment",
    "BellTime",
    "Board",
    "Group",
    "Hold",
    "IntakeRules",
    "NumberSeries",
    "Offer",
    "Organisation",
    "Participation",
    "PlannedGroup",
    "ReachEntry",
    "Report",
    "Request",
    "Reschedule",
    "School",
    "Slot",
    "Step",
    "Visit",
]
