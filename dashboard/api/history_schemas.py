"""The documents of history as JSON Schema: groups, tables, changes, judgements and gaps."""

from __future__ import annotations

from dashboard.api.schema import TIME, Schema, array, count, maybe, number, one_of, record, ref, text
from triage.core.findings import Level, Mechanism, VerdictKind, VerdictSide
from triage.core.history.records import ExperimentKind
from triage.models import FailureGroup, VerdictChange
from triage.store.judgements import REASON

EXPERIMENT = one_of(ExperimentKind, "what the run was made for")
_PROBABILITY = {"minimum": 0, "maximum": 1}

HISTORY_SCHEMAS: dict[str, Schema] = {
    "Gap": record(
        "One thing that a run's logs cannot prove, and what would make them.",
        kind=text("snake_case"),
        text=text("a sentence: what is missing, and what cannot be told because of it"),
        fix=maybe(text("the exact configuration line, command or option")),
        where=maybe(text("where that line goes")),
        lines=array(record("A line that lacks it.", part=text("name of the part"), line=count()), "examples"),
        hurts=count("failing tests of the run whose verdict could be surer"),
    ),
    "Brief": record(
        "A verdict without its evidence.",
        kind=one_of(VerdictKind),
        side=maybe(one_of(VerdictSide)),
        mechanism=maybe(one_of(Mechanism)),
        level=one_of(Level),
        confidence=number("a calibrated probability", **_PROBABILITY),
        summary=text("one sentence"),
    ),
    "Change": record(
        "A verdict that became another one.",
        ("run",),
        verdict=ref("Brief") | {"description": "as it was"},
        became=ref("Brief"),
        cause=one_of(
            VerdictChange.Cause.values,
            "history: other runs decided it; core: another version of the analysis; evidence: more logs of the run",
        ),
        reason=text("a sentence"),
        core_version=count("version of the analysis that gave what it became"),
        at=TIME,
        run=text("id of the run; in the document of a group", format="uuid"),
    ),
    "Table": record(
        "How often a test failed and passed where two things were apart, and where they were not.",
        failed_different=count(),
        passed_different=count(),
        failed_same=count(),
        passed_same=count(),
        p_value=number("Fisher's exact test, one-sided: failures go with different", **_PROBABILITY),
        unknown_failed=count("failed, and the logs do not tell"),
        unknown_passed=count("passed, and the logs do not tell"),
    ),
    "Rates": record(
        "How often write and read would part by the shares of the processes alone, and how often the test failed.",
        expected=maybe(number("1 - sum of p squared, averaged over the runs whose shares are known", **_PROBABILITY)),
        observed=maybe(number("", **_PROBABILITY)),
        runs=count(),
    ),
    "History": record(
        "What all runs of the test say together.",
        processes=ref("Table") | {"description": "different: write and read met different processes"},
        lives=ref("Table") | {"description": "different: the process that held the state was replaced in between"},
        rates=ref("Rates"),
        reason=maybe(text("why they say otherwise than the newest run alone")),
        at=maybe(TIME | {"description": "when they were last looked at"}),
    ),
    "Experiment": record(
        "What the runs of one experiment say so far.",
        kind=EXPERIMENT,
        state=one_of(("open", "confirmed", "refuted", "verified", "failed")),
        passed=count(),
        failed=count(),
        needed=maybe({"type": "integer", "description": "further passing runs until it decides; null where none can"}),
        certainty=number("at which it decides", **_PROBABILITY),
        chance=number("that as many runs pass by chance alone", **_PROBABILITY),
        sentence=text(),
    ),
    "Group": record(
        "A failure that comes back: the same test, failing in the same way.",
        ("runs", "changes", "judgements"),
        id=count(),
        url=text("the page for people", format="uri"),
        test=text("node id"),
        status=one_of(FailureGroup.Status.values, "fixed: enough runs with the fix passed that chance is excluded"),
        message=text("of the newest occurrence"),
        fingerprint=record(
            "What makes two failures the same one.",
            key=text(),
            version=count(),
            compared=text("the failure without what differs each time"),
            rules=array(text(), "names of the rules that left something out"),
        ),
        occurrences=count("runs in which it happened"),
        first_seen=maybe(TIME),
        last_seen=maybe(TIME),
        verdict=ref("Brief") | {"description": "of the newest occurrence, in the light of all runs"},
        pair=maybe(record("The write and the read that it is about.", write=text(), read=text())),
        history=maybe(ref("History")),
        experiments=array(ref("Experiment")),
        item=maybe(ref("Care") | {"description": "the newest one of the group"}),
        runs=array(ref("Occurrence"), "the newest 50; in the document of one group"),
        changes=array(ref("Change"), "the newest 100; in the document of one group"),
        judgements=array(ref("Judgement"), "newest first; in the document of one group"),
    ),
    "GroupPage": record(
        "A page of groups, the one that happened last first.",
        groups=array(ref("Group"), maxItems=100),
        next_cursor=maybe(text("send it as cursor for the next page; null on the last one")),
    ),
    "Occurrence": record(
        "One run in which a failure happened.",
        run=text("its id", format="uuid"),
        run_key=text(),
        url=text("", format="uri"),
        at=TIME | {"description": "when it ran"},
        branch=maybe(text()),
        experiment=maybe(EXPERIMENT),
        alone=maybe(one_of(VerdictKind, "the kind that this run alone gave")),
    ),
    "NewJudgement": record(
        "What a person says of a verdict.",
        ("kind", "mechanism", "reason"),
        test=text("node id of the failing test"),
        accepted={"type": "boolean", "description": "whether the verdict is right"},
        kind=maybe(one_of(VerdictKind, "what it was instead; needed where it is wrong")),
        mechanism=maybe(one_of(Mechanism, "what it was instead")),
        reason=maybe(text("how they know; needed where it is wrong", maxLength=REASON)),
    ),
    "Judgement": record(
        "What a person said of a verdict. It is never changed; the newest one of a verdict counts.",
        id=count(),
        test=text("node id"),
        accepted={"type": "boolean"},
        kind=one_of(VerdictKind, "what it is, as the person says"),
        mechanism=maybe(one_of(Mechanism)),
        reason=text(),
        who=text("a person's name, or a token's"),
        at=TIME,
        verdict=ref("Brief") | {"description": "as it was shown"},
        core_version=count("version of the analysis that gave it"),
    ),
}
