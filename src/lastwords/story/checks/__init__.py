"""The questions a record is asked, one for each system, and what must hold whatever was played.

parts    evidence that is there or missing, and how sealed words are found in a record
words    S1, S2, S4, S12: written, replaced, refused too early, wished for
case     S3, S5: the work in a case
care     S6, S11: what was given and seen, the report on arrival, the bed
pair     S7: two who chose each other
guards   S8, S9: glass that is broken, and doors that are kept
circle   S10, S14: the people around an author
home     S13: coming home
always   letters, the log, the clock, who keeps which words, and when
"""
