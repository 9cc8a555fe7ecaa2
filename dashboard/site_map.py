"""The site map: every page of the dashboard, once, in the order of the navigation.

The navigation, links from page to page, addresses, the course, the tours and the tests read it here. Knows no
Streamlit.
"""

from dataclasses import dataclass
from typing import Final, Literal

Section = Literal["Start", "Learn", "Lab", "Lecture", "Reference"]


@dataclass(frozen=True)
class SitePage:
    """One page of the dashboard.

    Attributes:
        section: Where the navigation lists it.
        stem: The name of its script and of its text, without their endings.
        title: What the navigation calls it.
        icon: A Material symbol, as Streamlit writes it.
    """

    section: Section
    stem: str
    title: str
    icon: str

    @property
    def path(self) -> str:
        """Its script, as `st.Page`, `st.page_link` and `st.switch_page` want it."""
        return f"pages/{self.section.lower()}/{self.stem}.py"

    @property
    def address(self) -> str:
        """Its URL path, such as "train"; empty for the overview, which opens first."""
        return "" if self == OVERVIEW else self.stem


OVERVIEW: Final = SitePage("Start", "overview", "Overview", ":material/home:")
COURSE: Final = (
    SitePage("Learn", "images", "Images", ":material/image:"),
    SitePage("Learn", "neurons", "Neurons and layers", ":material/hub:"),
    SitePage("Learn", "activations", "Activations", ":material/show_chart:"),
    SitePage("Learn", "loss", "Loss", ":material/trending_down:"),
    SitePage("Learn", "learning", "Learning", ":material/school:"),
    SitePage("Learn", "batches", "Epochs and batches", ":material/view_module:"),
    SitePage("Learn", "optimizers", "Optimisers", ":material/speed:"),
    # After batches and optimisers: two orders of batches, and SGD beside Adam on weights that are too small.
    SitePage("Learn", "starting_weights", "Starting weights", ":material/casino:"),
    SitePage("Learn", "testing", "Testing", ":material/fact_check:"),
    SitePage("Learn", "generalizing", "Generalising better", ":material/healing:"),
    SitePage("Learn", "script", "The whole script", ":material/terminal:"),
)
"""The lessons, in teaching order."""
TRAIN: Final = SitePage("Lab", "train", "Train", ":material/model_training:")
EVALUATE: Final = SitePage("Lab", "evaluate", "Evaluate", ":material/grid_on:")
PREDICT: Final = SitePage("Lab", "predict", "Predict", ":material/search:")
INSIDE: Final = SitePage("Lab", "inside", "Inside", ":material/visibility:")
DRAW: Final = SitePage("Lab", "draw", "Draw", ":material/draw:")
COMPARE: Final = SitePage("Lab", "compare", "Compare", ":material/compare_arrows:")
CODE: Final = SitePage("Lab", "code", "Code", ":material/code:")
TOUR: Final = SitePage("Lecture", "tour", "Guided tour", ":material/tour:")
CLASSROOM: Final = SitePage("Lecture", "classroom", "Classroom", ":material/co_present:")
JOIN: Final = SitePage("Lecture", "join", "Join", ":material/groups:")
CHALLENGES: Final = SitePage("Lecture", "challenges", "Challenges", ":material/trophy:")
GLOSSARY: Final = SitePage("Reference", "glossary", "Glossary", ":material/menu_book:")

LAB: Final = (TRAIN, EVALUATE, PREDICT, INSIDE, DRAW, COMPARE, CODE)
PAGES: Final = (OVERVIEW, *COURSE, *LAB, TOUR, CLASSROOM, JOIN, CHALLENGES, GLOSSARY)
"""All of them, section by section."""
BY_STEM: Final = {page.stem: page for page in PAGES}
