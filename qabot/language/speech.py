"""The verbs of reported speech, and the nouns for those who speak without a name."""

from __future__ import annotations

# These report speech whatever follows.
SAYING = frozenset(
    """
    said says say told tells warned warns argued argues claimed claims wrote writes added adds insisted insists
    acknowledged acknowledges explained explains stated states noted notes admitted admits conceded concedes declared
    declares commented comments remarked remarks replied responded denied denies deny stressed stresses emphasized
    emphasised emphasizes emphasises maintains maintained announced reiterated asserted contended contends quipped joked
    lamented cautioned cautions complained complains concluded concludes observed predicted predicts boasted testified
    alleged alleges tweeted confirmed confirms vowed vows retorted argue warn insist maintain admit acknowledge deny
    predict telling saying
    """.split()
)
# These do so beside a quotation or before "that".
SAYING_WITH_MORE = frozenset(
    """
    suggested suggests reported reports revealed reveals continued asked asks called calls agreed
    agrees believes believed thinks thought estimated estimates recalled recalls promised promises urged urges described
    describes dismissed dismisses rejected rejects refused pointed points hinted mentioned answered indicated
    indicates suggest believe think claiming warning arguing insisting accused accuses found finds shows showed expects
    expected hopes demanded demands wondered blamed
    """.split()
)

SPEAKERS = frozenset(
    """
    member spokesperson source sources official people person insider insiders witness resident critic supporter opponent
    executives man woman men women father mother brother sister son daughter wife husband friend colleague student
    teacher user customer buyer fan farmer worker retailer supplier shareholder company firm group bank agency
    ministry government department office court commission committee council parliament administration army
    military police union party association organisation organization institute university watchdog regulator
    body team report study survey statement letter document newspaper paper magazine website outlet broadcaster
    network press media airline carrier carmaker maker giant retailer operator authority authorities forum body
    think-tank board panel charity lobby federation exchange fund house service factory developer
    authorities staff poll veteran soldier pilot doctor nurse scientist pair duo trio couple
    """.split()
)
