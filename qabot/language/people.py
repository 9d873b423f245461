"""Words for people: titles before a name, offices, and those who speak without being named."""

from __future__ import annotations

import re

TITLES = (
    "Gen Sen Sens Rep Reps Mr Mrs Ms Messrs Mme Mlle Dr Drs Lt Col Capt Cpt Sgt Maj Cmdr Cdr Adm Brig Prof Gov Govs "
    "Pres Rev Hon Amb Supt Det Insp Cpl Pvt Ret Msgr Fr Sir Dame Lord Lady Baroness Baron"
).split()

# Of anybody: "Mr Poole" does not say who he is.
HONORIFICS = frozenset("Mr Mrs Ms Messrs Mme Mlle".split())

# An office may stand before a name ("President Biden", "analyst John Brady") or for it ("the general said").
OFFICES = frozenset(
    """
    president vice-president chairman chairwoman chair vice-chairman secretary undersecretary minister premier
    chancellor ambassador senator representative congressman congresswoman governor mayor commissioner director
    director-general spokesman spokeswoman spokesperson general admiral colonel major captain lieutenant commander
    marshal sergeant king queen prince princess pope bishop archbishop judge justice attorney prosecutor lawyer
    solicitor professor doctor envoy adviser advisor aide leader head chief executive founder co-founder owner
    manager partner boss officer official analyst economist strategist expert scientist researcher engineer
    consultant investor trader dealer broker fund-manager journalist reporter correspondent editor author writer
    columnist historian activist campaigner lawmaker politician diplomat delegate deputy treasurer controller
    inspector superintendent detective speaker whip coach designer developer inventor entrepreneur
    """.split()
)

# "Norvik's president Ann Poole".
LEADER_OF = re.compile(
    r"\b(?P<of>(?:[A-Z]\.){2,}|[A-Z]\w+)(?:['’]s)? (?i:president|prime minister|premier|leader|chancellor|king) "
    r"(?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)"
)
