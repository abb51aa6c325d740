"""Requests (派遣の申込み): what a school asks for, with ranked slots and the day an answer is needed."""
