"""The weekly outage plan 停送电周计划: requests, rules, checks, plans and what breaks them (domain.md §3).

All of it is pure and may be used in workflows but `domain.outage.proposal`, which alone imports OR-tools.
"""
