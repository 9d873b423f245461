"""Words by which a sentence denies, doubts or pushes back at what somebody claims."""

from __future__ import annotations

import re

_DENIALS = re.compile(
    r"""\b(?:
    (?<!not\s)(?<!n't\s)(?<!n’t\s)(?<!never\s)den(?:y|ies|ied|ying|ials?)\b | disput(?:es?|ed|ing)\s(?:that|the|any|this|it|claims?|reports?|suggestions?)\b
  | reject(?:s|ed|ing)?\s(?:\w+\s){0,3}?(?:claims?|allegations?|accusations?|suggestions?|reports?|ideas?|notions?|criticisms?|charges?|calls?|
        assertions?|rumou?rs?|speculation|that|any|it|this|outright|as)\b
  | dismiss(?:es|ed|ing)?\s(?:\w+\s){0,4}?(?:claims?|allegations?|accusations?|suggestions?|reports?|ideas?|notions?|criticisms?|fears|
        concerns|rumou?rs?|speculation|talk|as)\b
  | refut(?:e|es|ed|ing)\b | rebut(?:s|ted|ting|tals?)?\b | contradict(?:s|ed|ing)?\b | debunk(?:s|ed|ing)?\b
  | push(?:es|ed|ing)?\sback\s(?:on|against|at|by)\b | (?:hit|hits|hitting)\sback\s(?:at|against)\b
  | refus(?:e|es|ed|ing|al)\sto\s(?:confirm|acknowledge|admit|accept|say|comment|discuss)\b
  | (?:not|n['’]t|never|cannot|neither|nor|no\sone)\s(?:\w+\s){0,2}?(?:confirm|confirmed|admitted|acknowledged|endorsed|verified)\b
  | declin(?:e|es|ed|ing)\sto\s(?:comment|say|confirm|discuss|answer|elaborate|be\sdrawn)\b
  | (?:would|could|did|does|do|will)(?:\snot|n['’]t)\s(?:\w+\s)?(?:comment|confirm)\b
  | no\s(?:one|body)\s(?:\w+\s){0,4}?is\b | nobody\sis\b
  | (?:not|n['’]t)\s(?:at\sall\s|even\s|actually\s|simply\s)?(?:true|accurate|correct|aware\sof|the\scase|been\sasked|our\sassessment)\b
  | (?:not|n['’]t)\s(?:in\sany\sway\s)?(?:linked|involved|connected|responsible|behind|guilty|planning|interested|related)\b
  | (?:is|are|was|were)\s(?:just\s|pure\s|mere\s|only\s)?["“]?speculation\b | there\s(?:is|was|are|were|have\sbeen|has\sbeen)\s(?:absolutely\s|so\sfar\s|still\s|currently\s)?no\b
  | unaware\sof\b | (?:not|n['’]t)\s(?:know|heard)\sof\b | no\s(?:knowledge|question|evidence|indications?|signs?|truth|intention|plans?|suggestions?|known\s(?:cases?|reports?)|reports?)\s(?:of|that|in|to|for)\b
  | (?:do|does|did|would)(?:\snot|n['’]t)\s(?:\w+\s)?(?:assess|believe|share|reflect|recogni[sz]e|support\sthe\s(?:claim|idea|view))\b
  | (?:is|are|was|were|am)(?:\snot|n['’]t)\s(?:\w+\s)?(?:trying|pressuring|pressing|forcing|pushing|asking|considering|convinced)\b
  | insist(?:s|ed|ing)?\s(?:that\s)?there\s(?:is|was|are|were|had\sbeen)\s(?:not|never|no)\b
  | (?:false|untrue|baseless|unfounded|groundless|inaccurate|misleading|incorrect|unsubstantiated)\b
  | (?:doubts?|doubted|doubtful|sceptical|skeptical|questioned)\b | rule[sd]?\sout\b | ruling\sout\b
  | wrong\sto\s(?:say|think|suggest)\b | on\sthe\scontrary\b | nothing\sto\sdo\swith\b | nothing\sof\sthe\ssort\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def denies(sentence: str) -> bool:
    """Whether the sentence denies or doubts something, refuses to confirm it, or declines to speak of it."""
    return bool(_DENIALS.search(sentence))
