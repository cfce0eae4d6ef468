"""What the survey form and the plan-reading form ask: one list, for writing and for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gapmap import vocabulary
from gapmap.vocabulary import ANSWERS, BARRIERS, DELIVERY, ROLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Version of the form: stands in the hidden column beside each question.
VERSION = 1

#: Columns of a form for so many services; a person may add more.
SERVICES = 5

#: Answers about people: they go to a file of their own and to no product.
PERSONAL = ("respondent_name", "respondent_email", "respondent_phone")

#: Beside the questions on single areas.
AREA_HELP = "All of it, or part?"

_YES_NO_UNKNOWN = {"yes": "Yes", "no": "No", "unknown": "Not known"}


@dataclass(frozen=True)
class Question:
    """One row of a form.

    Parameters
    ----------
    key
        What it is found by again.
    text
        The question.
    help
        What stands beside it.
    kind
        text, long, code, yes_no, number, age or date.
    options
        Codes and the words of the drop-down.
    """

    key: str
    text: str
    help: str = ""
    kind: str = "text"
    options: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Theme:
    """One sheet of a form.

    Parameters
    ----------
    key, title
        What it is found by, and the sheet's name.
    intro
        One or two sentences on top.
    questions
        Its rows.
    per_service
        Whether each service has a column of its own.
    """

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]
    per_service: bool = True


def _of(column: str) -> dict[str, str]:
    known = next(one for one in TABLES["services"] if one.name == column)
    return {code: str(words) for code, words in (known.allowed or {}).items()}


def _each(
    key: str, text: str, options: Mapping[str, str], answers: Mapping[str, str], help_: str
) -> tuple[Question, ...]:
    """A question with a row for each of its options."""
    return tuple(
        Question(f"{key}.{code}", f"{text}: {words}", help_, "code", answers)
        for code, words in options.items()
    )


#: Kinds of service to which a family may be referred on.
ONWARD = {
    code: vocabulary.category_label(code)
    for code in (
        "infant_mental_health",
        "perinatal_mental_health",
        "mother_baby_unit",
        "maternity_neonatal_psychology",
        "family_support",
    )
}

_YES = {"yes": "Yes", "no": "No"}


def themes(areas: Mapping[str, str] | None = None) -> tuple[Theme, ...]:
    """The sheets of the survey form.

    Parameters
    ----------
    areas
        Code and name of areas that are asked about one by one; by default areas are written.

    Examples
    --------
    >>> [theme.title for theme in themes()][:3]
    ['About you', 'The service', 'Who it is for']
    """
    extent = {"whole": "All of it", "part": "Part of it", "no": "No", "unknown": "Not known"}
    where = tuple(
        Question(f"area.{code}", f"Do you serve {name}?", AREA_HELP, "code", extent)
        for code, name in (areas or {}).items()
    )
    return (
        Theme("about", "About you", "Who you are, so that we can ask again. Names, e-mail "
              "addresses and telephone numbers are kept apart and are in no report.", (
            Question("organisation", "Name of your organisation", "As the public knows it"),
            Question("sector", "What kind of organisation is it?", "", "code", _of("sector")),
            Question("partners", "Who else takes part?", "Other organisations, ; between them"),
            Question("url", "Web page of the organisation or service", "https://..."),
            Question("respondent_name", "Your name", "Kept apart; in no report"),
            Question("respondent_role", "Your role", "Manager, team leader, family worker..."),
            Question("respondent_email", "Your e-mail address", "Kept apart; in no report"),
            Question("respondent_phone", "Your telephone number", "Kept apart; in no report"),
            Question("answered_on", "Date on which you fill this in", "22/11/2026", "date"),
            Question("central", "Do you answer for several branches centrally?", "", "yes_no",
                     _YES),
        ), per_service=False),
        Theme("service", "The service", "One column for each service. You have more than five? "
              "Copy the last column of each sheet, and count on in its head: Service 6.", (
            Question("name", "What is the service called?", "As families know it"),
            Question("service_id", "Our reference, if we sent you one", "Leave blank if not"),
            Question("category", "What kind of service is it?", "The nearest; Other if none fits",
                     "code", _of("category")),
            Question("tier", "Whom is it meant for?", "Universal: every family. Targeted: some "
                     "families. Specialist: those in most need", "code", _of("tier")),
            Question("status", "Does it run now?", "", "code", _of("status")),
            Question("opened", "When did it begin?", "A year is enough", "date"),
            Question("closed", "When did it end, or when will it?", "Blank if it goes on", "date"),
        )),
        Theme("whom", "Who it is for", "Ages with their unit: 6 months, 3 years, pregnancy.", (
            Question("age_from", "From what age?", "pregnancy, birth, 6 months, 2 years", "age"),
            Question("age_to", "Up to what age?", "3 years means up to the third birthday", "age"),
            Question("eligibility", "Who may come?", "In your words", "long"),
            Question("eligibility_narrow", "Is it only for some families of that age and area?",
                     "Such as referred by a court, or care-experienced", "yes_no",
                     _YES_NO_UNKNOWN),
            Question("designed_for_relationship",
                     "Is it made for the relationship of parent and baby?", "", "code",
                     _of("designed_for_relationship")),
        )),
        Theme("what", "What and how", "What families get.", (
            Question("interventions", "What is offered, by name?",
                     "Bookbug; Peep; Video Interaction Guidance... ; between them", "long"),
            *_each("delivery", "How is it delivered", DELIVERY, _YES, "Yes for each that is true"),
            Question("duration", "Is the help short or longer?", "Short: up to some weeks", "code",
                     _of("duration")),
            Question("schedule", "When does it run?", "", "code", _of("schedule")),
            Question("practical_help", "Which practical help is given?",
                     "Benefits, food, housing, clothes...", "long"),
            Question("capacity", "For how many at a time?", "A number", "number"),
            Question("capacity_unit", "How many of what?", "families, places, beds"),
        )),
        Theme("where", "Where", "Where it is based, and where families live who may come.", (
            Question("address", "Address where families come to", "Blank if you only visit"),
            Question("town", "Town or village"),
            Question("postcode", "Postcode", "EH1 3DG"),
            Question("location_confidential", "Must its address be kept secret?",
                     "Yes for a refuge: it is then shown nowhere", "yes_no", _YES),
            *where,
            Question("serves_scotland", "Do you serve all of Scotland?", "", "yes_no", _YES),
            Question("serves", "Which other areas do you serve?" if where
                     else "Which areas do you serve?",
                     "Councils or health boards by name, ; between them", "long"),
            Question("coverage_of_area", "Do you serve all of them?", "", "code",
                     _of("coverage_of_area")),
        )),
        Theme("ways_in", "How families get in", "Who can refer to you, and where you can refer on.",
              (
            Question("taking_referrals", "Do you take new families now?", "", "yes_no",
                     _YES_NO_UNKNOWN),
            Question("waiting_weeks", "How long is the wait, in weeks?", "0 if there is none",
                     "number"),
            *_each("referral", "Do you take families from", ROLES, _YES_NO_UNKNOWN,
                   "Not known is an answer too"),
            Question("criteria", "Which families do you take?", "Your criteria, in words", "long"),
            *_each("onward", "Can you refer a family on to", ONWARD, _YES_NO_UNKNOWN,
                   "Would they be taken?"),
        )),
        Theme("money", "Money", "How secure the service is. Who pays is in no public report.", (
            Question("funding", "How lasting is its money?", "", "code", _of("funding")),
            Question("funding_ends", "When does the money end?", "A month is enough", "date"),
            Question("funder", "Who pays?", "In no public report"),
        )),
        Theme("training", "Training and needs", "Courses that your staff took for work with babies "
              "and parents, and what they need.", (
            *(
                question
                for n in range(1, 5)
                for question in (
                    Question(f"training.{n}.course", f"Course {n}: what is it called?",
                             "Solihull, VIG, Mellow..."),
                    Question(f"training.{n}.places", f"Course {n}: how many staff took it?", "",
                             "number"),
                    Question(f"training.{n}.date", f"Course {n}: when?", "A year is enough",
                             "date"),
                )
            ),
            Question("staff_group", "Which staff took them?", "Family workers, volunteers..."),
            Question("needs", "Which training or support do you need?", "", "long"),
        ), per_service=False),
        Theme("voice", "Evidence and voice", "What helps and what stands in the way.", (
            *_each("barrier", "Does this stop families from coming", BARRIERS, _YES,
                   "Yes for each that is true"),
            Question("barrier_words", "What else stands in the way?", "", "long"),
            Question("evidence", "How do you know that it helps?", "Measures, evaluations, stories",
                     "long"),
            Question("families_voice", "Do families say how it should be?", "", "yes_no", _YES),
            Question("co_production", "Do families help to make it?", "How, in your words",
                     "long"),
        )),
        Theme("consent", "Consent", "What we may do with your answers. Thank you!", (
            Question("consent_to_publish", "May what you told us about your services be published?",
                     "No: it is in no public report, map or list", "yes_no", _YES),
            Question("may_ask_again", "May we ask you again?", "", "yes_no", _YES),
            Question("else", "Is there anything else?", "", "long"),
        ), per_service=False),
    )  # fmt: skip


#: What is asked about a plan as a whole.
PLAN_ABOUT = (
    Question("area_code", "Whose plan is it?", "Council, board or partnership, by name"),
    Question("document", "What is it called?", "Children's Services Plan"),
    Question("period", "For which years?", "2023-26"),
    Question("source", "Where did you read it?", "Its web address"),
    Question("source_date", "When was it published?", "A year is enough", "date"),
    Question("basis", "What did you read of it?", "The whole text, a summary, a page about it"),
    Question("read_on", "When did you read it?", "", "date"),
    Question("doubt", "What is doubtful?", "", "long"),
)

#: What is asked of its words, by the code in the table of plans.
PLAN_QUESTIONS = {
    "names_infants": "Does it speak of babies and infants?",
    "names_infant_mental_health": "Does it speak of infant mental health?",
    "names_early_years_mental_health": "Does it speak of mental health in the early years?",
    "names_perinatal": "Does it speak of perinatal mental health?",
    "names_attachment": "Does it speak of attachment, or the relationship of parent and baby?",
    "local_need": "Does it say what families with babies need here?",
    "families_voice": "Were families heard for it?",
    "co_production": "Did families help to make it?",
    "lead_named": "Does it name who leads on parents and babies?",
    "money_named": "Does it set money aside for the early years?",
    "progress_reported": "Is there a report on what came of it?",
}

#: Columns of a plan's questions: key, head of the column.
PLAN_COLUMNS = {
    "answer": "Answer",
    "quote": "Its words",
    "page": "Page",
    "says": "What it says, in your words",
}


def plan_theme() -> Theme:
    """The one sheet of the plan-reading form; copied for another plan.

    Examples
    --------
    >>> plan_theme().questions[0].key
    'area_code'
    """
    rows = (
        Question(f"plan.{code}", text, "Quote its own words, with the page", "code", ANSWERS)
        for code, text in PLAN_QUESTIONS.items()
    )
    return Theme(
        "plan",
        "Plan",
        "One sheet for one plan. For another plan copy the sheet, or save the file again.",
        (*PLAN_ABOUT, *rows),
        per_service=False,
    )


def anchor(key: str) -> str:
    """What stands in the hidden column beside a question.

    Examples
    --------
    >>> anchor("name")
    'gm1:name'
    """
    return f"gm{VERSION}:{key}"
