"""Offers (打診), visits (訪問授業) and reports (実施報告): from the question to one ambassador to the counted pupils."""
