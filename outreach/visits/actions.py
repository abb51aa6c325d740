"""The verbs of offers, visits and reports, and every verb of a request that can touch them.

Each file beside this one holds the verbs of one occasion; everybody else calls them from here.
"""

from outreach.visits.attending import begin_visits, cancel, deliver, leave, not_held, replace, undo_deliver
from outreach.visits.closing import (
    add_dates,
    decline_request,
    drop_date,
    expire_requests,
    reopen,
    settle,
    unmatch,
    withdraw,
)
from outreach.visits.offering import BusyElsewhere, accept, decline, expire_offers, other_days, retract, send_offer
from outreach.visits.recording import book_arranged, start_for_host
from outreach.visits.reporting import (
    REMINDER_DAYS,
    GroupCount,
    add_comment,
    correct,
    hand_back,
    may_verify,
    remind_of_reports,
    report,
    verify,
)
from outreach.visits.rescheduling import agree, expire_reschedules, propose, refuse, withdraw_proposal
from outreach.visits.states import CONTACTS_OPEN
from outreach.visits.suitability import buffers_for, lesson_of, obstacle

__all__ = [
    "CONTACTS_OPEN",
    "REMINDER_DAYS",
    "BusyElsewhere",
    "GroupCount",
    "accept",
    "add_comment",
    "add_dates",
    "agree",
    "begin_visits",
    "book_arranged",
    "buffers_for",
    "cancel",
    "correct",
    "decline",
    "decline_request",
    "deliver",
    "drop_date",
    "expire_offers",
    "expire_requests",
    "expire_reschedules",
    "hand_back",
    "leave",
    "lesson_of",
    "may_verify",
    "not_held",
    "obstacle",
    "other_days",
    "propose",
    "refuse",
    "remind_of_reports",
    "reopen",
    "replace",
    "report",
    "retract",
    "send_offer",
    "settle",
    "start_for_host",
    "undo_deliver",
    "unmatch",
    "verify",
    "withdraw",
    "withdraw_proposal",
]
