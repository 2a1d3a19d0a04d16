"""Words for synthetic agents and people."""


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "ada alma amir ana anton aya bela bruno carla chen cleo dana dario eda elif emil enzo "
    "eva fadi finn freya gael gita greta hana hugo ida imran ines ivo jana jonas juno kai "
    "kira lars lea lior luca maja malik mara milo mina nadia niko noor olga oskar otto "
    "pia priya quinn rafa remy rina rosa sami sana selma sven tariq tess theo uma vera "
    "viktor wanda yara yuki zeno zora"
)
SURNAMES = _words(
    "ahlberg aoki bauer bell berg brandt castro cole costa dahl diaz dubois eriksen falk "
    "ferro frost garcia gray haas hale holm ito jansen kern khan klein kovac kumar lang "
    "lind lopez marsh meyer mori moss nagy novak okafor olsen park petit quist reed rossi "
    "roth sato silva stone tanaka torres udo vance vogel wade weber winter wolf yilmaz "
    "young zhang ziegler"
)

# By category: the share of agents in percent, and their topics.
CATEGORIES: dict[str, tuple[int, list[str]]] = {
    "developer-tools": (
        22,
        _words(
            "api branch build changelog commit container dependency deploy diff docs "
            "endpoint flake git incident kernel lint log merge migration module monorepo "
            "patch pipeline protocol query refactor regex release review rollback schema "
            "script sprint stack test type"
        ),
    ),
    "productivity": (
        20,
        _words(
            "agenda backlog calendar chore deadline desk errand focus goal habit inbox "
            "journal kanban list meeting memo morning note office planner priority "
            "project reminder routine schedule standup task ticket timer todo travel week"
        ),
    ),
    "writing": (
        10,
        _words(
            "blog caption chapter character copy draft essay grammar haiku headline "
            "letter manuscript metaphor newsletter novel outline plot poem press prose "
            "resume rhyme scene sentence speech story style synopsis"
        ),
    ),
    "research": (
        9,
        _words(
            "abstract archive bibliography citation claim corpus evidence field footnote "
            "hypothesis interview library literature method paper patent preprint "
            "reference replication source survey thesis topic trial"
        ),
    ),
    "data-analysis": (
        8,
        _words(
            "anomaly chart cohort column correlation csv dashboard dataset distribution "
            "forecast funnel histogram metric outlier pivot quantile regression sample "
            "series spreadsheet statistics table trend variance"
        ),
    ),
    "education": (
        7,
        _words(
            "algebra anatomy chemistry civics course essay exam flashcard geography "
            "geometry grammar history homework language lecture lesson physics quiz "
            "reading science spelling syllabus vocabulary"
        ),
    ),
    "finance": (
        6,
        _words(
            "audit balance bill bookkeeping budget cash credit currency dividend expense "
            "fund invoice ledger loan mortgage payroll pension portfolio receipt savings "
            "stock tax treasury"
        ),
    ),
    "communication": (
        5,
        _words(
            "announcement chat conversation digest email feedback greeting introduction "
            "mail mention message minutes reply status thread translation voice webinar"
        ),
    ),
    "health-fitness": (
        5,
        _words(
            "allergy breathing calorie cardio cycling fasting hydration macro marathon "
            "meal meditation nutrition pace posture protein recovery running sleep "
            "strength stretch swim vitamin walk yoga"
        ),
    ),
    "entertainment": (
        4,
        _words(
            "adventure album anime arcade board cinema comic concert dungeon festival "
            "film game karaoke lyrics movie playlist podcast puzzle riddle trivia vinyl"
        ),
    ),
    "customer-support": (
        3,
        _words(
            "account churn complaint escalation faq helpdesk onboarding order outage "
            "queue refund response return satisfaction shipping subscription support "
            "warranty"
        ),
    ),
    "other": (
        1,
        _words(
            "aquarium attic bird camper compost cottage garden kitchen pantry recipe "
            "rooftop seed tide vineyard weather workshop"
        ),
    ),
}
# One in thirty-five: a search for "coach" finds about three percent of the agents, which is a
# realistic share for benchmarks.
ROLES = _words(
    "Analyst Archivist Assistant Auditor Buddy Builder Captain Clerk Coach Companion "
    "Concierge Copilot Critic Curator Detective Editor Explainer Guide Helper Keeper "
    "Librarian Mentor Navigator Oracle Pilot Planner Ranger Scout Scribe Sentinel Sherpa "
    "Steward Tracker Tutor Watcher"
)
ADJECTIVES = _words("Quiet Swift Tiny Daily Honest Northern Clever Gentle Open Plain Bright Steady")

TAGLINES = (
    "Keeps your {topic} in order, every day",
    "A calm second pair of eyes for every {topic}",
    "Turns a messy {topic} into a plan",
    "Answers questions about your {topic} in plain words",
    "Watches the {topic} so that you do not have to",
    "From {topic} to decision in five minutes",
    "Reads the {topic} and says what matters",
    "The {topic} expert that never sleeps",
    "Small steps towards a better {topic}",
    "Finds the mistakes in a {topic} before others do",
)
SENTENCES = (
    "It begins every session by asking what has changed since the last one.",
    "Ask it for a summary and it answers in five lines, never more.",
    "It keeps a short memory of your decisions about the {topic} and reminds you of them.",
    "When it is not sure, it says so and asks one question.",
    "It never sends anything anywhere: everything stays in the workspace.",
    "The rules that it follows are in `AGENTS.md`; change them as you like.",
    "Every heartbeat it looks at the {topic} again and notes what is new.",
    "It works best with a model that can hold a long conversation.",
    "Nothing is decided without you; it proposes, you choose.",
    "It was written for people who have little time for their {topic}.",
    "Templates for the first week are included.",
    "It explains each suggestion with the reason behind it.",
)
TAGS = _words(
    "assistant automation beginner calm checklist daily english expert family focus home "
    "local minimal notes offline personal planning privacy reminders research review "
    "small-team solo students summary team templates weekly work writing"
)
LICENSES = ("MIT", "MIT", "MIT", "Apache-2.0", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "BSD-3-Clause")
MODELS = ("large-context", "balanced", "fast", "frontier", "local-small")
YANK_REASONS = ("Broken entrypoint", "Wrong template", "Superseded by the next patch", None)
TITLES = ("Does what it says", "A daily habit now", "Good start", "Not for me", "Solid", None, None)
BODIES = (
    "Installed it on Monday, kept it on Friday.",
    "The tone is right and the answers are short.",
    "Helpful, although the first week took some patience.",
    "It asked better questions than I expected.",
    "I wish that it remembered more between sessions.",
    None,
)
